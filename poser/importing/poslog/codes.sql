-- SPDX-License-Identifier: Apache-2.0
-- Codes that are no GTIN, and the till's own number where it has one beside the barcode.
UPDATE staged_products SET product_id = id WHERE product_id IS NULL;
CREATE UNIQUE INDEX ON staged_products (key);
ANALYZE staged_products;
-- next
INSERT INTO product_codes (product_id, code)
SELECT DISTINCT ON (found.code) found.product_id, found.code
FROM (
    SELECT product_id, code FROM staged_products
    UNION
    SELECT product_id, other_code FROM staged_products
) AS found
WHERE found.code <> ''
    AND NOT EXISTS (SELECT FROM product_codes WHERE product_codes.code = found.code)
ORDER BY found.code, found.product_id
