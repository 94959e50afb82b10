-- SPDX-License-Identifier: Apache-2.0
-- What keeps the history of records and captures changes: functions of the database.
-- See docs/decisions/0011-history-by-trigger.md.

-- The running transaction's id in the history, or NULL while it has none. What the setting
-- says is believed only if that row was made by this very transaction: nobody can add to the
-- history of another one.
CREATE FUNCTION history_transaction() RETURNS uuid LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    said constant text := current_setting('poser.history_transaction', true);
BEGIN
    IF coalesce(said, '') = '' THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT id FROM history_transactions WHERE id = said::uuid AND at = now());
END $$;
COMMENT ON FUNCTION history_transaction() IS 'The id of the running transaction in the history.';

-- The setting is local to the transaction: rolled back to a savepoint, both are gone.
CREATE FUNCTION open_history_transaction(made uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    is_told constant boolean := coalesce(current_setting('poser.source', true), '') <> '';
BEGIN
    INSERT INTO public.history_transactions
        (id, at, source, user_id, user_name, via, address, comment, origin)
    VALUES (
        made,
        now(),
        CASE WHEN is_told THEN current_setting('poser.source') ELSE 'sql' END,
        nullif(current_setting('poser.user_id', true), '')::uuid,
        CASE WHEN is_told THEN current_setting('poser.user_name', true) ELSE session_user END,
        CASE WHEN is_told THEN current_setting('poser.via', true)
            ELSE current_setting('application_name') END,
        coalesce(current_setting('poser.address', true), ''),
        coalesce(current_setting('poser.comment', true), ''),
        coalesce(current_setting('poser.origin', true), '')
    );
    PERFORM set_config('poser.history_transaction', made::text, true);
END $$;
COMMENT ON FUNCTION open_history_transaction IS 'Notes who makes the running transaction.';

-- Runs once for each statement, with all its rows: the argument is the table's name. Names
-- of columns of any table meet the variables here: those win (a column may be called source).
-- No column is called _row or _old: those are whole rows.
--
-- Most statements change one row, and this is what each of them pays, so: settings are changed
-- only where a session has unusual ones, nothing is called that PostgreSQL plans anew each time
-- (functions in SQL are), and one row needs no join.
CREATE FUNCTION keep_changes() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    operation constant text := lower(TG_OP);
    it recorded_tables;
    unusual text[];
    planner text[];
    known text;
    transaction uuid;
    is_first boolean;
    statement bigint;
    moment timestamptz;
    mask hstore;
    is_many boolean;
    row_id uuid;
    before hstore;
    after hstore;
    kept bigint := 0;
    source text;
BEGIN
    SELECT * INTO it FROM recorded_tables WHERE name = TG_ARGV[0];
    IF NOT FOUND THEN
        RAISE EXCEPTION 'table % is not among the recorded tables', TG_ARGV[0]
            USING HINT = 'a revision must call record() of migrations/recording.py for it';
    END IF;
    IF it.is_history_on THEN
        -- What is kept is text as PostgreSQL writes it, so how it writes must not depend on
        -- the session. Set back below, for the transaction: the session's own stay beneath.
        IF current_setting('DateStyle') NOT LIKE 'ISO%'
            OR current_setting('TimeZone') NOT IN ('UTC', 'Etc/UTC')
            OR current_setting('IntervalStyle') <> 'postgres'
            OR current_setting('extra_float_digits') <> '1'
            OR current_setting('bytea_output') <> 'hex'
        THEN
            unusual := ARRAY[current_setting('DateStyle'), current_setting('TimeZone'),
                current_setting('IntervalStyle'), current_setting('extra_float_digits'),
                current_setting('bytea_output')];
            PERFORM set_config('DateStyle', 'ISO, YMD', true), set_config('TimeZone', 'UTC', true),
                set_config('IntervalStyle', 'postgres', true),
                set_config('extra_float_digits', '1', true),
                set_config('bytea_output', 'hex', true);
        END IF;
        -- As history_transaction() has it.
        known := current_setting('poser.history_transaction', true);
        IF known <> '' THEN
            SELECT id INTO transaction FROM history_transactions
            WHERE id = known::uuid AND at = now();
        END IF;
        moment := clock_timestamp();
        is_first := transaction IS NULL;
        IF is_first THEN
            -- As uuid7() makes it.
            transaction := encode(overlay(uuid_send(gen_random_uuid()) PLACING int8send(
                (floor(extract(epoch FROM moment) * 1000)::bigint << 16) | (7 << 12)
                | (extract(microseconds FROM moment)::bigint % 1000 * 4096 / 1000)
            ) FROM 1 FOR 8), 'hex')::uuid;
        END IF;
        -- Taken while this statement's locks on its rows are held: the numbers of one record's
        -- versions ascend in the order in which its changes are committed.
        statement := nextval('versions_statement');
        IF cardinality(it.secret) > 0 THEN
            mask := hstore(it.secret, array_fill('(secret)'::text, ARRAY[cardinality(it.secret)]));
        END IF;
        IF operation = 'insert' THEN
            INSERT INTO versions (statement, n, at, transaction_id, table_id, row_id, kind, new)
            SELECT statement, row_number() OVER (), moment, transaction, it.id, _row.id, operation,
                CASE WHEN mask IS NULL THEN hstore(_row) - it.without
                    ELSE (hstore(_row) - it.without) || mask END
            FROM new_rows AS _row;
            GET DIAGNOSTICS kept = ROW_COUNT;
        ELSIF operation = 'delete' THEN
            INSERT INTO versions (statement, n, at, transaction_id, table_id, row_id, kind, old)
            SELECT statement, row_number() OVER (), moment, transaction, it.id, _row.id, operation,
                CASE WHEN mask IS NULL THEN hstore(_row) - it.without
                    ELSE (hstore(_row) - it.without) || mask END
            FROM old_rows AS _row;
            GET DIAGNOSTICS kept = ROW_COUNT;
        ELSE
            SELECT _row.id, hstore(_row), (SELECT hstore(_old) FROM old_rows AS _old LIMIT 1),
                EXISTS (SELECT FROM new_rows OFFSET 1)
            INTO row_id, after, before, is_many FROM new_rows AS _row LIMIT 1;
            IF NOT is_many THEN
                before := (before - after) - it.without;
                IF before <> '' THEN
                    IF mask IS NOT NULL THEN
                        before := before || slice(mask, akeys(before));
                        after := after || mask;
                    END IF;
                    INSERT INTO versions
                        (statement, n, at, transaction_id, table_id, row_id, kind, old, new)
                    VALUES (statement, 1, moment, transaction, it.id, row_id, operation, before,
                        slice(after, akeys(before)));
                    kept := 1;
                END IF;
            END IF;
        END IF;
        IF is_many THEN
            -- The plan is made for the first statement of a session, which may change two rows,
            -- and serves the next, of a hundred thousand: only a hash join is good for both.
            planner := ARRAY[current_setting('enable_nestloop'),
                current_setting('enable_mergejoin')];
            PERFORM set_config('enable_nestloop', 'off', true),
                set_config('enable_mergejoin', 'off', true);
            -- A statement can change one row twice (two foreign keys that cascade), so the id
            -- does not tell which old row goes with which new one. Their order does: both are
            -- noted together, row by row. If it ever did not, row_id would be NULL: refused.
            -- OFFSET 0 keeps PostgreSQL from working out the same expression again and again.
            INSERT INTO versions
                (statement, n, at, transaction_id, table_id, row_id, kind, old, new)
            SELECT statement, d.n, moment, transaction, it.id, d.row_id, operation,
                CASE WHEN mask IS NULL THEN d.old ELSE d.old || slice(mask, akeys(d.old)) END,
                CASE WHEN mask IS NULL THEN slice(d.after, akeys(d.old))
                    ELSE slice(d.after || mask, akeys(d.old)) END
            FROM (
                SELECT p.n, p.row_id, (p.before - p.after) - it.without AS old, p.after
                FROM (
                    SELECT o.n, hstore(o._row) AS before, hstore(c._row) AS after,
                        CASE WHEN (o._row).id = (c._row).id THEN (c._row).id END AS row_id
                    FROM (SELECT row_number() OVER () AS n, _row FROM old_rows AS _row) AS o
                    JOIN (SELECT row_number() OVER () AS n, _row FROM new_rows AS _row) AS c
                        USING (n)
                    OFFSET 0
                ) AS p
                OFFSET 0
            ) AS d
            WHERE d.old <> ''::hstore;
            GET DIAGNOSTICS kept = ROW_COUNT;
            PERFORM set_config('enable_nestloop', planner[1], true),
                set_config('enable_mergejoin', planner[2], true);
        END IF;
        IF is_first AND kept > 0 THEN
            PERFORM open_history_transaction(transaction);
        END IF;
        IF unusual IS NOT NULL THEN
            PERFORM set_config('DateStyle', unusual[1], true),
                set_config('TimeZone', unusual[2], true),
                set_config('IntervalStyle', unusual[3], true),
                set_config('extra_float_digits', unusual[4], true),
                set_config('bytea_output', unusual[5], true);
        END IF;
    END IF;
    IF it.is_capture_on THEN
        source := coalesce(current_setting('poser.origin', true), '');
        IF operation = 'delete' THEN
            INSERT INTO capture (table_id, key, operation, origin)
            SELECT it.id, _row.id, operation, source FROM old_rows AS _row;
        ELSE
            INSERT INTO capture (table_id, key, operation, origin)
            SELECT it.id, _row.id, operation, source FROM new_rows AS _row;
        END IF;
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION keep_changes() IS
    'Keeps versions of the rows that a statement changed, and captures their keys.';

CREATE FUNCTION refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'table % is recorded: TRUNCATE would leave no history of its rows', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', HINT = format('use DELETE FROM %I', TG_TABLE_NAME);
END $$;
COMMENT ON FUNCTION refuse_truncate() IS 'Keeps a recorded table from being emptied unseen.';

CREATE FUNCTION refuse_new_id() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'table % is recorded: the id % of a row cannot become %',
        TG_TABLE_NAME, OLD.id, NEW.id
        USING ERRCODE = 'restrict_violation', HINT = 'insert a new row and delete the old one';
END $$;
COMMENT ON FUNCTION refuse_new_id() IS 'Keeps the id of a recorded row for ever.';

CREATE FUNCTION record_changes(
    which regclass, history boolean, capture boolean, without text[], secret text[]
) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    named constant text := (SELECT relname FROM pg_class WHERE oid = which);
    missing text;
BEGIN
    PERFORM FROM pg_attribute a JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
        WHERE a.attrelid = which AND a.attname = 'id' AND a.atttypid = 'uuid'::regtype
            AND a.attnum = ANY (i.indkey) AND (i.indnkeyatts = 1
                OR (SELECT relkind = 'p' FROM pg_class WHERE oid = which));
    IF NOT FOUND THEN
        RAISE EXCEPTION 'table % cannot be recorded: it has no primary key "id uuid"', named;
    END IF;
    SELECT c INTO missing FROM unnest(without || secret) AS c WHERE NOT EXISTS (
        SELECT FROM pg_attribute WHERE attrelid = which AND attname = c AND NOT attisdropped);
    IF FOUND THEN
        RAISE EXCEPTION 'table % cannot be recorded: it has no column "%"', named, missing;
    END IF;
    INSERT INTO recorded_tables AS r
        (name, has_history, has_capture, is_history_on, is_capture_on, without, secret)
    VALUES (
        named, history, capture, history, capture,
        without || ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = which
            AND attgenerated <> '' AND attname <> ALL (without) ORDER BY attnum),
        secret
    )
    ON CONFLICT (name) DO UPDATE SET
        has_history = excluded.has_history, has_capture = excluded.has_capture,
        -- What was switched off stays off; what is new begins switched on.
        is_history_on = excluded.has_history AND (r.is_history_on OR NOT r.has_history),
        is_capture_on = excluded.has_capture AND (r.is_capture_on OR NOT r.has_capture),
        without = excluded.without, secret = excluded.secret;
    EXECUTE format('CREATE OR REPLACE TRIGGER keep_insert AFTER INSERT ON %s'
        ' REFERENCING NEW TABLE AS new_rows'
        ' FOR EACH STATEMENT EXECUTE FUNCTION keep_changes(%L)', which, named);
    EXECUTE format('CREATE OR REPLACE TRIGGER keep_update AFTER UPDATE ON %s'
        ' REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows'
        ' FOR EACH STATEMENT EXECUTE FUNCTION keep_changes(%L)', which, named);
    EXECUTE format('CREATE OR REPLACE TRIGGER keep_delete AFTER DELETE ON %s'
        ' REFERENCING OLD TABLE AS old_rows'
        ' FOR EACH STATEMENT EXECUTE FUNCTION keep_changes(%L)', which, named);
    EXECUTE format('CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON %s'
        ' FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()', which);
    EXECUTE format('CREATE OR REPLACE TRIGGER refuse_new_id AFTER UPDATE OF id ON %s'
        ' FOR EACH ROW WHEN (OLD.id IS DISTINCT FROM NEW.id)'
        ' EXECUTE FUNCTION refuse_new_id()', which);
