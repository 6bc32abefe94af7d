-- Rows that most behaviour tests start from.
-- Included inside the transaction of the test, so nothing stays behind.

COPY accounts.customers (customer_id, email, full_name, loyalty_tier) FROM stdin;
1	ada@example.org	Ada O'Brien	gold
2	bruno@example.org	Bruno D'Angelo	standard
3	chen@example.org	Chen Li; "the reader"	silver
\.

COPY accounts.addresses (address_id, customer_id, label, street, city, postcode, country_code) FROM stdin;
1	1	home	3 King's Parade	Cambridge	CB2 1SJ	GB
2	1	work	1 St. John's Lane (2nd floor	London	EC1M 4BL	GB
3	2	home	Via dell'Orso 7	Milano	20121	IT
\.

INSERT INTO catalog.publishers (publisher_id, name, website) VALUES
    (1, 'Harbour Press', 'https://harbour.example'),
    (2, 'Old Mill Books', NULL);

INSERT INTO catalog.authors (author_id, given_name, family_name, born_on, died_on) VALUES
    (1, 'Edith', 'Marlow',  '1901-02-03', '1980-05-06'),
    (2, 'Tomás', 'Ó Cléirigh', '1960-07-08', NULL),
    (3, NULL,    'Anonymous', NULL, NULL);

COPY catalog.books (book_id, isbn, title, subtitle, format, publisher_id, published_on, price, keywords, is_listed) FROM stdin WITH (FORMAT csv, HEADER);
book_id,isbn,title,subtitle,format,publisher_id,published_on,price,keywords,is_listed
1,9780000000019,The Lighthouse Keeper's Daughter,,paperback,1,2001-05-01,8.50,"{sea,novel}",true
2,9780000000026,"Bread, Salt and Wine",A cook's year,hardback,1,2010-10-10,24.00,"{food}",true
3,9780000000033,Don't Wake the Cat,,ebook,2,2018-03-03,3.99,"{children,cats}",true
4,9780000000040,Tides (revised edition),,paperback,2,2020-01-15,12.00,"{sea,science}",true
5,9780000000057,Withdrawn Poems,,hardback,2,1999-09-09,15.00,{},false
\.

INSERT INTO catalog.book_authors VALUES (1, 1, 1), (2, 2, 1), (2, 1, 2), (3, 3, 1), (4, 2, 1);

INSERT INTO catalog.categories (category_id, parent_id, name) VALUES
    (1, NULL, 'Fiction'), (2, 1, 'Sea stories'), (3, NULL, 'Cookery'), (4, 2, 'Lighthouses');

INSERT INTO catalog.book_categories VALUES (1, 4), (2, 3);

INSERT INTO sales.coupons (code, percentage, valid_from, valid_to) VALUES
    ('SPRING10', 10, '2000-01-01', NULL),
    ('OLD50',    50, '2000-01-01', '2000-12-31');

INSERT INTO sales.carts (cart_id, customer_id, coupon_code) VALUES (1, 1, NULL), (2, 2, 'SPRING10');
INSERT INTO sales.cart_items (cart_id, book_id, quantity) VALUES (1, 1, 2), (1, 2, 1), (2, 4, 5);

INSERT INTO sales.orders (order_id, customer_id, status, ship_to, placed_at, total) VALUES
    (1, 1, 'paid',      1,    '2024-06-01 10:00+00', 20.50),
    (2, 2, 'delivered', 3,    '2024-07-01 10:00+00',  3.99),
    (3, 1, 'draft',     NULL, NULL,                  24.00);
INSERT INTO sales.order_lines (order_id, line_no, book_id, quantity, unit_price) VALUES
    (1, 1, 1, 1, 8.50), (1, 2, 4, 1, 12.00), (2, 1, 3, 1, 3.99), (3, 1, 2, 1, 24.00);

INSERT INTO sales.warehouses VALUES ('CAM', 'Cambridge'), ('MIL', 'Milano');
INSERT INTO sales.stock_levels VALUES ('CAM', 1, 12, 5), ('CAM', 2, 3, 5), ('MIL', 4, 0, 2);

-- Explicit keys were used above: move the sequences past them.
DO $$
BEGIN
    PERFORM setval(pg_get_serial_sequence('accounts.customers', 'customer_id'), 1000);
    PERFORM setval(pg_get_serial_sequence('catalog.books', 'book_id'), 1000);
    PERFORM setval(pg_get_serial_sequence('sales.carts', 'cart_id'), 1000);
    PERFORM setval(pg_get_serial_sequence('sales.orders', 'order_id'), 1000);
END
$$;
