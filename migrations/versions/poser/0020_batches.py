# SPDX-License-Identifier: Apache-2.0
"""Batches: work that waits for a person, its rows, and what became of it."""

from alembic import op

from migrations.tables import (
    CREATED_AT,
    KEY,
    MODIFIED_AT,
    Column,
    check,
    column,
    create_table,
    drop_tables,
    index,
    references,
    unique,
)

revision = "poser_0020"
down_revision = "poser_0019"
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"

# Who moves a batch is whom the transaction names, as in the history.
MOVE = """
CREATE FUNCTION move_batch() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    may constant text[] := CASE OLD.status
        WHEN 'draft' THEN ARRAY['populating', 'open']
        WHEN 'populating' THEN ARRAY['draft', 'open']
        WHEN 'open' THEN ARRAY['populating', 'complete']
        WHEN 'complete' THEN ARRAY['open', 'approved', 'executing']
        WHEN 'approved' THEN ARRAY['open', 'executing']
        WHEN 'executing' THEN ARRAY['executed', 'failed']
        WHEN 'failed' THEN ARRAY['open', 'executing']
        WHEN 'executed' THEN ARRAY['undone']
        ELSE ARRAY[]::text[]
    END;
BEGIN
    IF NEW.status <> ALL (may) THEN
        RAISE EXCEPTION 'batch % is %, which cannot become %', OLD.number, OLD.status, NEW.status
        USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME, HINT =
            CASE WHEN cardinality(may) = 0 THEN 'its work is over; make another batch'
            ELSE 'it can become ' || array_to_string(may, ' or ') END;
    END IF;
    INSERT INTO batch_events (batch_id, status, user_id, user_name, comment)
    VALUES (NEW.id, NEW.status, (
        SELECT id FROM users WHERE id = nullif(current_setting('poser.user_id', true), '')::uuid
    ), coalesce(current_setting('poser.user_name', true), ''),
        coalesce(current_setting('poser.comment', true), ''));
    RETURN NEW;
END $$
"""
COUNT_EDITS = """
CREATE FUNCTION count_edits() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    NEW.edits := OLD.edits + 1;
    NEW.modified_at := now();
    RETURN NEW;
END $$
"""
# The lock on the batch keeps it from being frozen before these rows are committed.
KEEP_ROWS = """
CREATE FUNCTION keep_batch_rows() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    frozen batches;
BEGIN
    IF TG_OP = 'INSERT' THEN
        UPDATE batches AS b SET row_count = b.row_count + n.more
        FROM (SELECT batch_id, count(*) FILTER (WHERE NOT is_removed) AS more FROM now_rows
            GROUP BY batch_id) AS n WHERE b.id = n.batch_id;
        SELECT * INTO frozen FROM batches WHERE id IN (SELECT batch_id FROM now_rows)
            AND status NOT IN ('draft', 'populating', 'open') LIMIT 1;
    ELSIF TG_OP = 'DELETE' THEN
        UPDATE batches AS b SET row_count = b.row_count - n.less
        FROM (SELECT batch_id, count(*) FILTER (WHERE NOT is_removed) AS less FROM then_rows
            GROUP BY batch_id) AS n WHERE b.id = n.batch_id;
        SELECT * INTO frozen FROM batches WHERE id IN (SELECT batch_id FROM then_rows)
            AND status NOT IN ('draft', 'populating', 'open') LIMIT 1;
    ELSE
        PERFORM FROM batches WHERE id IN (SELECT batch_id FROM now_rows) FOR SHARE;
        UPDATE batches AS b SET row_count = b.row_count + n.more
        FROM (SELECT batch_id, sum(one) AS more FROM (
                SELECT batch_id, 1 AS one FROM now_rows WHERE NOT is_removed
                UNION ALL SELECT batch_id, -1 FROM then_rows WHERE NOT is_removed
            ) AS both_rows GROUP BY batch_id) AS n
        WHERE b.id = n.batch_id AND n.more <> 0;
        -- What transition tables hold PostgreSQL does not know, and might join row by row.
        IF EXISTS (
            SELECT FROM batches WHERE status NOT IN ('draft', 'populating', 'open')
            AND (id IN (SELECT batch_id FROM now_rows) OR id IN (SELECT batch_id FROM then_rows))
        ) THEN
            SELECT b.* INTO frozen FROM (
                SELECT batch_id, id, number, is_removed, data, old, record_id, entry,
                    CASE WHEN is_executing THEN '' ELSE status || ' ' || outcome END
                FROM now_rows
                JOIN (SELECT id AS one, status = 'executing' AS is_executing FROM batches) AS of
                    ON of.one = batch_id
                EXCEPT
                SELECT batch_id, id, number, is_removed, data, old, record_id, entry,
                    CASE WHEN is_executing THEN '' ELSE status || ' ' || outcome END
                FROM then_rows
                JOIN (SELECT id AS one, status = 'executing' AS is_executing FROM batches) AS of
                    ON of.one = batch_id
            ) AS changed JOIN batches AS b ON b.id = changed.batch_id
            WHERE b.status NOT IN ('draft', 'populating', 'open') LIMIT 1;
        END IF;
    END IF;
    IF frozen.id IS NOT NULL THEN
        RAISE EXCEPTION 'batch % is %: its rows stay as they are', frozen.number, frozen.status
        USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME, HINT =
            CASE WHEN frozen.status IN ('complete', 'approved', 'failed') THEN 'open it again first'
            ELSE '' END;
    END IF;
    RETURN NULL;
END $$
"""
TRIGGERS = """
CREATE TRIGGER move BEFORE UPDATE OF status ON batches
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION move_batch();
CREATE TRIGGER count_edits BEFORE UPDATE ON batches
    FOR EACH ROW WHEN (OLD.row_count = NEW.row_count) EXECUTE FUNCTION count_edits();
CREATE TRIGGER count_edits BEFORE UPDATE ON batch_rows
    FOR EACH ROW EXECUTE FUNCTION count_edits();
CREATE TRIGGER note_inserted AFTER INSERT ON batch_rows REFERENCING NEW TABLE AS now_rows
    FOR EACH STATEMENT EXECUTE FUNCTION keep_batch_rows();
CREATE TRIGGER note_updated AFTER UPDATE ON batch_rows
    REFERENCING OLD TABLE AS then_rows NEW TABLE AS now_rows
    FOR EACH STATEMENT EXECUTE FUNCTION keep_batch_rows();
CREATE TRIGGER note_deleted AFTER DELETE ON batch_rows REFERENCING OLD TABLE AS then_rows
    FOR EACH STATEMENT EXECUTE FUNCTION keep_batch_rows()
"""
COMMENTS = """
COMMENT ON FUNCTION move_batch() IS
    'Lets a batch go from one status to another only as it may, and notes who moved it.';
COMMENT ON FUNCTION count_edits() IS 'Counts how often a row was changed.';
COMMENT ON FUNCTION keep_batch_rows() IS
    'Counts the rows of batches, and refuses to change those of a frozen one.'
"""

