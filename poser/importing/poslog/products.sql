-- SPDX-License-Identifier: Apache-2.0
-- Each product of the log once, as the till described it last, and which product that is.
ANALYZE staged_items;
CREATE TEMP TABLE staged_products ON COMMIT DROP AS
SELECT DISTINCT ON (key)
    uuid7() AS id, key, gtin, plu, code, other_code, description, department_number,
    is_weighed, is_food_stampable, NULL::uuid AS product_id
FROM staged_items
ORDER BY key, at DESC;
-- next
UPDATE staged_products AS staged
SET product_id = coalesce(
    (SELECT id FROM products WHERE products.gtin = staged.gtin),
    (
        SELECT codes.product_id
        FROM product_codes AS codes
        WHERE codes.code = coalesce(lpad(staged.gtin::text, 14, '0'), staged.code)
    ),
    (SELECT id FROM products WHERE products.plu = staged.plu)
);
-- next
INSERT INTO products (
    id, gtin, plu, description, department_id, department_name, is_weighed, is_food_stampable
)
SELECT
    staged.id, gtin, plu, description, departments.id, coalesce(departments.name, ''),
    is_weighed, staged.is_food_stampable
FROM staged_products AS staged
LEFT JOIN departments ON departments.number = department_number
WHERE product_id IS NULL
ORDER BY staged.id
