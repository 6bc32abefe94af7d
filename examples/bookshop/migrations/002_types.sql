-- Enums, domains and composite types.

CREATE TYPE catalog.book_format AS ENUM ('hardback', 'paperback', 'ebook', 'audiobook');

CREATE TYPE sales.order_status AS ENUM ('draft', 'placed', 'paid', 'shipped', 'delivered', 'cancelled');

CREATE TYPE sales.payment_method AS ENUM ('card', 'voucher', 'invoice');

CREATE DOMAIN accounts.email AS text
    CONSTRAINT email_looks_right CHECK (VALUE ~ '^[^@[:space:]]+@[^@[:space:]]+\.[^@[:space:]]+$');

CREATE DOMAIN catalog.isbn13 AS char(13)
    CONSTRAINT isbn13_digits CHECK (VALUE ~ '^97[89][0-9]{10}$');

CREATE DOMAIN sales.amount AS numeric(10, 2)
    DEFAULT 0
    NOT NULL
    CONSTRAINT amount_not_negative CHECK (VALUE >= 0);

CREATE TYPE sales.price_quote AS (
    net   numeric(10, 2),
    tax   numeric(10, 2),
    total numeric(10, 2)
);
