-- A customer sees and changes their own rows, and nobody else's.
begin;
\ir ../setup/helpers.sql
\ir ../setup/fixtures.sql

select plan(22);

\set ada 1
\set bruno 2

-- not logged in as anybody: nothing to see
set local role bookshop_customer;
select is_empty('select * from accounts.customers', 'no customer id, no customers');
select is_empty('select * from accounts.addresses', 'no customer id, no addresses');
select is(accounts.current_customer_id(), null, 'nobody');

-- Ada
set local bookshop.customer_id = :'ada';
select is(accounts.current_customer_id(), :ada::bigint, 'now it is Ada');
select results_eq(
    'select full_name from accounts.customers',
    array['Ada O''Brien'],
    'Ada sees herself'
);
select bag_eq(
    'select label from accounts.addresses',
    $$values ('home'::varchar), ('work')$$,
    'Ada sees both her addresses'
);
select lives_ok(
    $$update accounts.customers set full_name = 'Ada O''Brien-Byrne' where customer_id = 1$$,
    'Ada changes her name'
);
select throws_ok(
    $$update accounts.customers set loyalty_tier = 'gold' where customer_id = 1$$,
    '42501',
    'permission denied for table customers',
    'Ada cannot promote herself'
);
select is_empty(
    $$update accounts.customers set full_name = 'Mallory' where customer_id = 2 returning customer_id$$,
    'Ada cannot rename Bruno'
);
select throws_ok(
    format('insert into accounts.addresses (customer_id, label, street, city, postcode, country_code) values (%s, %L, %L, %L, %L, %L)',
           :bruno, 'spare', '1 Sneaky Street', 'Cambridge', 'CB1', 'GB'),
    '42501',
    'new row violates row-level security policy for table "addresses"',
    'Ada cannot add an address for Bruno'
);
select isnt_empty(
    $$insert into accounts.addresses (address_id, customer_id, label, street, city, postcode, country_code)
      values (50, 1, 'summer', '2 Beach Road', 'Cromer', 'NR27', 'GB') returning address_id$$,
    'Ada adds one of her own'
);
select throws_ok('select * from accounts.staff', '42501', null, 'the staff list is private');
select throws_ok($$insert into accounts.customers (email, full_name) values ('x@example.org', 'X')$$, '42501');
select throws_ok($$delete from accounts.customers where customer_id = 1$$, '42501', null, 'customers ask staff to be forgotten');

-- Bruno, through the helper this time
reset role;
select test_helpers.act_as_customer(2);
select is(current_user, 'bookshop_customer', 'the helper changed the role');
select results_eq('select customer_id from accounts.customers', $$values (2::bigint)$$, 'Bruno sees himself');
select is((select count(*) from accounts.addresses), 1::bigint, 'and his one address');
select is_empty('delete from accounts.addresses where customer_id = 1 returning 1', 'Ada''s addresses are safe');

-- staff
reset role;
set local role bookshop_staff;
select results_eq('select count(*) from accounts.customers', array[3::bigint], 'staff see all customers');
select lives_ok($$update accounts.customers set loyalty_tier = 'silver' where customer_id = 2$$, 'staff promote customers');
select throws_ok($$update accounts.addresses set city = 'Ely'$$, '42501', 'permission denied for table addresses', 'staff read addresses only');

-- auditors have no business here
reset role;
set local role bookshop_auditor;
select throws_ok('select * from accounts.customers', '42501', 'permission denied for schema accounts', 'auditors see no customers');

reset role;
select * from finish();
rollback;
