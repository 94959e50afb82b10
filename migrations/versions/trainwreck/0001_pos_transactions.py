# SPDX-License-Identifier: Apache-2.0
"""POS transactions and their parts, cut by month; each id of each system just once."""

from alembic import op

from migrations.ids import create_uuid7, drop_uuid7
from migrations.partitioning import drop_archive, start_partitions
from migrations.privileges import (
    grant_to_application,
    only_to_be_read,
    revoke_from_application,
)
from migrations.tables import (
    CREATED_AT,
    KEY,
    Rule,
    column,
    create_table,
    drop_tables,
    index,
    unique,
)
from poser.db.partitions import Part, Partitions, Unit

revision = "trainwreck_0001"
down_revision = None
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"

PARTS = ("pos_lines", "pos_discounts", "pos_taxes", "pos_tenders")
PARTITIONS = Partitions(
    table="pos_transactions",
    column="business_date",
    unit=Unit.MONTH,
    ahead=3,
    parts=tuple(
        Part(
            table=table,
            columns=("transaction_id", "business_date", "counts_for"),
            target=("id", "business_date", "counts_for"),
        )
        for table in PARTS
    ),
)
OF_TRANSACTION = (
    column("transaction_id", "uuid NOT NULL", "The POS transaction it is part of."),
    column("business_date", "date NOT NULL", "The business date of the POS transaction."),
    column(
        "sequence",
        "integer NOT NULL",
        "Place on the receipt from 1; all kinds of parts are counted as one.",
    ),
    column(
        "counts_for",
        "text NOT NULL",
        "As in its POS transaction, which it follows: the store whose sales it is part of.",
    ),
)
ON_LINE = column("line_sequence", "integer", "The line it is for; empty when for the whole.")
DESCRIPTION = column("description", "text DEFAULT '' NOT NULL", "The till's text; may be empty.")
IS_VOID = column("is_void", "boolean DEFAULT false NOT NULL", "Takes back an earlier one.")

# A key that is there already refuses the whole statement: PRIMARY KEY (system, system_id).
KEEP_KEYS = """
CREATE FUNCTION keep_pos_transaction_keys() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO pos_transaction_keys
        SELECT system, system_id, id, business_date, fingerprint FROM new_rows;
    ELSIF TG_OP = 'DELETE' THEN
        DELETE FROM pos_transaction_keys k USING old_rows o WHERE k.transaction_id = o.id;
    ELSE
        DELETE FROM pos_transaction_keys k USING old_rows o
        WHERE k.transaction_id = o.id AND NOT EXISTS (
            SELECT FROM new_rows n WHERE n.id = o.id AND n.system = o.system
                AND n.system_id = o.system_id AND n.fingerprint IS NOT DISTINCT FROM o.fingerprint);
        INSERT INTO pos_transaction_keys
        SELECT n.system, n.system_id, n.id, n.business_date, n.fingerprint FROM new_rows n
        WHERE NOT EXISTS (SELECT FROM pos_transaction_keys k WHERE k.transaction_id = n.id);
    END IF;
    RETURN NULL;
END $$
"""
KEEP_DATE = """
CREATE FUNCTION keep_pos_transaction_date() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog AS $$
BEGIN
    RAISE EXCEPTION 'the id and the business date of a POS transaction never change: %',
        OLD.system_id
    USING HINT = 'delete it and write it again with the other date',
        ERRCODE = 'integrity_constraint_violation';
END $$
"""
KEEP_ROWS = """
CREATE FUNCTION keep_pos_rows() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    RAISE EXCEPTION '%: TRUNCATE would leave its sales counted', TG_TABLE_NAME
    USING HINT = 'delete the rows, or move months away: poser db archive trainwreck';
END $$
"""
COMMENTS = """
COMMENT ON FUNCTION keep_pos_transaction_keys() IS
    'Keeps pos_transaction_keys as pos_transactions is; refuses an id that is there already.';
COMMENT ON FUNCTION keep_pos_transaction_date() IS
    'Refuses to change the id or the business date of a POS transaction.';
COMMENT ON FUNCTION keep_pos_rows() IS 'Refuses TRUNCATE.';
"""
TRIGGERS = """
CREATE TRIGGER keys_added AFTER INSERT ON pos_transactions
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION keep_pos_transaction_keys();
CREATE TRIGGER keys_changed AFTER UPDATE ON pos_transactions
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION keep_pos_transaction_keys();
CREATE TRIGGER keys_gone AFTER DELETE ON pos_transactions
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION keep_pos_transaction_keys();
CREATE TRIGGER date_kept BEFORE UPDATE OF id, business_date ON pos_transactions FOR EACH ROW
    WHEN (OLD.id <> NEW.id OR OLD.business_date <> NEW.business_date)
    EXECUTE FUNCTION keep_pos_transaction_date();
"""
TRUNCATED = """
CREATE TRIGGER rows_kept BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION keep_pos_rows();
"""


