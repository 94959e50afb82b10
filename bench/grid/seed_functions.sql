-- SPDX-License-Identifier: Apache-2.0
-- Functions that the seed uses, gone with the session.

-- A key of the shape of a UUID version 7: ascends with the number, as keys made in time do.
CREATE FUNCTION pg_temp.key(kind int, n bigint) RETURNS uuid IMMUTABLE LANGUAGE sql AS $$
    SELECT (
        lpad(to_hex(1700000000000 + n), 12, '0') || '7' || substr(md5(kind || '/' || n), 1, 3)
        || '8' || substr(md5(kind || '/' || n), 4, 15)
    )::uuid
$$;

-- A number below 2^31 that looks random and is not: the same for the same row and salt.
CREATE FUNCTION pg_temp.spread(n bigint, salt int) RETURNS bigint IMMUTABLE LANGUAGE sql AS $$
    SELECT ('x' || substr(md5(salt || ':' || n), 1, 8))::bit(32)::bigint & 2147483647
$$;

-- A GTIN-13 with its check digit: digits weigh 1 and 3 in turn from the left.
CREATE FUNCTION pg_temp.gtin(n bigint) RETURNS bigint IMMUTABLE LANGUAGE sql AS $$
    SELECT body * 10 + (10 - (
        SELECT sum(substr(body::text, place, 1)::int * (1 + 2 * ((place + 1) % 2)))
        FROM generate_series(1, 12) AS place
    ) % 10) % 10
    FROM (SELECT 400000000000 + n * 7919 AS body) AS made
$$;
