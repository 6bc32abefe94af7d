// A PostgreSQL of the tests' own, from Debian's packages: in a temporary folder, on a socket there and a port of
// 127.0.0.1, as an unprivileged user. It ends with the process that started it, however that ends.

import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PACKAGES = '/usr/lib/postgresql';

/** The folder with the programs of the newest PostgreSQL on this machine; null where there is none. */
function programs() {
  if (!existsSync(PACKAGES)) return null;
  const versions = readdirSync(PACKAGES).filter((name) => existsSync(join(PACKAGES, name, 'bin', 'postgres')));
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0];
  return newest === undefined ? null : join(PACKAGES, newest, 'bin');
}

/**
 * Why tests that need a PostgreSQL are skipped: a sentence, or false. With PGTAP_REQUIRE_POSTGRES=1 they are not
 * skipped: starting the server fails.
 */
export const withoutPostgres = programs() === null && process.env.PGTAP_REQUIRE_POSTGRES !== '1'
  && 'there is no PostgreSQL on this machine (Debian: apt-get install postgresql postgresql-15-pgtap)';

/** PostgreSQL refuses to run as root. */
function unprivileged() {
  if (process.getuid() !== 0) return {};
  const ids = ['-u', '-g'].map((flag) => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout));
  if (!ids.every((id) => id > 0)) throw new Error('PostgreSQL does not run as root, and there is no user postgres');
  return { uid: ids[0], gid: ids[1] };
}

function run(program, args, user) {
  const done = spawnSync(program, args, { ...user, cwd: '/', encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8' } });
  if (done.status !== 0) throw new Error(`${program} failed: ${done.stderr || done.error}`);
}

/** A port that nothing listens on now. */
export function freePort() {
  return new Promise((settle, reject) => {
    const probe = createServer().once('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => settle(port));
    });
  });
}

/** Trusts the socket; over TCP it wants a password. */
const ACCESS = 'local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n';

/** Settings for a server that may lose its data. */
const SETTINGS = {
  fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off', autovacuum: 'off', shared_buffers: '64MB',
  max_connections: '20', log_min_messages: 'fatal', listen_addresses: '127.0.0.1',
};

/**
 * Runs postgres behind a shell that waits for the end of its input: the pipe closes when this process ends, even by
 * SIGKILL, and the shell then stops the server and removes the folder.
 */
const WATCHDOG = `
"$1" "\${@:3}" 2>"$2/log" </dev/null &
server=$!
cat >/dev/null
kill -QUIT "$server" 2>/dev/null
wait "$server"
rm -rf "$2"
`;

function start(bin, folder, port, user) {
  const settings = Object.entries({ ...SETTINGS, port, unix_socket_directories: folder })
    .flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const args = ['-c', WATCHDOG, 'watchdog', join(bin, 'postgres'), folder, '-D', join(folder, 'data'), ...settings];
  return spawn('/bin/bash', args, { ...user, cwd: '/', detached: true, stdio: ['pipe', 'ignore', 'inherit'] });
}

async function untilReady(pg, settings) {
  for (let tries = 0; ; tries += 1) {
    const client = new pg.Client(settings);
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (tries === 600) throw error;
      await new Promise((settle) => setTimeout(settle, 100));
    }
  }
}

/** A folder with a new cluster; nothing is left of it when it cannot be made. */
function newCluster(bin, user) {
  const folder = mkdtempSync(join(tmpdir(), 'pgtap-postgres-'));
  try {
    chmodSync(folder, 0o755);
    if (user.uid) chownSync(folder, user.uid, user.gid);
    run(join(bin, 'initdb'), ['-D', join(folder, 'data'), '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync'], user);
    writeFileSync(join(folder, 'data', 'pg_hba.conf'), ACCESS);
    return folder;
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Starts a server.
 *
 * @returns {Promise<{ settings: object, host: string, port: number, folder: string, programs: string, stop: () => Promise<void> }>}
 *   `settings` connect pg's superuser over the socket in `folder`; `port` is that of 127.0.0.1, too; `programs` is the
 *   folder of psql, pg_dump and so on
 */
export async function startPostgres() {
  const bin = programs();
  if (bin === null) throw new Error('PGTAP_REQUIRE_POSTGRES is 1, but there is no PostgreSQL on this machine');
  const { default: pg } = await import('pg');
  const user = unprivileged();
  const port = await freePort();
  const folder = newCluster(bin, user);
  const child = start(bin, folder, port, user);
  const ended = new Promise((settle) => { child.once('exit', settle); });
  const stop = async () => {
    child.stdin.end();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const settings = { host: folder, port, user: 'postgres', database: 'postgres' };
  try {
    await untilReady(pg, settings);
  } catch (error) {
    await stop();
    throw error;
  }
  return { settings, host: '127.0.0.1', port, folder, programs: bin, stop };
}
