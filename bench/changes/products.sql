-- SPDX-License-Identifier: Apache-2.0
-- Products with the fields that real ones have, the same on every run.
INSERT INTO departments (number, name) SELECT n::text, 'Department ' || n
FROM generate_series(1, 20) AS n;
INSERT INTO brands (name) SELECT 'Brand ' || n FROM generate_series(1, 500) AS n;
INSERT INTO products (
    item_number, description, size, brand_id, brand_name, department_id, department_name,
    ingredients, is_organic, is_food_stampable
)
SELECT 'N' || n, 'Organic thing number ' || n || ' with a flavor', n % 20 || ' oz',
    brands.id, brands.name, departments.id, departments.name,
    'Water, oats ' || n || ', salt', n % 2 = 0, n % 3 = 0
FROM generate_series(1, ROWS) AS n
JOIN brands ON brands.name = 'Brand ' || 1 + n % 500
JOIN departments ON departments.number = (1 + n % 20)::text