_STATUSES = "draft, populating, open, complete, approved, executing, executed, failed, undone"


def upgrade() -> None:
    """Create the tables."""
    _create_batches()
    _create_batch_rows()
    _create_batch_events()
    _create_batch_executions()
    for each in (MOVE, COUNT_EDITS, KEEP_ROWS, TRIGGERS, COMMENTS):
        op.execute(each)


def downgrade() -> None:
    """Drop them with everything in them."""
    drop_tables("batch_executions", "batch_events", "batch_rows", "batches")
    op.execute("DROP FUNCTION move_batch(), count_edits(), keep_batch_rows()")


def _one_of(name: str, words: str) -> str:
    return f"{name} IN ({', '.join(repr(word) for word in words.split(', '))})"


def _json(name: str, comment: str) -> Column:
    return column(name, "jsonb DEFAULT '{}' NOT NULL", comment)


def _words(name: str, comment: str) -> Column:
    return column(name, "text DEFAULT '' NOT NULL", comment)


def _edits() -> Column:
    return column(
        "edits",
        "integer DEFAULT 1 NOT NULL",
        "Counts how often it was changed, so that nobody overwrites what they never saw.",
    )


def _create_batches() -> None:
    people = {
        "created": "Who made it.",
        "completed": "Who said that it is complete.",
        "approved": "Who approved it.",
    }
    create_table(
        "batches",
        "Batches: work that waits for a person.",
        KEY,
        column(
            "number",
            "integer GENERATED BY DEFAULT AS IDENTITY NOT NULL",
            "Number of the batch on this node, as people call it.",
        ),
        column("key", "text NOT NULL", "Which type of batch, such as importer."),
        _words("description", "What people read."),
        _words("notes", "What somebody wrote about it."),
        column("status", "text DEFAULT 'draft' NOT NULL", f"{_STATUSES}."),
        _words("status_text", "Why it failed."),
        _json("params", "What it was made from and with."),
        column(
            "row_count",
            "integer DEFAULT 0 NOT NULL",
            "How many rows it has, without those taken out; kept by a trigger.",
        ),
        _edits(),
        *(
            part
            for name, comment in people.items()
            for part in (
                column(f"{name}_by_id", "uuid", comment),
                _words(f"{name}_by_name", "Their name, kept when they are gone."),
                references(f"{name}_by_id", "users (id)", "ON DELETE SET NULL"),
                index(f"{name}_by_id"),
            )
        ),
        column("executed_at", "timestamptz", "When it was executed (UTC)."),
        CREATED_AT,
        MODIFIED_AT,
        unique("number", deferrable=False),
        check(
            "key",
            "key <> '' AND key = btrim(key)",
            "The key may not be empty or have blanks around it.",
        ),
        check("status", _one_of("status", _STATUSES), f"Status is {_STATUSES}; not {{status}}."),
        check("row_count", "row_count >= 0", "A batch has no fewer rows than none."),
        check(
            "executed_at",
            "(executed_at IS NOT NULL) = (status IN ('executed', 'undone'))",
            "A batch says when it was executed if it was.",
        ),
        index("key, status"),
    )