END $$;
COMMENT ON FUNCTION record_changes IS 'Puts a table under history and change capture.';

CREATE FUNCTION unrecord_changes(which regclass) RETURNS void LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    one text;
BEGIN
    FOREACH one IN ARRAY ARRAY['keep_insert', 'keep_update', 'keep_delete', 'refuse_truncate',
        'refuse_new_id']
    LOOP
        EXECUTE format('DROP TRIGGER IF EXISTS %I ON %s', one, which);
    END LOOP;
    -- The row stays: versions name their table by its number.
    UPDATE recorded_tables SET has_history = false, has_capture = false, is_history_on = false,
        is_capture_on = false
    WHERE name = (SELECT relname FROM pg_class WHERE oid = which);
END $$;
COMMENT ON FUNCTION unrecord_changes IS 'Takes a table out of history and change capture.';

CREATE AGGREGATE newest_fields(hstore) (sfunc = hs_concat, stype = hstore);
COMMENT ON AGGREGATE newest_fields(hstore) IS 'Lays fields over fields: the last of each stays.';

-- Planned once for a session: planning for every month that there is takes longer than reading.
-- JSON, because every program reads it quickly.
CREATE FUNCTION record_versions(named text, wanted uuid) RETURNS TABLE (
    row_id uuid, kind text, at timestamptz, old json, new json, statement bigint, n integer,
    transaction_id uuid, began_at timestamptz, source text, user_id uuid, user_name text,
    via text, address text, comment text, origin text
) LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp
    SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT v.row_id, v.kind, v.at, hstore_to_json(v.old), hstore_to_json(v.new),
        v.statement, v.n, v.transaction_id, t.at, t.source, t.user_id, t.user_name, t.via, t.address, t.comment, t.origin
    FROM versions AS v LEFT JOIN history_transactions AS t ON t.id = v.transaction_id
    WHERE v.table_id = (SELECT r.id FROM recorded_tables AS r WHERE r.name = named)
        AND v.row_id = wanted
    ORDER BY v.statement, v.n;
