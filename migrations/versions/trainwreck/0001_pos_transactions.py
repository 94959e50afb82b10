# SPDX-License-Identifier: Apache-2.0
"""POS transactions and their parts."""

import sqlalchemy as sa
from alembic import op

from migrations.privileges import grant_to_application, revoke_from_application

revision = "trainwreck_0001"
down_revision = None
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"

# The same layout as poser.ids.uuid7: 48 bits of milliseconds, the version, 12 bits of the
# fraction of the millisecond, the variant, 62 random bits (taken from a version 4 UUID).
UUID7 = """
CREATE FUNCTION uuid7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT encode(
        overlay(
            uuid_send(gen_random_uuid())
            PLACING int8send(
                ((us / 1000) << 16) | (7 << 12) | ((us % 1000) * 4096 / 1000)
            )
            FROM 1 FOR 8
        ),
        'hex')::uuid
    FROM (SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS us) AS now
$$
"""
COMMENT = "COMMENT ON FUNCTION uuid7() IS 'Makes a UUID version 7 (RFC 9562), in order of time.'"


def upgrade() -> None:
    """Create the tables."""
    grant_to_application()
    op.execute(UUID7)
    op.execute(COMMENT)
    _create_pos_transactions()
    _create_pos_lines()
    _create_pos_discounts()
    _create_pos_taxes()
    _create_pos_tenders()
    _create_pos_rejects()


def downgrade() -> None:
    """Drop them with everything in them."""
    op.drop_table("pos_rejects")
    op.drop_table("pos_tenders")
    op.drop_table("pos_taxes")
    op.drop_table("pos_discounts")
    op.drop_table("pos_lines")
    op.drop_table("pos_transactions")
    op.execute("DROP FUNCTION uuid7()")
    revoke_from_application()


def _create_pos_transactions() -> None:
    op.create_table(
        "pos_transactions",
        sa.Column(
            "id",
            sa.Uuid(),
            server_default=sa.text("uuid7()"),
            nullable=False,
            comment="Unique id, a UUID version 7.",
        ),
        sa.Column(
            "business_date",
            sa.Date(),
            nullable=False,
            comment="The store's business day that it counts for.",
        ),
        sa.Column(
            "system",
            sa.Text(),
            nullable=False,
            comment="Which POS system reported it, such as poslog.",
        ),
        sa.Column(
            "system_id",
            sa.Text(),
            nullable=False,
            comment="That system's own id: store/terminal/date/number for POS logs.",
        ),
        sa.Column(
            "kind",
            sa.Text(),
            nullable=False,
            comment="sale, control and so on; see TransactionKind.",
        ),
        sa.Column(
            "control",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="What a control transaction did, such as sign_on; empty for sales.",
        ),
        sa.Column(
            "reason",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="The till's own words for why.",
        ),
        sa.Column(
            "store_number", sa.Text(), nullable=False, comment="The store's number on the till."
        ),
        sa.Column("terminal", sa.Text(), nullable=False, comment="The till's number in the store."),
        sa.Column(
            "receipt_number",
            sa.Text(),
            nullable=False,
            comment="The number printed on the receipt.",
        ),
        sa.Column(
            "started_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When it began (UTC); same as ended_at if the till did not say.",
        ),
        sa.Column(
            "ended_at", sa.DateTime(timezone=True), nullable=False, comment="When it ended (UTC)."
        ),
        sa.Column(
            "cashier_number",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="The cashier's number on the till.",
        ),
        sa.Column(
            "cashier_name",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="The cashier's name on the till.",
        ),
        sa.Column(
            "customer_number",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="Loyalty or account number; empty without.",
        ),
        sa.Column(
            "currency",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="ISO 4217 code; empty if the till did not say.",
        ),
        sa.Column(
            "subtotal",
            sa.Numeric(precision=14, scale=3),
            server_default=sa.text("0"),
            nullable=False,
            comment="Sum of the lines after discounts, before tax.",
        ),
        sa.Column(
            "discount_total",
            sa.Numeric(precision=14, scale=3),
            server_default=sa.text("0"),
            nullable=False,
            comment="Sum of the discounts; negative when the customer saved.",
        ),
        sa.Column(
            "tax_total",
            sa.Numeric(precision=14, scale=3),
            server_default=sa.text("0"),
            nullable=False,
            comment="Sum of the taxes.",
        ),
        sa.Column(
            "total",
            sa.Numeric(precision=14, scale=3),
            server_default=sa.text("0"),
            nullable=False,
            comment="What the customer owed.",
        ),
        sa.Column(
            "tender_total",
            sa.Numeric(precision=14, scale=3),
            server_default=sa.text("0"),
            nullable=False,
            comment="What was paid, less change and cash back.",
        ),
        sa.Column(
            "line_count",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="How many item lines it has.",
        ),
        sa.Column(
            "is_void",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Cancelled or voided as a whole.",
        ),
        sa.Column(
            "is_suspended",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Put aside to be resumed as another.",
        ),
        sa.Column(
            "is_training",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Rung in training mode; not a real sale.",
        ),
        sa.Column(
            "resumes",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="system_id of the suspended transaction that this one resumed; empty if none.",
        ),
        sa.Column(
            "fingerprint",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of everything that was read of it, to notice a report that differs.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When this row was first written (UTC).",
        ),
        sa.CheckConstraint(
            "kind IN ('sale', 'control', 'tender_control', 'inventory_control', 'other')",
            name=op.f("ck_pos_transactions_kind"),
        ),
        sa.PrimaryKeyConstraint("id", "business_date", name=op.f("pk_pos_transactions")),
        sa.UniqueConstraint(
            "system", "system_id", name=op.f("uq_pos_transactions_system_system_id")
        ),
        comment="What tills did, one row each.",
    )
    op.create_index(
        "ix_pos_transactions_business_date_store_number",
        "pos_transactions",
        ["business_date", "store_number"],
        unique=False,
    )
    op.create_index(
        "ix_pos_transactions_customer_number", "pos_transactions", ["customer_number"], unique=False
    )
    op.create_index(
        "ix_pos_transactions_ended_at_id", "pos_transactions", ["ended_at", "id"], unique=False
    )
    op.create_index(
        "ix_pos_transactions_receipt_number", "pos_transactions", ["receipt_number"], unique=False
    )
    op.create_index(
        "ix_pos_transactions_total_id", "pos_transactions", ["total", "id"], unique=False
    )