def upgrade() -> None:
    """Create the tables, their keys and their partitions."""
    grant_to_application()
    create_uuid7()
    _create_pos_transactions()
    _create_pos_lines()
    _create_pos_discounts()
    _create_pos_taxes()
    _create_pos_tenders()
    _create_pos_rejects()
    _create_pos_transaction_keys()
    op.execute(only_to_be_read("pos_transaction_keys"))
    for statement in (KEEP_KEYS, KEEP_DATE, KEEP_ROWS, COMMENTS, TRIGGERS):
        op.execute(statement)
    for table in ("pos_transactions", *PARTS):
        op.execute(TRUNCATED.format(table=table))
    start_partitions(PARTITIONS)


def downgrade() -> None:
    """Drop them with everything in them."""
    drop_archive()
    drop_tables("pos_rejects", "pos_transaction_keys", *PARTS, "pos_transactions")
    op.execute("DROP FUNCTION keep_pos_transaction_keys(), keep_pos_transaction_date()")
    op.execute("DROP FUNCTION keep_pos_rows()")
    drop_uuid7()
    revoke_from_application()


def _create_pos_transactions() -> None:
    create_table(
        "pos_transactions",
        "What tills did, one row each.",
        column("id", "uuid DEFAULT uuid7() NOT NULL", "Unique id, a UUID version 7."),
        column("business_date", "date NOT NULL", "The store's business day that it counts for."),
        column("system", "text NOT NULL", "Which POS system reported it, such as poslog."),
        column(
            "system_id",
            "text NOT NULL",
            "That system's own id: store/terminal/date/number for POS logs.",
        ),
        column("kind", "text NOT NULL", "sale, control and so on; see TransactionKind."),
        column(
            "control",
            "text DEFAULT '' NOT NULL",
            "What a control transaction did, such as sign_on; empty for sales.",
        ),
        column("reason", "text DEFAULT '' NOT NULL", "The till's own words for why."),
        column("store_number", "text NOT NULL", "The store's number on the till."),
        column("terminal", "text NOT NULL", "The till's number in the store."),
        column("receipt_number", "text NOT NULL", "The number printed on the receipt."),
        column(
            "started_at",
            "timestamptz NOT NULL",
            "When it began (UTC); same as ended_at if the till did not say.",
        ),
        column("ended_at", "timestamptz NOT NULL", "When it ended (UTC)."),
        column("cashier_number", "text DEFAULT '' NOT NULL", "The cashier's number on the till."),
        column("cashier_name", "text DEFAULT '' NOT NULL", "The cashier's name on the till."),
        column(
            "customer_number",
            "text DEFAULT '' NOT NULL",
            "Loyalty or account number; empty without.",
        ),
        column(
            "currency", "text DEFAULT '' NOT NULL", "ISO 4217 code; empty if the till did not say."
        ),
        column(
            "subtotal",
            "numeric(14, 3) DEFAULT 0 NOT NULL",
            "Sum of the lines after discounts, before tax.",
        ),
        column(
            "discount_total",
            "numeric(14, 3) DEFAULT 0 NOT NULL",
            "Sum of the discounts beside the lines; negative when the customer saved.",
        ),
        column("tax_total", "numeric(14, 3) DEFAULT 0 NOT NULL", "Sum of the taxes."),
        column("total", "numeric(14, 3) DEFAULT 0 NOT NULL", "What the customer owed."),
        column(
            "tender_total",
            "numeric(14, 3) DEFAULT 0 NOT NULL",
            "What was paid, less change and cash back.",
        ),
        column("line_count", "integer DEFAULT 0 NOT NULL", "How many item lines it has."),
        column("is_void", "boolean DEFAULT false NOT NULL", "Cancelled or voided as a whole."),
        column(
            "is_suspended", "boolean DEFAULT false NOT NULL", "Put aside to be resumed as another."
        ),
        column(
            "is_training",
            "boolean DEFAULT false NOT NULL",
            "Rung in training mode; not a real sale.",
        ),
        column(
            "counts_for",
            "text GENERATED ALWAYS AS (CASE WHEN kind = 'sale' AND NOT is_void"
            " AND NOT is_suspended AND NOT is_training THEN store_number ELSE '' END)"
            " STORED NOT NULL",
            "The store whose sales it is part of; empty when it is none that counts.",
        ),
        column(
            "resumes",
            "text DEFAULT '' NOT NULL",
            "system_id of the suspended transaction that this one resumed; empty if none.",
        ),
        column(
            "fingerprint",
            "bytea",
            "SHA-256 of everything that was read of it, to notice a report that differs.",
        ),
        CREATED_AT,
        Rule(
            "ck",
            "kind",
            "CHECK (kind IN ('sale', 'control', 'tender_control', 'inventory_control', 'other'))",
        ),
        Rule("ck", "store_number", "CHECK (store_number <> '')"),
        unique("id, business_date, counts_for", deferrable=False),
        index("business_date, store_number"),
        index("customer_number"),
        index("ended_at, id"),
        index("receipt_number"),
        index("total, id"),
        key="id, business_date",
        cut_by="business_date",
    )


