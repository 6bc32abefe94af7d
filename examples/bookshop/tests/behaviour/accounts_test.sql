SET client_min_messages TO warning;
BEGIN;
SELECT plan(3 * 6);

-- registration
SELECT lives_ok($$ SELECT accounts.register_customer('zoe@example.org', 'Zoë') $$, 'Zoë registers');
SELECT isnt_empty($$ SELECT FROM accounts.customers WHERE email = 'zoe@example.org' $$, 'and is a customer');
SELECT throws_ok(
    $$ SELECT accounts.register_customer('ZOE@example.org', 'Zoe again') $$,
    '23505',
    'customer "ZOE@example.org" is already registered',
    'upper case is no disguise'
);
SELECT throws_ok($$ SELECT accounts.register_customer('zoe', 'Zoe') $$, '23514', NULL, 'not an address');
SELECT throws_ok($$ SELECT accounts.register_customer('y@example.org', '   ') $$, '23514', NULL, 'a blank is not a name');
SELECT throws_ok($$ SELECT accounts.register_customer('y@example.org', NULL) $$, '23502', NULL, 'nor is null');

-- defaults
SELECT is(c.loyalty_tier, 'standard', 'tier of a new customer') FROM accounts.customers AS c WHERE c.email = 'zoe@example.org';
SELECT ok(c.is_active, 'new customers are active') FROM accounts.customers AS c WHERE c.email = 'zoe@example.org';
SELECT is(c.created_at, now(), 'registered now') FROM accounts.customers c WHERE c.email = 'zoe@example.org';
SELECT throws_ok(
    $$ UPDATE accounts.customers SET loyalty_tier = 'platinum' $$,
    '23514', NULL, 'there is no platinum'
);

-- sessions
INSERT INTO accounts.sessions (customer_id, user_agent)
SELECT customer_id, 'Mozilla/5.0 (it''s a browser)' FROM accounts.customers;
SELECT is(expires_at - opened_at, interval '14 days', 'sessions last a fortnight') FROM accounts.sessions;
SELECT isnt(token, NULL, 'sessions have tokens') FROM accounts.sessions;
SELECT isa_ok(token, 'uuid', 'the token') FROM accounts.sessions;
SELECT lives_ok('DELETE FROM accounts.customers', 'customers without orders can be deleted');
SELECT is_empty('TABLE accounts.sessions', 'their sessions go with them');

-- the current customer
SELECT set_config('bookshop.customer_id', '17', true) IS NOT NULL;
SELECT is(accounts.current_customer_id(), 17::bigint, 'from the setting');
SELECT set_config('bookshop.customer_id', '', true) IS NULL;
SELECT is(accounts.current_customer_id(), NULL::bigint, 'an empty setting is nobody');
SELECT is(accounts.current_customer_id(), NULL, 'still nobody');

SELECT * FROM finish();
ROLLBACK;
