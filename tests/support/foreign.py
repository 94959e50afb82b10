# SPDX-License-Identifier: Apache-2.0
"""Small look-alikes of real systems that Poser imports from: their tables, with rows made up."""

from collections.abc import Callable

from poser.importing.handler import ImportHandler

Example = Callable[[str], ImportHandler]

NORTHWIND = """
CREATE TABLE suppliers (supplier_id smallint PRIMARY KEY, company_name varchar(40) NOT NULL,
    contact_name varchar(30), phone varchar(24), homepage text);
CREATE TABLE categories (category_id smallint PRIMARY KEY, category_name varchar(15) NOT NULL,
    description text, picture bytea);
CREATE TABLE products (product_id smallint PRIMARY KEY, product_name varchar(40) NOT NULL,
    supplier_id smallint REFERENCES suppliers, category_id smallint REFERENCES categories,
    quantity_per_unit varchar(20), unit_price real, discontinued integer NOT NULL);
CREATE TABLE customers (customer_id varchar(5) PRIMARY KEY, company_name varchar(40) NOT NULL,
    city varchar(15));
CREATE TABLE orders (order_id smallint PRIMARY KEY, customer_id varchar(5) REFERENCES customers,
    order_date date, shipped_date date, freight real);
CREATE TABLE order_details (order_id smallint REFERENCES orders,
    product_id smallint REFERENCES products, unit_price real NOT NULL, quantity smallint NOT NULL,
    discount real NOT NULL, PRIMARY KEY (order_id, product_id));
INSERT INTO suppliers VALUES (1, 'Süßwaren & Co.', 'A. Berg', '(171) 555-0101', '#A.HTM#'),
    (2, 'Tea "Direct"', NULL, NULL, NULL);
INSERT INTO categories VALUES (1, 'Beverages', 'Drinks', '\\x00ff'), (2, 'Sweets', NULL, NULL);
INSERT INTO products VALUES (1, 'Chai', 2, 1, '10 boxes x 30 bags', 18, 0),
    (2, 'Crème brûlée', 1, 2, NULL, 9.65, 1), (3, 'Nougat', 1, NULL, '12 - 450 g glasses', 0.5, 0);
INSERT INTO customers VALUES ('ALFKI', 'Alfreds', 'Berlin'), ('BONAP', 'Bon app''', 'Marseille');
INSERT INTO orders VALUES (100, 'ALFKI', '1996-07-04', '1996-07-16', 32.38),
    (101, 'BONAP', '1998-05-06', NULL, 8.53);
INSERT INTO order_details VALUES (100, 3, 0.45, 12, 0), (100, 1, 14.4, 5, 0.15),
    (101, 2, 9.65, 1, 0.05);
"""
CHINOOK = """
CREATE TABLE [Artist] ([ArtistId] INTEGER NOT NULL PRIMARY KEY, [Name] NVARCHAR(120));
CREATE TABLE [Album] ([AlbumId] INTEGER NOT NULL PRIMARY KEY, [Title] NVARCHAR(160) NOT NULL,
    [ArtistId] INTEGER NOT NULL REFERENCES [Artist]);
CREATE TABLE [Genre] ([GenreId] INTEGER NOT NULL PRIMARY KEY, [Name] NVARCHAR(120));
CREATE TABLE [Track] ([TrackId] INTEGER NOT NULL PRIMARY KEY, [Name] NVARCHAR(200) NOT NULL,
    [AlbumId] INTEGER, [GenreId] INTEGER, [Milliseconds] INTEGER NOT NULL,
    [UnitPrice] NUMERIC(10,2) NOT NULL);
CREATE TABLE [Customer] ([CustomerId] INTEGER NOT NULL PRIMARY KEY,
    [FirstName] NVARCHAR(40) NOT NULL, [LastName] NVARCHAR(20) NOT NULL, [Company] NVARCHAR(80),
    [Email] NVARCHAR(60) NOT NULL);
CREATE TABLE [Invoice] ([InvoiceId] INTEGER NOT NULL PRIMARY KEY, [CustomerId] INTEGER NOT NULL,
    [InvoiceDate] DATETIME NOT NULL, [Total] NUMERIC(10,2) NOT NULL);
CREATE TABLE [InvoiceLine] ([InvoiceLineId] INTEGER NOT NULL PRIMARY KEY,
    [InvoiceId] INTEGER NOT NULL, [TrackId] INTEGER NOT NULL,
    [UnitPrice] NUMERIC(10,2) NOT NULL, [Quantity] INTEGER NOT NULL);
INSERT INTO Artist VALUES (1, 'AC/DC'), (2, 'Antônio Carlos Jobim');
INSERT INTO Album VALUES (1, 'Rock', 1), (2, 'Wave', 2);
INSERT INTO Genre VALUES (1, 'Rock'), (7, 'Latin');
INSERT INTO Track VALUES (1, 'Let There', 1, 1, 343719, 0.99),
    (2, 'Desafinado', 2, 7, 185338, 0.99), (3, 'Nobody''s', NULL, NULL, 59999, 1.99);
INSERT INTO Customer VALUES (1, 'Luís', 'Gonçalves', 'Embraer S.A.', 'luis@example.com'),
    (2, 'Leonie', 'Köhler', NULL, 'leonie@example.com');
INSERT INTO Invoice VALUES (1, 2, '2021-01-01 00:00:00', 1.98), (2, 1, '2021-01-02 00:00:00', 1.99);
INSERT INTO InvoiceLine VALUES (1, 1, 2, 0.99, 1), (2, 1, 1, 0.99, 1), (3, 2, 3, 1.99, 1);
"""