def _create_pos_lines() -> None:
    create_table(
        "pos_lines",
        "Item lines of POS transactions.",
        *OF_TRANSACTION,
        column("kind", "text NOT NULL", "sale, return or refund; see LineKind."),
        column(
            "code",
            "text DEFAULT '' NOT NULL",
            "The item's code as the till wrote it; empty for a bare department sale.",
        ),
        column("gtin", "bigint", "The code as a GTIN, if it is one; for finding the product."),
        column("description", "text NOT NULL", "The till's text for the item."),
        column(
            "department_number", "text DEFAULT '' NOT NULL", "Department on the till; may be empty."
        ),
        column(
            "department_name", "text DEFAULT '' NOT NULL", "Its name on the till; may be empty."
        ),
        column(
            "quantity",
            "numeric(14, 4) NOT NULL",
            "Units, or weight when weighed; negative takes back.",
        ),
        column(
            "unit",
            "text DEFAULT '' NOT NULL",
            "Unit of the quantity: each, lb or kg; weight if the till did not say which.",
        ),
        column("unit_price", "numeric(14, 4) NOT NULL", "Price asked for one unit."),
        column("regular_price", "numeric(14, 4)", "Regular price of one unit, if the till said."),
        column(
            "extended",
            "numeric(14, 3) DEFAULT 0 NOT NULL",
            "Amount of the line before discounts given elsewhere.",
        ),
        column(
            "discount",
            "numeric(14, 3) DEFAULT 0 NOT NULL",
            "Discount already taken off in `extended`; 0 or more when sold.",
        ),
        column(
            "entry", "text DEFAULT '' NOT NULL", "How the code got in: scanned, keyed and so on."
        ),
        column(
            "is_void",
            "boolean DEFAULT false NOT NULL",
            "Takes an earlier line back, or was taken back itself.",
        ),
        column("is_weighed", "boolean DEFAULT false NOT NULL", "Sold by weight."),
        column(
            "is_food_stampable", "boolean DEFAULT false NOT NULL", "Might be paid with food stamps."
        ),
        Rule("ck", "kind", "CHECK (kind IN ('sale', 'return', 'refund'))"),
        index("gtin, business_date"),
        key="transaction_id, business_date, sequence",
        cut_by="business_date",
    )


