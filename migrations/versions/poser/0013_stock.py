# SPDX-License-Identifier: Apache-2.0
"""The ledger of stock, and the levels that a trigger keeps."""

from alembic import op

from migrations.privileges import only_to_be_read
from migrations.recording import record, unrecord
from migrations.tables import (
    CREATED_AT,
    KEY,
    MODIFIED_AT,
    check,
    column,
    create_table,
    drop_tables,
    index,
    references,
    unique,
)

revision = "poser_0013"
down_revision = "poser_0012"
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"

# One statement, however many movements; in the order of keys, so that two programs that add
# movements of the same products wait for each other and do not block each other.
ADD_UP = """
CREATE FUNCTION add_to_stock_levels() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO stock_levels AS level (product_id, store_id, on_hand, moved_at)
    SELECT product_id, store_id, sum(quantity), max(at) FROM added
    GROUP BY product_id, store_id ORDER BY product_id, store_id
    ON CONFLICT (product_id, store_id) DO UPDATE SET
        on_hand = level.on_hand + excluded.on_hand,
        moved_at = greatest(level.moved_at, excluded.moved_at),
        modified_at = now();
    RETURN NULL;
END $$
"""
KEEP = """
CREATE FUNCTION keep_stock_movements() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog AS $$
BEGIN
    RAISE EXCEPTION 'movements of stock are never changed or deleted'
    USING HINT = 'add a movement that reverses the wrong one',
        ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;
END $$
"""
TRIGGERS = """
CREATE TRIGGER add_up AFTER INSERT ON stock_movements REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION add_to_stock_levels();
CREATE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE ON stock_movements
    FOR EACH STATEMENT EXECUTE FUNCTION keep_stock_movements()
"""
COMMENTS = """
COMMENT ON FUNCTION add_to_stock_levels() IS 'Adds new movements to the levels of stock.';
COMMENT ON FUNCTION keep_stock_movements() IS 'Refuses to change the ledger of stock.'
"""

RECORDED = ("adjustment_reasons",)


def upgrade() -> None:
    """Create the tables."""
    _create_adjustment_reasons()
    _create_stock_movements()
    _create_stock_levels()
    op.execute(only_to_be_read("stock_levels"))
    for each in (ADD_UP, KEEP, TRIGGERS, COMMENTS):
        op.execute(each)
    for table in RECORDED:
        record(table)
    record("stock_movements", history=False)


def downgrade() -> None:
    """Drop them with everything in them."""
    unrecord("stock_movements")
    for table in reversed(RECORDED):
        unrecord(table)
    drop_tables("stock_levels", "stock_movements", "adjustment_reasons")
    op.execute("DROP FUNCTION add_to_stock_levels(), keep_stock_movements()")


def _create_adjustment_reasons() -> None:
    create_table(
        "adjustment_reasons",
        "Reasons for adjusting stock by hand.",
        KEY,
        column("code", "text NOT NULL", "Short code, such as BROKEN."),
        column("description", "text NOT NULL", "What people read when they choose."),
        column("is_hidden", "boolean DEFAULT false NOT NULL", "Not offered any more."),
        CREATED_AT,
        MODIFIED_AT,
        check(
            "code",
            "code <> '' AND code = btrim(code)",
            "The code may not be empty or have blanks around it.",
        ),
        check(
            "description",
            "description <> '' AND description = btrim(description)",
            "The description may not be empty or have blanks around it.",
        ),
        unique("code"),
    )


def _create_stock_movements() -> None:
    create_table(
        "stock_movements",
        "What came into stores and left them; only added to.",
        KEY,
        column("product_id", "uuid NOT NULL", "What moved."),
        column("store_id", "uuid NOT NULL", "Where it moved."),
        column("at", "timestamptz NOT NULL", "When it moved (UTC); may be before it was noted."),
        column(
            "kind",
            "text NOT NULL",
            "received, sold, returned, sent_back, counted, adjusted, wasted, used, made,"
            " moved_in or moved_out.",
        ),
        column(
            "quantity",
            "numeric(14, 4) NOT NULL",
            "Units, or weight of weighed goods; below zero when it left the store.",
        ),
        column("unit_cost", "numeric(12, 5)", "Cost of one unit then, in the store's currency."),
        column("reason_id", "uuid", "The reason somebody chose."),
        column("reverses_id", "uuid", "The movement that this one puts right."),
        column(
            "document",
            "text DEFAULT '' NOT NULL",
            "Paper or record that says so, such as invoice 4711.",
        ),
        column("user_id", "uuid", "Who noted it."),
        column("note", "text DEFAULT '' NOT NULL", "What somebody wrote about it."),
        column("system", "text", "System it came from, such as trainwreck; empty when noted here."),
        column("system_key", "text", "Its key in that system, so that it is not taken twice."),
        CREATED_AT,
        check(
            "kind",
            "kind IN ('received', 'sold', 'returned', 'sent_back', 'counted', 'adjusted',"
            " 'wasted', 'used', 'made', 'moved_in', 'moved_out')",
            "Kind is received, sold, returned, sent_back, counted, adjusted, wasted, used,"
            " made, moved_in, moved_out; not {kind}.",
        ),
        check("quantity", "quantity <> 0", "A movement is of more or less than nothing."),
        check(
            "sign",
            "CASE WHEN reverses_id IS NOT NULL THEN true WHEN kind IN ('received',"
            " 'returned', 'made', 'moved_in') THEN quantity > 0 WHEN kind IN ('sent_back',"
            " 'wasted', 'used', 'moved_out') THEN quantity < 0 ELSE true END",
            "What comes in is above zero and what leaves is below: {quantity} {kind} is neither.",
        ),
        check(
            "system",
            "(system IS NULL) = (system_key IS NULL)",
            "A movement has both the system it came from and its key there, or neither.",
        ),
        check("unit_cost", "unit_cost >= 0", "A cost cannot be negative; not {unit_cost}."),
        unique("reverses_id"),
        unique("system, system_key"),
        references("product_id", "products (id)"),
        references("reason_id", "adjustment_reasons (id)"),
        references("reverses_id", "stock_movements (id)"),
        references("store_id", "stores (id)"),
        references("user_id", "users (id)"),
        index("product_id, store_id, at"),
        index("reason_id"),
        index("store_id, at"),
        index("user_id"),
    )


def _create_stock_levels() -> None:
    create_table(
        "stock_levels",
        "What stores have now; the sum of stock_movements, kept by a trigger.",
        KEY,
        column("product_id", "uuid NOT NULL", "What there is."),
        column("store_id", "uuid NOT NULL", "Where it is."),
        column(
            "on_hand",
            "numeric(18, 4) NOT NULL",
            "Units, or weight of weighed goods; below zero after an error.",
        ),
        column("moved_at", "timestamptz NOT NULL", "When something last moved (UTC)."),
        MODIFIED_AT,
        unique("product_id, store_id", deferrable=False),
        references("product_id", "products (id)"),
        references("store_id", "stores (id)"),
        index("store_id"),
    )
