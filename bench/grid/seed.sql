-- SPDX-License-Identifier: Apache-2.0
-- Fills departments, brands and products from word lists, the same on every run.
-- Every choice is arithmetic on the row's number, with multipliers prime to the lists' lengths.

INSERT INTO departments (id, number, name)
SELECT pg_temp.key(1, n), n::text, name
FROM unnest(%(departments)s::text[]) WITH ORDINALITY AS list (name, n);

INSERT INTO brands (id, name)
SELECT pg_temp.key(2, (m - 1) * cardinality(%(houses)s::text[]) + h), maker || ' ' || house
FROM unnest(%(makers)s::text[]) WITH ORDINALITY AS makers (maker, m)
CROSS JOIN unnest(%(houses)s::text[]) WITH ORDINALITY AS houses (house, h);

CREATE TEMPORARY TABLE picked AS
SELECT
    n,
    pg_temp.spread(n, 1) AS a, pg_temp.spread(n, 2) AS b, pg_temp.spread(n, 3) AS c,
    pg_temp.spread(n, 4) AS d, pg_temp.spread(n, 5) AS e, pg_temp.spread(n, 6) AS f,
    n %% 3331 = 17 AS is_rare, n IN (17, 3348, 6679) AS is_rare_pair
FROM generate_series(1, %(rows)s::bigint) AS n;

INSERT INTO products (
    id, gtin, plu, description, size, brand_id, brand_name, department_id, department_name,
    is_weighed, is_food_stampable, is_discontinued, created_at, modified_at
)
SELECT
    pg_temp.key(3, n),
    pg_temp.gtin(n),
    CASE WHEN n <= 4000 THEN n + 3000 END,
    -- rows are told apart by a number at times, as real goods are
    initcap(concat_ws(' ',
        kinds[1 + a %% cardinality(kinds)],
        CASE
            WHEN is_rare_pair THEN %(rare_flavor)s
            WHEN is_rare THEN 'plain'
            ELSE flavors[1 + b %% cardinality(flavors)]
        END,
        CASE WHEN is_rare THEN %(rare_food)s ELSE foods[1 + c %% cardinality(foods)] END,
        CASE WHEN a %% 4 = 0 THEN 'No. ' || (1 + f %% 99) END)),
    sizes[1 + d %% cardinality(sizes)],
    brands.id, brands.name, departments.id, departments.name,
    e %% 23 = 0, e %% 3 <> 0, f %% 41 = 0 AND NOT is_rare_pair,
    timestamptz '2024-01-01 00:00+00' + n * interval '10 seconds',
    timestamptz '2025-01-01 00:00+00' + f %% 40000000 * interval '1 second'
FROM picked
CROSS JOIN (
    SELECT %(kinds)s::text[] AS kinds, %(flavors)s::text[] AS flavors,
        %(foods)s::text[] AS foods, %(sizes)s::text[] AS sizes
) AS lists
JOIN brands ON brands.id = pg_temp.key(
    2, 1 + e %% (cardinality(%(makers)s::text[]) * cardinality(%(houses)s::text[])))
JOIN departments ON departments.id = pg_temp.key(
    1, 1 + (c + d) %% cardinality(%(departments)s::text[]));

INSERT INTO product_codes (id, product_id, code)
SELECT pg_temp.key(4, n), pg_temp.key(3, n), 'OLD-' || n
FROM generate_series(1, %(rows)s::bigint, 50) AS n;

INSERT INTO product_prices (id, product_id, kind, price, valid)
SELECT pg_temp.key(5, n), pg_temp.key(3, n), 'regular',
    round((0.49 + pg_temp.spread(n, 7) %% 2900 / 100.0)::numeric, 2),
    tstzrange('2025-01-01 00:00+00', NULL)
FROM generate_series(1, %(rows)s::bigint) AS n;