def _create_batch_rows() -> None:
    outcomes = "waiting, done, stale, refused"
    create_table(
        "batch_rows",
        "Rows of batches.",
        KEY,
        column("batch_id", "uuid NOT NULL", "The batch."),
        column("number", "integer NOT NULL", "Its number in the batch, from one."),
        _words("status", "What there is to say about it; each type has its own words."),
        _words("status_text", "Details of that."),
        column(
            "is_removed",
            "boolean DEFAULT false NOT NULL",
            "Taken out by somebody: is not executed.",
        ),
        _words("entry", "What was scanned or read, as it came."),
        _words("label", "What people know it by."),
        _words("model", "Which model its record is of, such as Product."),
        column("record_id", "uuid", "Id of the record that it is about."),
        column("product_id", "uuid", "The product, in batches of products."),
        _json("data", "Its fields; each type has its own."),
        _json("old", "What the record had when the row was made."),
        column("outcome", "text DEFAULT 'waiting' NOT NULL", f"{outcomes}."),
        _words("reason", "Why it is stale or was refused."),
        _edits(),
        MODIFIED_AT,
        unique("batch_id, number", deferrable=False),
        check("outcome", _one_of("outcome", outcomes), f"Outcome is {outcomes}; not {{outcome}}."),
        check("number", "number >= 1", "Rows of a batch are counted from one."),
        references("batch_id", "batches (id)", "ON DELETE CASCADE"),
        references("product_id", "products (id)", "ON DELETE SET NULL"),
        index("product_id"),
        index("batch_id, status"),
    )


def _create_batch_events() -> None:
    create_table(
        "batch_events",
        "What happened to batches.",
        KEY,
        column("batch_id", "uuid NOT NULL", "The batch."),
        column("at", "timestamptz DEFAULT clock_timestamp() NOT NULL", "When it happened (UTC)."),
        _words("status", "The status that it got; empty for words alone."),
        column("user_id", "uuid", "Who did it."),
        _words("user_name", "Their name, kept when they are gone."),
        _words("comment", "What they said about it."),
        references("batch_id", "batches (id)", "ON DELETE CASCADE"),
        references("user_id", "users (id)", "ON DELETE SET NULL"),
        index("batch_id"),
        index("user_id"),
    )


def _create_batch_executions() -> None:
    statuses = "running, done, failed, undone"
    create_table(
        "batch_executions",
        "Executions of batches.",
        KEY,
        column("batch_id", "uuid NOT NULL", "The batch."),
        column("status", "text DEFAULT 'running' NOT NULL", f"{statuses}."),
        column(
            "began_at", "timestamptz DEFAULT clock_timestamp() NOT NULL", "When it began (UTC)."
        ),
        column("ended_at", "timestamptz", "When it ended (UTC)."),
        column("user_id", "uuid", "Who executed it."),
        _words("user_name", "Their name, kept when they are gone."),
        _json("counts", "What came of it, counted."),
        column("notes", "text[] DEFAULT '{}' NOT NULL", "What people should know."),
        _words("why", "Why it failed."),
        column(
            "transaction_ids",
            "uuid[] DEFAULT '{}' NOT NULL",
            "What it changed: history_transactions.id.",
        ),
        check("status", _one_of("status", statuses), f"Status is {statuses}; not {{status}}."),
        check(
            "ended_at",
            "(ended_at IS NULL) = (status = 'running')",
            "An execution that has ended says when.",
        ),
        references("batch_id", "batches (id)", "ON DELETE CASCADE"),
        references("user_id", "users (id)", "ON DELETE SET NULL"),
        index("batch_id"),
        index("user_id"),
    )
    op.execute(
        "CREATE UNIQUE INDEX ix_batch_executions_once ON batch_executions (batch_id)"
        " WHERE status IN ('running', 'done', 'undone')"
    )