END $$;
COMMENT ON FUNCTION record_versions IS 'All versions of a record with who made them, in order.';

CREATE FUNCTION kept_row(which regclass, wanted uuid) RETURNS hstore LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, public, pg_temp
    SET datestyle = 'ISO, YMD' SET intervalstyle = 'postgres' SET timezone = 'UTC'
    SET extra_float_digits = 1 SET bytea_output = 'hex' AS $$
DECLARE
    it recorded_tables;
    found hstore;
BEGIN
    SELECT * INTO it FROM recorded_tables
        WHERE name = (SELECT relname FROM pg_class WHERE oid = which);
    EXECUTE format('SELECT hstore(r) - $1 FROM %s AS r WHERE id = $2', which)
        INTO found USING it.without, wanted;
    RETURN found || hstore(it.secret, array_fill('(secret)'::text, ARRAY[cardinality(it.secret)]));
END $$;
COMMENT ON FUNCTION kept_row IS 'A row as it is now, in the form in which versions are kept.';

-- Only rows whose id lies after `above` and up to `upto`, so that a big table is looked at in
-- slices. `known` is what the versions say, `live` what the table says; NULL: nothing.
CREATE FUNCTION history_differences(which regclass, above uuid, upto uuid)
    RETURNS TABLE (row_id uuid, what text, known hstore, live hstore)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, public, pg_temp
    SET datestyle = 'ISO, YMD' SET intervalstyle = 'postgres' SET timezone = 'UTC'
    SET extra_float_digits = 1 SET bytea_output = 'hex' AS $$
