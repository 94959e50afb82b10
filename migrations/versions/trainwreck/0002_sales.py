# SPDX-License-Identifier: Apache-2.0
"""Sales by hour, department and tender, kept by increments from POS transactions.

What a row adds depends on that row alone, so a statement changes a roll-up by what its new
rows add less what its old rows added, whatever others do meanwhile.
"""

from alembic import op

from migrations.partitioning import copy_triggers
from migrations.privileges import only_to_be_read
from migrations.tables import column, create_table, drop_tables, index
from poser.db.partitions import Part, Partitions, Unit

revision = "trainwreck_0002"
down_revision = "trainwreck_0001"
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"

TABLES = ("sales_hours", "sales_departments", "sales_tenders")
VIEWS = ("sales_by_hour", "sales_by_day", "sales_by_department", "sales_by_tender")
PARTITIONS = Partitions(
    table="pos_transactions",
    column="business_date",
    unit=Unit.MONTH,
    ahead=3,
    parts=tuple(
        Part(table=table, columns=(), target=())
        for table in ("pos_lines", "pos_discounts", "pos_taxes", "pos_tenders")
    ),
)
INCREMENT = (
    column(
        "id",
        "bigint GENERATED ALWAYS AS IDENTITY",
        "Number of the increment; rows of one key are added up.",
    ),
    column("business_date", "date NOT NULL", "The store's business day that the sales count for."),
    column("store_number", "text NOT NULL", "The store's number on the till."),
)

# What one row adds, by the table it is in: the roll-up, its keys, its sums, and which rows.
HOUR = (
    "sales_hours",
    ("date_trunc('hour', ended_at, 'UTC')",),
    ("1", "line_count", "subtotal - discount_total", "discount_total", "subtotal", "tax_total",
     "total"),
    "counts_for <> ''",
)  # fmt: skip
# A line that was voided in place keeps its positive amount, and counts for nothing.
LINE = (
    "sales_departments",
    ("department_number",),
    ("1", "CASE WHEN is_weighed THEN 0 ELSE quantity END",
     "CASE WHEN is_weighed THEN quantity ELSE 0 END", "extended + discount", "- discount",
     "extended"),
    "counts_for <> '' AND NOT (is_void AND extended > 0)",
)  # fmt: skip
DISCOUNT = (
    "sales_departments",
    ("department_number",),
    ("0", "0", "0", "0", "amount", "amount"),
    "counts_for <> ''",
)
TENDER = (
    "sales_tenders",
    ("tender_type",),
    ("CASE WHEN kind = 'tender' THEN 1 ELSE 0 END", "amount"),
    "counts_for <> ''",
)
COUNTED = {
    "pos_transactions": HOUR,
    "pos_lines": LINE,
    "pos_discounts": DISCOUNT,
    "pos_tenders": TENDER,
}
COLUMNS = {
    "sales_hours": (
        ("hour",),
        ("transaction_count", "line_count", "gross", "discount", "net", "tax", "total"),
    ),
    "sales_departments": (
        ("department_number",),
        ("line_count", "quantity", "weight", "gross", "discount", "net"),
    ),
    "sales_tenders": (("tender_type",), ("tender_count", "amount")),
}

FUNCTION = """
CREATE FUNCTION count_{table}() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO {rollup} ({columns})
        SELECT business_date, counts_for, {keys}, {added}
        FROM new_rows WHERE {which} GROUP BY business_date, counts_for, {keys};
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO {rollup} ({columns})
        SELECT business_date, counts_for, {keys}, {taken}
        FROM old_rows WHERE {which} GROUP BY business_date, counts_for, {keys};
    ELSE
        INSERT INTO {rollup} ({columns})
        SELECT business_date, counts_for, {keys}, {both}
        FROM (
            SELECT 1 AS sign, * FROM new_rows UNION ALL SELECT -1 AS sign, * FROM old_rows
        ) AS rows
        WHERE {which} GROUP BY business_date, counts_for, {keys}
        HAVING ({both}) IS DISTINCT FROM ({zeros});
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION count_{table}() IS 'Adds to {rollup} what a statement changed in {table}.';
CREATE TRIGGER counted_added AFTER INSERT ON {table} REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_{table}();
CREATE TRIGGER counted_changed AFTER UPDATE ON {table}
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_{table}();
CREATE TRIGGER counted_gone AFTER DELETE ON {table} REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_{table}();
"""
# One fold at a time; it takes only keys with more than one row, or with nothing left.
FOLD = """
CREATE FUNCTION fold_sales() RETURNS bigint LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    folded bigint := 0;
    gone bigint;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended('fold sales', 0)) THEN
        RETURN 0;
    END IF;
{steps}
    RETURN folded;
END $$;
COMMENT ON FUNCTION fold_sales() IS
    'Adds up the increments of each key to one row and returns how many rows that spared.';
"""
FOLD_STEP = """
    WITH many AS (
        SELECT {keys} FROM {rollup} GROUP BY {keys}
        HAVING count(*) > 1 OR ({sums}) IS NOT DISTINCT FROM ({zeros})
    ), taken AS (
        DELETE FROM {rollup} r USING many m WHERE ({of_r}) = ({of_m}) RETURNING r.*
    ), put AS (
        INSERT INTO {rollup} ({columns}) SELECT {keys}, {sums} FROM taken GROUP BY {keys}
        HAVING ({sums}) IS DISTINCT FROM ({zeros}) RETURNING 1
    )
    SELECT (SELECT count(*) FROM taken) - (SELECT count(*) FROM put) INTO gone;
    folded := folded + gone;
"""
VIEW = """
CREATE VIEW {view} AS SELECT {keys}, {sums} FROM {rollup} GROUP BY {keys};
COMMENT ON VIEW {view} IS '{comment}';
"""


