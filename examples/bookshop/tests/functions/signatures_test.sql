-- What is there, what it takes, what it gives back, and how it runs.
begin;
select plan(9 + 12 + 10 + 11 + 7 + 9 + 9);

-- 1. functions of each schema
select functions_are('accounts', array['current_customer_id', 'register_customer', 'close_sessions']);
select functions_are('catalog', array[
    'is_valid_isbn13', 'slugify', 'touch_updated_at', 'record_price_change',
    'category_path', 'search_books', 'refresh_bestsellers'
]);
select functions_are('sales', array[
    'discounted', 'quote', 'cart_total', 'add_to_cart', 'place_order', 'cancel_order',
    'check_status_change', 'product'
], 'functions of schema sales');
select functions_are('audit', array['log_change', 'events_between']);
select hasnt_function('catalog', 'import_onix', array['xml'], 'the XML import is gone');
select hasnt_function('sales'::name, 'apply_voucher'::name);
select can('sales', array['add_to_cart', 'place_order'], 'sales can sell');
select can('accounts', array['register_customer', 'current_customer_id']);
select is((select count(*)::int from pg_proc where proname = 'discounted' and pronamespace = 'sales'::regnamespace), 2, 'two ways to discount');

-- 2. arguments
select has_function('accounts', 'current_customer_id', array[]::name[], 'current_customer_id()');
select has_function('accounts', 'register_customer', array['text', 'text'], 'register_customer(text, text)');
select has_function('accounts', 'close_sessions', array['bigint'], 'close_sessions(bigint)');
select has_function('catalog', 'is_valid_isbn13', array['text'], 'is_valid_isbn13(text)');
select has_function('catalog', 'search_books', '{text}');
select has_function('catalog', 'category_path', array['integer'], 'category_path(integer)');
select has_function('sales', 'discounted', array['numeric', 'integer'], 'discounted(numeric, integer)');
select has_function('sales', 'discounted', array['numeric', 'text'], 'discounted(numeric, text)');
select has_function('sales', 'quote', array['bigint', 'integer', 'numeric'], 'quote(bigint, integer, numeric)');
select has_function('sales'::name, 'cart_total'::name, array['bigint']::name[]);
select has_function('sales'::name, 'add_to_cart'::name);
select has_function(
    'audit',
    'events_between',
    array[
        'timestamp with time zone',  -- from, included
        'timestamp with time zone'   -- to, excluded
    ],
    'events_between(timestamptz, timestamptz)'
);

-- 3. return types
select function_returns('accounts', 'current_customer_id', 'bigint', 'a customer id');
select function_returns('accounts', 'register_customer', array['text', 'text'], 'bigint', 'the new id');
select function_returns('catalog', 'slugify', array['text'], 'text');
select function_returns('catalog', 'search_books', array['text', 'integer'], 'setof catalog.books');
select function_returns('catalog', 'refresh_bestsellers', array[]::name[], 'void');
select function_returns('catalog', 'touch_updated_at', 'trigger', 'touch_updated_at is a trigger function');
select function_returns('sales', 'quote', array['bigint', 'integer', 'numeric'], 'sales.price_quote', 'quotes have three parts');
select function_returns('sales', 'discounted', array['numeric', 'integer'], 'numeric', 'discounted by percentage');
select function_returns('sales', 'discounted', array['numeric', 'text'], 'numeric', 'discounted by coupon');
select function_returns('audit', 'events_between', array['timestamp with time zone', 'timestamp with time zone'], 'setof audit.events');

-- 4. language
select function_lang_is('accounts', 'current_customer_id', 'sql', 'plain SQL');
select function_lang_is('accounts', 'register_customer', array['text', 'text'], 'plpgsql');
select function_lang_is('catalog', 'slugify', array['text'], 'sql');
select function_lang_is('catalog', 'category_path', array['integer'], 'plpgsql', 'the walk up needs a loop');
select function_lang_is('sales', 'place_order', array['bigint'], 'plpgsql');
select function_lang_is('sales', 'cart_total', array['bigint'], 'sql');
select function_owner_is('sales', 'place_order', array['bigint'], current_user, 'owner of place_order');
select function_owner_is('accounts', 'register_customer', array['text', 'text'], current_user);
select is_strict('catalog', 'slugify', array['text']);
select is_strict('sales', 'discounted', array['numeric', 'integer'], 'discounted(null, ..) is null');
select isnt_strict('sales', 'discounted', array['numeric', 'text'], 'no coupon is no reason to lose the price');

-- 5. security definer, or not
select is_definer('accounts', 'register_customer', array['text', 'text'], 'visitors may register');
select is_definer('sales', 'place_order', array['bigint']);
select is_definer('catalog', 'refresh_bestsellers', array[]::name[]);
select is_definer('audit', 'log_change', array[]::name[], 'everybody leaves traces');
select isnt_definer('sales', 'add_to_cart', array['bigint', 'bigint', 'integer'], 'add_to_cart is subject to policies');
select isnt_definer('catalog', 'search_books', array['text', 'integer']);
select isnt_definer('sales', 'cart_total', array['bigint']);

-- 6. volatility
select volatility_is('accounts', 'current_customer_id', array[]::name[], 'stable');
select volatility_is('catalog', 'is_valid_isbn13', array['text'], 'immutable', 'used in a check constraint');
select volatility_is('catalog', 'slugify', array['text'], 'immutable', 'used in a generated column');
select volatility_is('catalog', 'search_books', array['text', 'integer'], 'stable');
select volatility_is('sales', 'discounted', array['numeric', 'integer'], 'immutable');
select volatility_is('sales', 'discounted', array['numeric', 'text'], 'stable', 'reads the coupons');
select volatility_is('sales', 'quote', array['bigint', 'integer', 'numeric'], 'stable');
select volatility_is('sales', 'place_order', array['bigint'], 'volatile');
select volatility_is('accounts', 'register_customer', array['text', 'text'], 'volatile');

-- 7. kinds
select is_procedure('accounts', 'close_sessions', array['bigint'], 'close_sessions is called');
select is_procedure('sales', 'cancel_order', array['bigint']);
select isnt_procedure('sales', 'place_order', array['bigint'], 'place_order gives the id back');
select is_aggregate('sales', 'product', array['numeric'], 'product() is an aggregate');
select isnt_aggregate('sales', 'cart_total', array['bigint']);
select is_normal_function('sales', 'quote', array['bigint', 'integer', 'numeric']);
select isnt_window('sales', 'product', array['numeric'], 'and no window function');

set local search_path = catalog, public;
select is_strict('is_valid_isbn13', 'immutable');
select is_normal_function('slugify', array['text'], 'slugify is an ordinary function');

select * from finish();
rollback;
