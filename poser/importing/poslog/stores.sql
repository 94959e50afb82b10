-- SPDX-License-Identifier: Apache-2.0
-- Stores that are not known yet.
INSERT INTO stores (number, name)
SELECT DISTINCT number, 'Store ' || number
FROM staged_stores
WHERE NOT EXISTS (SELECT FROM stores WHERE stores.number = staged_stores.number)