def upgrade() -> None:
    """Create the roll-ups, what keeps them, and the views that add them up."""
    _create_sales_hours()
    _create_sales_departments()
    _create_sales_tenders()
    for table in TABLES:
        op.execute(only_to_be_read(table))
    for table in COUNTED:
        op.execute(_function(table))
    op.execute(FOLD.format(steps="".join(_fold_step(table) for table in TABLES)))
    copy_triggers(PARTITIONS)
    day = ("business_date", "store_number")
    _view("sales_by_hour", "sales_hours", (*day, "hour"), "Sales by day, store and hour (UTC).")
    _view("sales_by_day", "sales_hours", day, "Sales by day and store.")
    department = (*day, "department_number")
    _view("sales_by_department", "sales_departments", department, "Sales by day and department.")
    tender = (*day, "tender_type")
    _view("sales_by_tender", "sales_tenders", tender, "Payments by day, store and kind.")


def downgrade() -> None:
    """Drop them."""
    op.execute(f"DROP VIEW {', '.join(VIEWS)}")
    op.execute("DROP FUNCTION fold_sales()")
    for table in COUNTED:
        op.execute(f"DROP FUNCTION count_{table}() CASCADE")
    drop_tables(*TABLES)


def _function(table: str) -> str:
    rollup, keys, sums, which = COUNTED[table]
    named, summed = COLUMNS[rollup]
    return FUNCTION.format(
        table=table,
        rollup=rollup,
        columns=", ".join(("business_date", "store_number", *named, *summed)),
        keys=", ".join(keys),
        added=", ".join(f"sum({one})" for one in sums),
        taken=", ".join(f"- sum({one})" for one in sums),
        both=", ".join(f"sum(sign * ({one}))" for one in sums),
        zeros=", ".join("0" for _ in sums),
        which=which,
    )


def _fold_step(rollup: str) -> str:
    named, summed = COLUMNS[rollup]
    keys = ("business_date", "store_number", *named)
    return FOLD_STEP.format(
        rollup=rollup,
        columns=", ".join((*keys, *summed)),
        keys=", ".join(keys),
        of_r=", ".join(f"r.{key}" for key in keys),
        of_m=", ".join(f"m.{key}" for key in keys),
        sums=", ".join(f"sum({one})" for one in summed),
        zeros=", ".join("0" for _ in summed),
    )


def _view(view: str, rollup: str, keys: tuple[str, ...], comment: str) -> None:
    _, summed = COLUMNS[rollup]
    op.execute(
        VIEW.format(
            view=view,
            rollup=rollup,
            keys=", ".join(keys),
            sums=", ".join(f"sum({one}) AS {one}" for one in summed),
            comment=comment,
        )
    )


def _create_sales_hours() -> None:
    create_table(
        "sales_hours",
        "Increments of sales by store and hour, from POS transactions that count.",
        *INCREMENT,
        column(
            "hour",
            "timestamptz NOT NULL",
            "Begin of the hour in which the POS transaction ended (UTC).",
        ),
        column("transaction_count", "bigint NOT NULL", "How many POS transactions."),
        column("line_count", "bigint NOT NULL", "How many item lines they have."),
        column(
            "gross",
            "numeric(18, 3) NOT NULL",
            "Goods before the discounts beside the lines, without tax.",
        ),
        column(
            "discount",
            "numeric(18, 3) NOT NULL",
            "Discounts beside the lines; negative when customers saved.",
        ),
        column("net", "numeric(18, 3) NOT NULL", "Goods after discounts, without tax."),
        column("tax", "numeric(18, 3) NOT NULL", "Taxes."),
        column("total", "numeric(18, 3) NOT NULL", "What customers owed."),
        index("business_date"),
    )


def _create_sales_departments() -> None:
    create_table(
        "sales_departments",
        "Increments of sales by store and department, from lines and discounts.",
        *INCREMENT,
        column(
            "department_number",
            "text NOT NULL",
            "Department on the till; empty for lines without, and for whole receipts.",
        ),
        column("line_count", "bigint NOT NULL", "How many item lines; voided ones are none."),
        column(
            "quantity", "numeric(18, 4) NOT NULL", "Units of goods that are not sold by weight."
        ),
        column(
            "weight",
            "numeric(18, 4) NOT NULL",
            "Goods sold by weight, in the unit of the store: lb or kg.",
        ),
        column("gross", "numeric(18, 3) NOT NULL", "Goods before all discounts, without tax."),
        column(
            "discount", "numeric(18, 3) NOT NULL", "All discounts; negative when customers saved."
        ),
        column("net", "numeric(18, 3) NOT NULL", "Goods after discounts, without tax."),
        index("business_date"),
    )


def _create_sales_tenders() -> None:
    create_table(
        "sales_tenders",
        "Increments of payments by store and kind of tender.",
        *INCREMENT,
        column("tender_type", "text NOT NULL", "cash, credit_debit, check and so on."),
        column(
            "tender_count", "bigint NOT NULL", "How many payments; change and cash back are none."
        ),
        column("amount", "numeric(18, 3) NOT NULL", "Money in, less change and cash back."),
        index("business_date"),
    )
