# SPDX-License-Identifier: Apache-2.0
"""Purchases, their items, and what vendors owe back."""

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

revision = "poser_0014"
down_revision = "poser_0013"
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"

RECORDED = ("purchases", "purchase_items", "purchase_credits")


def upgrade() -> None:
    """Create the tables."""
    _create_purchases()
    _create_purchase_items()
    _create_purchase_credits()
    for table in RECORDED:
        record(table)


def downgrade() -> None:
    """Drop them with everything in them."""
    for table in reversed(RECORDED):
        unrecord(table)
    drop_tables("purchase_credits", "purchase_items", "purchases")


def _create_purchases() -> None:
    create_table(
        "purchases",
        "Purchases from vendors.",
        KEY,
        column("store_id", "uuid NOT NULL", "The store the goods are for."),
        column("vendor_id", "uuid NOT NULL", "Whom they are from."),
        column("department_id", "uuid", "The department that buys."),
        column("buyer_id", "uuid", "Who buys."),
        column(
            "status",
            "text DEFAULT 'new' NOT NULL",
            "new, ordered, received, costed, paid or canceled.",
        ),
        column("order_number", "text DEFAULT '' NOT NULL", "The retailer's number of the order."),
        column("order_total", "numeric(14, 3)", "Total as ordered."),
        column("invoice_number", "text DEFAULT '' NOT NULL", "The vendor's number of the invoice."),
        column("invoice_on", "date", "Date of the invoice."),
        column("invoice_total", "numeric(14, 3)", "Total as invoiced."),
        column(
            "currency",
            "text DEFAULT '' NOT NULL",
            "ISO 4217 code; empty means the retailer's own currency.",
        ),
        column("ordered_on", "date", "Day of the order."),
        column("shipped_on", "date", "Day the vendor sent it."),
        column("received_at", "timestamptz", "When it came in (UTC)."),
        column("ship_method", "text DEFAULT '' NOT NULL", "How it is sent, as agreed."),
        column("notes_to_vendor", "text DEFAULT '' NOT NULL", "What the vendor should know."),
        column("created_by_id", "uuid", "Who began it."),
        CREATED_AT,
        MODIFIED_AT,
        check(
            "currency",
            "currency ~ '^([A-Z]{3})?$'",
            "A currency is three capital letters of ISO 4217, such as USD; not {currency}.",
        ),
        check(
            "shipped_on",
            "shipped_on >= ordered_on",
            "Goods cannot be shipped ({shipped_on}) before they are ordered ({ordered_on}).",
        ),
        check(
            "status",
            "status IN ('new', 'ordered', 'received', 'costed', 'paid', 'canceled')",
            "Status is new, ordered, received, costed, paid, canceled; not {status}.",
        ),
        references("buyer_id", "employees (id)", "ON DELETE SET NULL"),
        references("created_by_id", "users (id)", "ON DELETE SET NULL"),
        references("department_id", "departments (id)"),
        references("store_id", "stores (id)"),
        references("vendor_id", "vendors (id)"),
        index("buyer_id"),
        index("created_by_id"),
        index("department_id"),
        index("store_id, status"),
        index("vendor_id, invoice_number"),
    )


def _create_purchase_items() -> None:
    create_table(
        "purchase_items",
        "Lines of purchases.",
        KEY,
        column("purchase_id", "uuid NOT NULL", "The purchase."),
        column("sequence", "integer NOT NULL", "Number of the line, from 1."),
        column("product_id", "uuid", "The product; empty while it is not known."),
        column("vendor_code", "text DEFAULT '' NOT NULL", "The vendor's number of it then."),
        column("gtin", "bigint", "Its GTIN then."),
        column("description", "text DEFAULT '' NOT NULL", "Its description then."),
        column("size", "text DEFAULT '' NOT NULL", "Its size then."),
        column("case_size", "numeric(14, 4) DEFAULT '1' NOT NULL", "How many units are in a case."),
        column("invoice_sequence", "integer", "Its line on the invoice."),
        column("is_out_of_stock", "boolean DEFAULT false NOT NULL", "The vendor had none."),
        column("cases_ordered", "numeric(14, 4) DEFAULT '0' NOT NULL", "Cases that were ordered."),
        column(
            "units_ordered",
            "numeric(14, 4) DEFAULT '0' NOT NULL",
            "Units that were ordered, beside cases.",
        ),
        column(
            "cases_shipped",
            "numeric(14, 4) DEFAULT '0' NOT NULL",
            "Cases that the vendor says it sent.",
        ),
        column(
            "units_shipped",
            "numeric(14, 4) DEFAULT '0' NOT NULL",
            "Units that the vendor says it sent.",
        ),
        column(
            "cases_received",
            "numeric(14, 4) DEFAULT '0' NOT NULL",
            "Cases that came in good order.",
        ),
        column(
            "units_received",
            "numeric(14, 4) DEFAULT '0' NOT NULL",
            "Units that came in good order.",
        ),
        column("cases_damaged", "numeric(14, 4) DEFAULT '0' NOT NULL", "Cases that came damaged."),
        column("units_damaged", "numeric(14, 4) DEFAULT '0' NOT NULL", "Units that came damaged."),
        column("cases_expired", "numeric(14, 4) DEFAULT '0' NOT NULL", "Cases that came too old."),
        column("units_expired", "numeric(14, 4) DEFAULT '0' NOT NULL", "Units that came too old."),
        column(
            "cases_mispicked",
            "numeric(14, 4) DEFAULT '0' NOT NULL",
            "Cases of something else that came instead.",
        ),
        column(
            "units_mispicked",
            "numeric(14, 4) DEFAULT '0' NOT NULL",
            "Units of something else that came instead.",
        ),
        column("cases_missing", "numeric(14, 4) DEFAULT '0' NOT NULL", "Cases that did not come."),
        column("units_missing", "numeric(14, 4) DEFAULT '0' NOT NULL", "Units that did not come."),
        column(
            "catalog_unit_cost", "numeric(12, 5)", "Cost of one unit in the vendor's catalog then."
        ),
        column("order_unit_cost", "numeric(12, 5)", "Cost of one unit on the order."),
        column("order_case_cost", "numeric(12, 5)", "Cost of one case on the order."),
        column("order_total", "numeric(14, 3)", "Total as ordered."),
        column("invoice_unit_cost", "numeric(12, 5)", "Cost of one unit on the invoice."),
        column("invoice_case_cost", "numeric(12, 5)", "Cost of one case on the invoice."),
        column("invoice_total", "numeric(14, 3)", "Total as invoiced."),
        CREATED_AT,
        MODIFIED_AT,
        check("case_size", "case_size > 0", "A case holds more than nothing; not {case_size}."),
        check(
            "counts",
            "least(cases_ordered, units_ordered, cases_shipped, units_shipped,"
            " cases_received, units_received, cases_damaged, units_damaged, cases_expired,"
            " units_expired, cases_mispicked, units_mispicked, cases_missing, units_missing)"
            " >= 0",
            "No count of a purchase's line can be below zero.",
        ),
        check("sequence", "sequence > 0", "Lines are counted from 1; not {sequence}."),
        unique("purchase_id, sequence"),
        references("product_id", "products (id)"),
        references("purchase_id", "purchases (id)", "ON DELETE CASCADE"),
        index("product_id"),
    )


