-- SPDX-License-Identifier: Apache-2.0
-- What a log says about items, before it is compared with what is there.
CREATE TEMP TABLE staged_items (
    key text NOT NULL,  -- the GTIN, or the code where there is no GTIN
    gtin bigint,
    plu integer,
    code text NOT NULL,
    other_code text NOT NULL,
    description text NOT NULL,
    department_number text NOT NULL,
    department_name text NOT NULL,
    is_weighed boolean NOT NULL,
    is_food_stampable boolean NOT NULL,
    price numeric,
    store_number text NOT NULL,
    business_date date NOT NULL,
    at timestamptz NOT NULL
) ON COMMIT DROP;
CREATE TEMP TABLE staged_stores (number text NOT NULL) ON COMMIT DROP;
