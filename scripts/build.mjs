// Builds the native addon: `node scripts/build.mjs [--debug] [--if-needed]`.
//
// --if-needed (what `npm install` and `npm test` call) does nothing when the addon is newer than its sources, when
// npx only prepares to run the program, or when the build tool is not installed (a production install uses the
// prebuilt packages).

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const options = new Set(process.argv.slice(2));

const changed = (path) => statSync(path).mtimeMs;

function newest(folder) {
  const times = readdirSync(folder, { withFileTypes: true })
    .map((entry) => join(folder, entry.name))
    .map((path) => (statSync(path).isDirectory() ? newest(path) : changed(path)));
  return Math.max(0, ...times);
}

/** The addons that are built, with their times. */
function built() {
  const lib = join(root, 'lib');
  return readdirSync(lib).filter((name) => name.endsWith('.node')).map((name) => changed(join(lib, name)));
}

function isCurrent() {
  const sources = ['Cargo.toml', 'Cargo.lock', 'build.rs'].map((name) => changed(join(root, name)));
  return built().some((time) => time >= Math.max(...sources, newest(join(root, 'src'))));
}

function skipReason() {
  if (!options.has('--if-needed')) return null;
  if (isCurrent()) return 'the addon is up to date';
  if (process.env.npm_command === 'exec' && built().length > 0) return 'only a program is run';
  if (!existsSync(join(root, 'node_modules', '@napi-rs', 'cli'))) return 'the build tool @napi-rs/cli is not installed';
  return null;
}

function build() {
  const cli = createRequire(import.meta.url).resolve('@napi-rs/cli/package.json');
  const program = join(dirname(cli), 'dist', 'cli.js');
  const names = ['--output-dir', 'lib', '--js', 'native.js', '--dts', 'native.d.ts', '--no-const-enum'];
  const profile = options.has('--debug') ? [] : ['--release'];
  const run = spawnSync(process.execPath, [program, 'build', '--platform', ...profile, ...names], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (run.status !== 0) {
    console.error('The native addon was not built. It needs Rust (cargo) and a C compiler; see CONTRIBUTING.md.');
  }
  process.exitCode = run.status ?? 1;
}

const reason = skipReason();
if (reason) console.log(`Not built: ${reason}.`);
else build();