def _create_pos_lines() -> None:
    op.create_table(
        "pos_lines",
        sa.Column(
            "transaction_id",
            sa.Uuid(),
            nullable=False,
            comment="The POS transaction it is part of.",
        ),
        sa.Column(
            "business_date",
            sa.Date(),
            nullable=False,
            comment="The business date of the POS transaction.",
        ),
        sa.Column(
            "sequence",
            sa.Integer(),
            nullable=False,
            comment="Place on the receipt from 1; all kinds of parts are counted as one.",
        ),
        sa.Column(
            "kind", sa.Text(), nullable=False, comment="sale, return or refund; see LineKind."
        ),
        sa.Column(
            "code",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="The item's code as the till wrote it; empty for a bare department sale.",
        ),
        sa.Column(
            "gtin",
            sa.BigInteger(),
            nullable=True,
            comment="The code as a GTIN, if it is one; for finding the product.",
        ),
        sa.Column(
            "description", sa.Text(), nullable=False, comment="The till's text for the item."
        ),
        sa.Column(
            "department_number",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="Department on the till; may be empty.",
        ),
        sa.Column(
            "department_name",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="Its name on the till; may be empty.",
        ),
        sa.Column(
            "quantity",
            sa.Numeric(precision=14, scale=4),
            nullable=False,
            comment="Units, or weight when weighed; negative takes back.",
        ),
        sa.Column(
            "unit",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="Unit of the quantity: each, lb or kg; weight if the till did not say which.",
        ),
        sa.Column(
            "unit_price",
            sa.Numeric(precision=14, scale=4),
            nullable=False,
            comment="Price asked for one unit.",
        ),
        sa.Column(
            "regular_price",
            sa.Numeric(precision=14, scale=4),
            nullable=True,
            comment="Regular price of one unit, if the till said.",
        ),
        sa.Column(
            "extended",
            sa.Numeric(precision=14, scale=3),
            server_default=sa.text("0"),
            nullable=False,
            comment="Amount of the line before discounts given elsewhere.",
        ),
        sa.Column(
            "discount",
            sa.Numeric(precision=14, scale=3),
            server_default=sa.text("0"),
            nullable=False,
            comment="Discount already taken off in `extended`; 0 or more when sold.",
        ),
        sa.Column(
            "entry",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="How the code got in: scanned, keyed and so on.",
        ),
        sa.Column(
            "is_void",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Takes an earlier line back, or was taken back itself.",
        ),
        sa.Column(
            "is_weighed",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Sold by weight.",
        ),
        sa.Column(
            "is_food_stampable",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Might be paid with food stamps.",
        ),
        sa.CheckConstraint("kind IN ('sale', 'return', 'refund')", name=op.f("ck_pos_lines_kind")),
        sa.ForeignKeyConstraint(
            ["transaction_id", "business_date"],
            ["pos_transactions.id", "pos_transactions.business_date"],
            name=op.f("fk_pos_lines_transaction_id_business_date"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "transaction_id", "business_date", "sequence", name=op.f("pk_pos_lines")
        ),
        comment="Item lines of POS transactions.",
    )
    op.create_index(
        "ix_pos_lines_gtin_business_date", "pos_lines", ["gtin", "business_date"], unique=False
    )


def _create_pos_discounts() -> None:
    op.create_table(
        "pos_discounts",
        sa.Column(
            "transaction_id",
            sa.Uuid(),
            nullable=False,
            comment="The POS transaction it is part of.",
        ),
        sa.Column(
            "business_date",
            sa.Date(),
            nullable=False,
            comment="The business date of the POS transaction.",
        ),
        sa.Column(
            "sequence",
            sa.Integer(),
            nullable=False,
            comment="Place on the receipt from 1; all kinds of parts are counted as one.",
        ),
        sa.Column(
            "line_sequence",
            sa.Integer(),
            nullable=True,
            comment="The line it is for; empty when for the whole.",
        ),
        sa.Column(
            "promotion",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="The promotion's number; may be empty.",
        ),
        sa.Column(
            "kind", sa.Text(), nullable=False, comment="The till's word, such as PercentOff."
        ),
        sa.Column(
            "level",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="item or transaction; empty if not said.",
        ),
        sa.Column(
            "description",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="The till's text; may be empty.",
        ),
        sa.Column(
            "amount",
            sa.Numeric(precision=14, scale=3),
            server_default=sa.text("0"),
            nullable=False,
            comment="Change of what is owed: negative when the customer saves.",
        ),
        sa.Column(
            "is_void",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Takes back an earlier one.",
        ),
        sa.ForeignKeyConstraint(
            ["transaction_id", "business_date"],
            ["pos_transactions.id", "pos_transactions.business_date"],
            name=op.f("fk_pos_discounts_transaction_id_business_date"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "transaction_id", "business_date", "sequence", name=op.f("pk_pos_discounts")
        ),
        comment="Discounts and rewards of POS transactions.",
    )


def _create_pos_taxes() -> None:
    op.create_table(
        "pos_taxes",
        sa.Column(
            "transaction_id",
            sa.Uuid(),
            nullable=False,
            comment="The POS transaction it is part of.",
        ),
        sa.Column(
            "business_date",
            sa.Date(),
            nullable=False,
            comment="The business date of the POS transaction.",
        ),
        sa.Column(
            "sequence",
            sa.Integer(),
            nullable=False,
            comment="Place on the receipt from 1; all kinds of parts are counted as one.",
        ),
        sa.Column(
            "line_sequence",
            sa.Integer(),
            nullable=True,
            comment="The line it is charged on; empty when on the whole.",
        ),
        sa.Column(
            "code",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="The tax's number on the till; may be empty.",
        ),
        sa.Column(
            "description",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="The till's text; may be empty.",
        ),
        sa.Column(
            "taxable",
            sa.Numeric(precision=14, scale=3),
            nullable=True,
            comment="The amount that is taxed.",
        ),
        sa.Column(
            "percent",
            sa.Numeric(precision=9, scale=4),
            nullable=True,
            comment="Rate in percent, if the till said.",
        ),
        sa.Column(
            "amount",
            sa.Numeric(precision=14, scale=3),
            server_default=sa.text("0"),
            nullable=False,
            comment="The tax.",
        ),
        sa.Column(
            "is_void",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Takes back an earlier one.",
        ),
        sa.ForeignKeyConstraint(
            ["transaction_id", "business_date"],
            ["pos_transactions.id", "pos_transactions.business_date"],
            name=op.f("fk_pos_taxes_transaction_id_business_date"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "transaction_id", "business_date", "sequence", name=op.f("pk_pos_taxes")
        ),
        comment="Taxes of POS transactions.",
    )


def _create_pos_tenders() -> None:
    op.create_table(
        "pos_tenders",
        sa.Column(
            "transaction_id",
            sa.Uuid(),
            nullable=False,
            comment="The POS transaction it is part of.",
        ),
        sa.Column(
            "business_date",
            sa.Date(),
            nullable=False,
            comment="The business date of the POS transaction.",
        ),
        sa.Column(
            "sequence",
            sa.Integer(),
            nullable=False,
            comment="Place on the receipt from 1; all kinds of parts are counted as one.",
        ),
        sa.Column(
            "kind", sa.Text(), nullable=False, comment="tender, change or cashback; see TenderKind."
        ),
        sa.Column(
            "code",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="The tender's number on the till; may be empty.",
        ),
        sa.Column(
            "tender_type",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="cash, credit_debit, check and so on.",
        ),
        sa.Column(
            "description",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="The till's text; may be empty.",
        ),
        sa.Column(
            "card",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="Kind of card, such as Visa debit; may be empty.",
        ),
        sa.Column(
            "amount",
            sa.Numeric(precision=14, scale=3),
            server_default=sa.text("0"),
            nullable=False,
            comment="Money in; negative for change and cash back.",
        ),
        sa.Column(
            "is_void",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Takes back an earlier one.",
        ),
        sa.CheckConstraint(
            "kind IN ('tender', 'change', 'cashback')", name=op.f("ck_pos_tenders_kind")
        ),
        sa.ForeignKeyConstraint(
            ["transaction_id", "business_date"],
            ["pos_transactions.id", "pos_transactions.business_date"],
            name=op.f("fk_pos_tenders_transaction_id_business_date"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "transaction_id", "business_date", "sequence", name=op.f("pk_pos_tenders")
        ),
        comment="Payments of POS transactions; numbers of cards are never kept.",
    )


def _create_pos_rejects() -> None:
    op.create_table(
        "pos_rejects",
        sa.Column(
            "id",
            sa.Uuid(),
            server_default=sa.text("uuid7()"),
            nullable=False,
            comment="Unique id, a UUID version 7: ascends with the time of creation.",
        ),
        sa.Column("system", sa.Text(), nullable=False, comment="Which POS system reported it."),
        sa.Column(
            "source",
            sa.Text(),
            nullable=False,
            comment="Name of the file that it was first seen in.",
        ),
        sa.Column(
            "line", sa.BigInteger(), nullable=False, comment="Line of the file, counted from 1."
        ),
        sa.Column(
            "position",
            sa.BigInteger(),
            nullable=False,
            comment="Place in that line, counted from 1.",
        ),
        sa.Column(
            "entry",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="system_id of the POS transaction, as far as it could be read.",
        ),
        sa.Column(
            "field",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="What of it was refused, such as LineItem/Sale/Quantity.",
        ),
        sa.Column(
            "value",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="What stood there, cut at 200 characters.",
        ),
        sa.Column("reason", sa.Text(), nullable=False, comment="Why it was refused."),
        sa.Column("raw", sa.Text(), nullable=False, comment="The whole entry as XML."),
        sa.Column(
            "raw_sha256",
            sa.LargeBinary(),
            nullable=False,
            comment="SHA-256 of `raw`, so that the same file twice adds nothing.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When this row was first written (UTC).",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pos_rejects")),
        sa.UniqueConstraint(
            "system",
            "entry",
            "field",
            "value",
            "raw_sha256",
            name=op.f("uq_pos_rejects_system_entry_field_value_raw_sha256"),
        ),
        comment="Entries of POS logs that were refused, with the reason.",
    )
    op.create_index(
        "ix_pos_rejects_created_at_id", "pos_rejects", ["created_at", "id"], unique=False
    )
