-- Sales: columns and defaults. Qualified everywhere, casts where pgTAP needs them.
BEGIN;
SELECT no_plan();

SELECT columns_are('sales'::name, 'orders'::name, ARRAY['order_id','order_number','customer_id','status','ship_to','placed_at','total','notes']::name[]);
SELECT columns_are('sales'::name, 'order_lines'::name, ARRAY['order_id','line_no','book_id','quantity','unit_price','line_total']::name[]);
SELECT columns_are('sales'::name, 'carts'::name, ARRAY['cart_id','customer_id','coupon_code','created_at','checked_out_at']::name[]);
SELECT columns_are('sales'::name, 'cart_items'::name, ARRAY['cart_id','book_id','quantity']::name[]);
SELECT columns_are('sales'::name, 'payments'::name, ARRAY['payment_id','order_id','method','amount','reference','paid_at']::name[]);
SELECT columns_are('sales'::name, 'shipments'::name, ARRAY['shipment_id','order_id','carrier','tracking_ref','shipped_at','delivered_at']::name[]);

SELECT col_type_is('sales'::name, 'orders'::name, 'order_id'::name, 'bigint'::text);
SELECT col_type_is('sales'::name, 'orders'::name, 'order_number'::name, 'bigint'::text);
SELECT col_type_is('sales'::name, 'orders'::name, 'status'::name, 'sales.order_status'::text);
SELECT col_type_is('sales'::name, 'orders'::name, 'total'::name, 'sales'::name, 'amount', 'order total is an amount');
SELECT col_default_is('sales', 'orders', 'status', 'draft', 'orders start as drafts');
SELECT col_default_is('sales', 'orders', 'order_number', $$nextval('sales.order_number_seq'::regclass)$$, 'order numbers come from the sequence');
SELECT col_not_null('sales', 'orders', 'customer_id'::name);
SELECT col_is_null('sales', 'orders', 'ship_to'::name);
SELECT col_is_null('sales', 'orders', 'placed_at', 'drafts have not been placed');
SELECT hasnt_column('sales', 'orders', 'notes');
SELECT hasnt_column('sales', 'orders', 'discount', 'the discount is part of the unit price');

SELECT col_type_is('sales', 'order_lines', 'line_no', 'smallint', 'line_no is small');
SELECT col_type_is('sales', 'order_lines', 'line_total', 'numeric(12,2)', 'line_total is a number');
SELECT is(
    (SELECT pg_get_expr(d.adbin, d.adrelid)
       FROM pg_attrdef d
       JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
      WHERE d.adrelid = 'sales.order_lines'::regclass
        AND a.attname = 'line_total'
        AND a.attgenerated = 's'),
    '((quantity)::numeric * (unit_price)::numeric)',
    'line_total is computed (quantity * unit_price)'
);
SELECT col_default_is('sales', 'cart_items', 'quantity', 1, 'one copy unless told otherwise');
SELECT col_not_null('sales', 'cart_items', 'quantity', 'quantity is required');
SELECT col_type_is('sales', 'payments', 'method', 'sales.payment_method', 'payment method is an enum');
SELECT col_type_is('sales', 'payments', 'reference', 'character varying(64)', 'references are at most 64 characters');
SELECT col_is_null('sales', 'payments', 'reference', 'invoices have no reference');
SELECT col_is_null('sales', 'shipments', 'delivered_at', 'on its way');
SELECT col_type_is('sales', 'warehouses', 'warehouse_code', 'character(3)', 'three letter codes');
SELECT col_default_is('sales', 'stock_levels', 'on_hand', '0', 'shelves start empty');
SELECT col_default_is('sales', 'stock_levels', 'reorder_at', '5', E'reorder at five; the buyer\'s rule');

-- every foreign key column of this schema is required, except where a row may exist without
SELECT col_not_null('sales', c.table_name, c.column_name, format('sales.%s.%s is required', c.table_name, c.column_name))
  FROM information_schema.columns c
 WHERE c.table_schema = 'sales'
   AND c.column_name IN ('book_id', 'customer_id')
   AND c.table_name IN ('carts', 'cart_items', 'orders', 'order_lines', 'stock_levels')
 ORDER BY c.table_name, c.column_name;

-- money columns must not be nullable
SELECT col_not_null('sales', c.table_name, c.column_name, 'sales.' || c.table_name || '.' || c.column_name || ' holds money')
  FROM information_schema.columns c
 WHERE c.table_schema = 'sales'
   AND c.domain_name = 'money_amount';

SELECT * FROM finish();
ROLLBACK;
