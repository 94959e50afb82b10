-- SPDX-License-Identifier: Apache-2.0
-- The last regular price of each product, store and day, where it differs from the day
-- before; `n` counts the changes of one product in one store.
CREATE TEMP TABLE staged_prices ON COMMIT DROP AS
WITH daily AS (
    SELECT DISTINCT ON (product_id, stores.id, business_date)
        product_id, stores.id AS store_id, round(price, 3) AS price, at
    FROM staged_items
    JOIN staged_products USING (key)
    JOIN stores ON stores.number = store_number
    WHERE price IS NOT NULL
    ORDER BY product_id, stores.id, business_date, at DESC
),
compared AS (
    SELECT *, lag(price) OVER (PARTITION BY product_id, store_id ORDER BY at) AS before
    FROM daily
)
SELECT
    product_id, store_id, price, at,
    row_number() OVER (PARTITION BY product_id, store_id ORDER BY at)::integer AS n
FROM compared
WHERE price IS DISTINCT FROM before;
CREATE INDEX ON staged_prices (n);
ANALYZE staged_prices;
-- next
-- Put one change of each product where it belongs in time: a price that holds at that
-- time and differs ends there; the same price from a later time begins earlier; what is
-- left between two prices gets the new one.
WITH told AS (
    SELECT
        staged.product_id, staged.store_id, staged.price, staged.at,
        holding.id AS holding_id, holding.price AS holding_price,
        lower(holding.valid) AS since,
        later.id AS later_id, later.price AS later_price, later.valid AS later_valid,
        CASE WHEN holding.id IS NULL THEN lower(later.valid) ELSE upper(holding.valid) END AS until
    FROM staged_prices AS staged
    LEFT JOIN product_prices AS holding
        ON holding.product_id = staged.product_id
        AND holding.store_id = staged.store_id
        AND holding.kind = 'regular'
        AND holding.valid @> staged.at
    LEFT JOIN LATERAL (
        SELECT id, price, valid
        FROM product_prices AS next
        WHERE next.product_id = staged.product_id
            AND next.store_id = staged.store_id
            AND next.kind = 'regular'
            AND lower(next.valid) > staged.at
        ORDER BY lower(next.valid)
        LIMIT 1
    ) AS later ON holding.id IS NULL
    WHERE staged.n = :n
),
ended AS (
    UPDATE product_prices AS holding
    SET valid = tstzrange(told.since, told.at), modified_at = now()
    FROM told
    WHERE holding.id = told.holding_id
        AND told.holding_price <> told.price
        AND (told.since IS NULL OR told.since < told.at)
),
begun_earlier AS (
    UPDATE product_prices AS later
    SET valid = tstzrange(told.at, upper(told.later_valid)), modified_at = now()
    FROM told
    WHERE later.id = told.later_id AND told.later_price = told.price
)
INSERT INTO product_prices (product_id, store_id, kind, price, valid)
SELECT product_id, store_id, 'regular', price, tstzrange(at, until)
FROM told
WHERE (holding_id IS NULL AND later_price IS DISTINCT FROM price)
    OR (holding_price <> price AND (since IS NULL OR since < at))
