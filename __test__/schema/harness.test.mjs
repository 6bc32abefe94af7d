// The server that tests start ends with them.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { withoutPostgres } from '../postgres/server.mjs';

const SERVER = new URL('../postgres/server.mjs', import.meta.url).href;

const runs = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
};

/** The first line that a program prints. */
async function firstLine(child) {
  for await (const chunk of child.stdout) return String(chunk).trim();
  throw new Error('it printed nothing');
}

async function until(holds) {
  for (let tries = 0; tries < 600 && !holds(); tries += 1) await new Promise((settle) => setTimeout(settle, 100));
  return holds();
}

describe('the server of the tests', { skip: withoutPostgres }, () => {
  it('ends with the process that started it, even when that is killed, and leaves nothing', async () => {
    const code = `import { startPostgres } from '${SERVER}'; console.log((await startPostgres()).folder); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
    const folder = await firstLine(child);
    const server = Number(readFileSync(join(folder, 'data/postmaster.pid'), 'utf8').split('\n')[0]);
    assert.equal(runs(server), true);
    child.kill('SIGKILL');
    assert.equal(await until(() => !runs(server) && !existsSync(folder)), true);
  });
});

describe('a machine without PostgreSQL', () => {
  /** What the harness says where `/usr/lib/postgresql` is empty. */
  async function said(variables) {
    const code = `import fs from 'node:fs';
      const { existsSync } = fs;
      fs.existsSync = (path) => !String(path).startsWith('/usr/lib/postgresql') && existsSync(path);
      (await import('node:module')).syncBuiltinESMExports();
      const { startPostgres, withoutPostgres } = await import('${SERVER}');
      console.log(JSON.stringify([withoutPostgres, await startPostgres().catch((error) => error.message)]));`;
    const env = { ...process.env, ...variables };
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    return JSON.parse(await firstLine(child));
  }

  it('skips the tests and says why, or fails where PostgreSQL is required', async () => {
    const [reason] = await said({ PGTAP_REQUIRE_POSTGRES: '' });
    assert.match(reason, /there is no PostgreSQL on this machine/);
    assert.deepEqual(await said({ PGTAP_REQUIRE_POSTGRES: '1' }), [false, 'PGTAP_REQUIRE_POSTGRES is 1, but there is no PostgreSQL on this machine']);
  });
});