DECLARE
    it recorded_tables;
BEGIN
    SELECT * INTO it FROM recorded_tables
        WHERE name = (SELECT relname FROM pg_class WHERE oid = which);
    RETURN QUERY EXECUTE format($statement$
        SELECT * FROM (
            SELECT coalesce(l.id, k.id),
                CASE
                    WHEN k.id IS NULL THEN 'unknown'
                    WHEN l.id IS NULL AND k.kind <> 'delete' THEN 'gone'
                    WHEN l.id IS NOT NULL AND k.kind = 'delete' THEN 'back'
                    WHEN l.id IS NOT NULL
                        AND slice(l.fields, akeys(k.fields)) - k.fields <> '' THEN 'differs'
                END AS what,
                k.fields, l.fields
            FROM (
                SELECT r.id, (hstore(r) - $1) || $2 AS fields
                FROM %s AS r WHERE r.id > $4 AND r.id <= $5
            ) AS l
            FULL JOIN (
                SELECT v.row_id AS id, newest_fields(v.new ORDER BY v.statement, v.n) AS fields,
                    (array_agg(v.kind ORDER BY v.statement DESC, v.n DESC))[1] AS kind
                FROM versions AS v
                WHERE v.table_id = $3 AND v.row_id > $4 AND v.row_id <= $5
                GROUP BY v.row_id
            ) AS k ON k.id = l.id
        ) AS found (row_id, what, known, live)
        WHERE what IS NOT NULL ORDER BY row_id
        $statement$, which)
    USING it.without,
        hstore(it.secret, array_fill('(secret)'::text, ARRAY[cardinality(it.secret)])),
        it.id, above, upto;