def _create_pos_discounts() -> None:
    create_table(
        "pos_discounts",
        "Discounts and rewards of POS transactions.",
        *OF_TRANSACTION,
        column("promotion", "text DEFAULT '' NOT NULL", "The promotion's number; may be empty."),
        column("kind", "text NOT NULL", "The till's word, such as PercentOff."),
        column("level", "text DEFAULT '' NOT NULL", "item or transaction; empty if not said."),
        column(
            "department_number",
            "text DEFAULT '' NOT NULL",
            "Department of the line; empty when for the whole.",
        ),
        column(
            "amount",
            "numeric(14, 3) DEFAULT 0 NOT NULL",
            "Change of what is owed: negative when the customer saves.",
        ),
        ON_LINE,
        DESCRIPTION,
        IS_VOID,
        key="transaction_id, business_date, sequence",
        cut_by="business_date",
    )


def _create_pos_taxes() -> None:
    create_table(
        "pos_taxes",
        "Taxes of POS transactions.",
        *OF_TRANSACTION,
        column("code", "text DEFAULT '' NOT NULL", "The tax's number on the till; may be empty."),
        column("taxable", "numeric(14, 3)", "The amount that is taxed."),
        column("percent", "numeric(9, 4)", "Rate in percent, if the till said."),
        column("amount", "numeric(14, 3) DEFAULT 0 NOT NULL", "The tax."),
        ON_LINE,
        DESCRIPTION,
        IS_VOID,
        key="transaction_id, business_date, sequence",
        cut_by="business_date",
    )


def _create_pos_tenders() -> None:
    create_table(
        "pos_tenders",
        "Payments of POS transactions; numbers of cards are never kept.",
        *OF_TRANSACTION,
        column("kind", "text NOT NULL", "tender, change or cashback; see TenderKind."),
        column(
            "code", "text DEFAULT '' NOT NULL", "The tender's number on the till; may be empty."
        ),
        column("tender_type", "text DEFAULT '' NOT NULL", "cash, credit_debit, check and so on."),
        column(
            "card", "text DEFAULT '' NOT NULL", "Kind of card, such as Visa debit; may be empty."
        ),
        column(
            "amount",
            "numeric(14, 3) DEFAULT 0 NOT NULL",
            "Money in; negative for change and cash back.",
        ),
        DESCRIPTION,
        IS_VOID,
        Rule("ck", "kind", "CHECK (kind IN ('tender', 'change', 'cashback'))"),
        key="transaction_id, business_date, sequence",
        cut_by="business_date",
    )


def _create_pos_rejects() -> None:
    create_table(
        "pos_rejects",
        "Entries of POS logs that were refused, with the reason.",
        KEY,
        column("system", "text NOT NULL", "Which POS system reported it."),
        column("source", "text NOT NULL", "Name of the file that it was first seen in."),
        column("line", "bigint NOT NULL", "Line of the file, counted from 1."),
        column("position", "bigint NOT NULL", "Place in that line, counted from 1."),
        column(
            "entry",
            "text DEFAULT '' NOT NULL",
            "system_id of the POS transaction, as far as it could be read.",
        ),
        column(
            "field",
            "text DEFAULT '' NOT NULL",
            "What of it was refused, such as LineItem/Sale/Quantity.",
        ),
        column("value", "text DEFAULT '' NOT NULL", "What stood there, cut at 200 characters."),
        column("reason", "text NOT NULL", "Why it was refused."),
        column("raw", "text NOT NULL", "The whole entry as XML."),
        column(
            "raw_sha256",
            "bytea NOT NULL",
            "SHA-256 of `raw`, so that the same file twice adds nothing.",
        ),
        CREATED_AT,
        unique("system, entry, field, value, raw_sha256", deferrable=False),
        index("created_at, id"),
    )


def _create_pos_transaction_keys() -> None:
    create_table(
        "pos_transaction_keys",
        "Each id of each POS system once, across all months and the archive.",
        column("system", "text NOT NULL", "Which POS system reported it."),
        column("system_id", "text NOT NULL", "That system's own id."),
        column("transaction_id", "uuid NOT NULL", "The id of the POS transaction."),
        column("business_date", "date NOT NULL", "Its business date: the month it lies in."),
        column(
            "fingerprint",
            "bytea",
            "As in its POS transaction: SHA-256 of everything that was read.",
        ),
        unique("transaction_id", deferrable=False),
        key="system, system_id",
    )