def _create_purchase_credits() -> None:
    create_table(
        "purchase_credits",
        "What vendors owe back for goods.",
        KEY,
        column("store_id", "uuid NOT NULL", "The store it is owed to."),
        column("vendor_id", "uuid NOT NULL", "Who owes it."),
        column("purchase_item_id", "uuid", "The line of a purchase that it is about."),
        column("product_id", "uuid", "What should have come."),
        column("kind", "text NOT NULL", "damaged, expired, mispicked, missing or other."),
        column(
            "status", "text DEFAULT 'new' NOT NULL", "new, submitted, satisfied or not_creditable."
        ),
        column("vendor_code", "text DEFAULT '' NOT NULL", "The vendor's number of it then."),
        column("gtin", "bigint", "Its GTIN then."),
        column("description", "text DEFAULT '' NOT NULL", "Its description then."),
        column("case_size", "numeric(14, 4) DEFAULT '1' NOT NULL", "How many units are in a case."),
        column("cases_shorted", "numeric(14, 4) DEFAULT '0' NOT NULL", "Cases that are owed."),
        column(
            "units_shorted",
            "numeric(14, 4) DEFAULT '0' NOT NULL",
            "Units that are owed, beside cases.",
        ),
        column("expired_on", "date", "Date on goods that were too old."),
        column("mispicked_product_id", "uuid", "What came instead."),
        column("mispicked_description", "text DEFAULT '' NOT NULL", "What came instead, in words."),
        column("invoice_number", "text DEFAULT '' NOT NULL", "The vendor's number of the invoice."),
        column("unit_cost", "numeric(12, 5)", "Cost of one unit."),
        column("total", "numeric(14, 3)", "What is owed."),
        column(
            "currency",
            "text DEFAULT '' NOT NULL",
            "ISO 4217 code; empty means the retailer's own currency.",
        ),
        column("note", "text DEFAULT '' NOT NULL", "What somebody wrote about it."),
        CREATED_AT,
        MODIFIED_AT,
        check("case_size", "case_size > 0", "A case holds more than nothing; not {case_size}."),
        check(
            "currency",
            "currency ~ '^([A-Z]{3})?$'",
            "A currency is three capital letters of ISO 4217, such as USD; not {currency}.",
        ),
        check(
            "kind",
            "kind IN ('damaged', 'expired', 'mispicked', 'missing', 'other')",
            "Kind is damaged, expired, mispicked, missing, other; not {kind}.",
        ),
        check(
            "mispicked",
            "kind = 'mispicked' OR (mispicked_product_id IS NULL AND mispicked_description = '')",
            "What came instead is said of mispicked goods only, not of {kind} ones.",
        ),
        check(
            "shorted",
            "least(cases_shorted, units_shorted) >= 0 AND cases_shorted + units_shorted > 0",
            "A credit is for more than nothing; not for {cases_shorted} cases and"
            " {units_shorted} units.",
        ),
        check(
            "status",
            "status IN ('new', 'submitted', 'satisfied', 'not_creditable')",
            "Status is new, submitted, satisfied, not_creditable; not {status}.",
        ),
        references("mispicked_product_id", "products (id)"),
        references("product_id", "products (id)"),
        references("purchase_item_id", "purchase_items (id)", "ON DELETE SET NULL"),
        references("store_id", "stores (id)"),
        references("vendor_id", "vendors (id)"),
        index("mispicked_product_id"),
        index("product_id"),
        index("purchase_item_id"),
        index("store_id"),
        index("vendor_id, status"),
    )
