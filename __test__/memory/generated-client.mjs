// A client that Prisma generates for a test, without an engine and without the network.
import { execFile } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { suiteFolder } from '../suite-folder.mjs';

const require = createRequire(import.meta.url);
const MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url));
const CLI = join(dirname(require.resolve('prisma/package.json')), 'build', 'index.js');
const HEAD = `
generator client {
  provider   = "prisma-client-js"
  output     = "./generated"
  engineType = "client"
}
datasource db {
  provider = "postgresql"
}`;

/**
 * Generates a client in a folder of the test's.
 *
 * @param {{ after: (fn: () => void) => void }} t the test, or whoever cleans up
 * @param {string} models of the schema
 * @returns {Promise<object>} the module that was generated
 */
export async function generatedClient(t, models) {
  const root = suiteFolder(t);
  writeFileSync(join(root, 'schema.prisma'), `${HEAD}\n${models}\n`);
  symlinkSync(MODULES, join(root, 'node_modules'), 'junction');
  // Generating needs no engine; without a path Prisma would download one all the same.
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1' };
  await promisify(execFile)(process.execPath, [CLI, 'generate', '--no-hints'], { cwd: root, env });
  return createRequire(join(root, 'index.js'))('./generated');
}
