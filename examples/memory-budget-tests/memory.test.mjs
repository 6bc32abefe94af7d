import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';

import { expectNoLeak, loadTestWithMemoryMonitoring, registerBudgetTarget, testMemoryBudget } from 'pgtap-scanner/memory/testing';
import { Session, UserService, serve } from './service.mjs';

const service = new UserService();
const users = Array.from({ length: 1000 }, (_, id) => ({ id, name: `user ${id}` }));
registerBudgetTarget('UserService.processUsers', (input) => service.processUsers(input));

test('1,000 users stay within 50 MB', async () => {
  await testMemoryBudget('UserService.processUsers', { maxMemoryMB: 50, iterations: 20, input: users });
});

test('a visit leaves no session behind', async () => {
  await expectNoLeak(() => service.visit(users[0]), { classes: [Session] });
});

test('under load nothing adds up', async (t) => {
  const server = serve(service).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const { errors, leak } = await loadTestWithMemoryMonitoring({
    concurrent: 10,
    duration: 2000,
    endpoint: '/',
    baseUrl: `http://127.0.0.1:${server.address().port}`,
    memoryThreshold: 200 * 1024 * 1024,
  });
  assert.equal(errors, 0);
  assert.equal(leak.suspected, false, JSON.stringify(leak));
});