END $$;
COMMENT ON FUNCTION history_differences IS 'Where versions and live rows say different things.';

-- Rows are locked before they are looked at the second time: a baseline is never older than
-- a version before it.
CREATE FUNCTION keep_baseline(which regclass, above uuid, upto uuid) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    ids constant uuid[] := ARRAY(SELECT d.row_id FROM history_differences(which, above, upto) AS d);
    transaction uuid;
    kept bigint;
BEGIN
    IF cardinality(ids) = 0 THEN
        RETURN 0;
    END IF;
    EXECUTE format('SELECT FROM %s WHERE id = ANY ($1) ORDER BY id FOR SHARE', which) USING ids;
    transaction := history_transaction();
    IF transaction IS NULL THEN
        transaction := uuid7();
        PERFORM open_history_transaction(transaction);
    END IF;
    INSERT INTO versions (statement, n, at, transaction_id, table_id, row_id, kind, old, new)
    SELECT s.statement, row_number() OVER (), clock_timestamp(), transaction, r.id, d.row_id,
        CASE WHEN d.live IS NULL THEN 'delete' ELSE 'baseline' END,
        CASE WHEN d.live IS NULL THEN d.known END, d.live
    FROM history_differences(which, above, upto) AS d
    CROSS JOIN (SELECT nextval('versions_statement') AS statement) AS s
    CROSS JOIN recorded_tables AS r
    WHERE d.row_id = ANY (ids) AND r.name = (SELECT relname FROM pg_class WHERE oid = which);
    GET DIAGNOSTICS kept = ROW_COUNT;
    RETURN kept;
END $$;
COMMENT ON FUNCTION keep_baseline IS 'Catches up: versions of rows that changed unrecorded.';

REVOKE EXECUTE ON FUNCTION open_history_transaction, keep_changes, record_changes,
    unrecord_changes, keep_baseline FROM PUBLIC;
