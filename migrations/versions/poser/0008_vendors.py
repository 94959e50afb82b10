# SPDX-License-Identifier: Apache-2.0
"""Vendors, what they call and pack products, and what they charge."""

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
    no_overlap,
    references,
    unique,
)

revision = "poser_0008"
down_revision = "poser_0007"
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"

RECORDED = ("vendors", "vendor_contacts", "vendor_items", "vendor_costs")


def upgrade() -> None:
    """Create the tables."""
    _create_vendors()
    _create_vendor_contacts()
    _create_vendor_sample_files()
    _create_vendor_items()
    _create_vendor_costs()
    for table in RECORDED:
        record(table)
    record("vendor_sample_files", history=False)


def downgrade() -> None:
    """Drop them with everything in them."""
    unrecord("vendor_sample_files")
    for table in reversed(RECORDED):
        unrecord(table)
    drop_tables("vendor_costs", "vendor_items", "vendor_sample_files", "vendor_contacts", "vendors")


def _create_vendors() -> None:
    create_table(
        "vendors",
        "Whom the retailer buys from.",
        KEY,
        column("number", "text NOT NULL", "Number on paper, such as UNFI or 1023."),
        column("name", "text NOT NULL", "The vendor's name."),
        column("abbreviation", "text DEFAULT '' NOT NULL", "Short name for narrow columns."),
        column(
            "account_number",
            "text DEFAULT '' NOT NULL",
            "The retailer's customer number at the vendor.",
        ),
        column("terms", "text DEFAULT '' NOT NULL", "Terms of payment, as agreed."),
        column(
            "currency",
            "text DEFAULT '' NOT NULL",
            "ISO 4217 code; empty means the retailer's own currency.",
        ),
        column("discount_percent", "numeric(8, 5)", "Discount on everything, percent."),
        column("lead_time_days", "numeric(5, 1)", "Days between an order and its delivery."),
        column("order_interval_days", "smallint", "Days between two orders."),
        column(
            "is_archived",
            "boolean DEFAULT false NOT NULL",
            "No longer bought from; kept for what was.",
        ),
        CREATED_AT,
        MODIFIED_AT,
        check(
            "currency",
            "currency ~ '^([A-Z]{3})?$'",
            "A currency is three capital letters of ISO 4217, such as USD; not {currency}.",
        ),
        check(
            "discount",
            "discount_percent BETWEEN 0 AND 100",
            "A discount is between 0 and 100 percent; not {discount_percent}.",
        ),
        check("lead_time", "lead_time_days >= 0", "A lead time cannot be negative."),
        check(
            "name",
            "name <> '' AND name = btrim(name)",
            "The name may not be empty or have blanks around it.",
        ),
        check(
            "number",
            "number <> '' AND number = btrim(number)",
            "The number may not be empty or have blanks around it.",
        ),
        check("order_interval", "order_interval_days > 0", "An order interval is above zero."),
        unique("number"),
        index("name"),
    )


def _create_vendor_contacts() -> None:
    create_table(
        "vendor_contacts",
        "People to talk to at vendors.",
        KEY,
        column("vendor_id", "uuid NOT NULL", "The vendor."),
        column("person_id", "uuid NOT NULL", "Whom to talk to."),
        column("ordinal", "smallint DEFAULT 1 NOT NULL", "Order to try; 1 is first."),
        column("title", "text DEFAULT '' NOT NULL", "What they do there, such as sales."),
        CREATED_AT,
        unique("vendor_id, person_id"),
        references("person_id", "people (id)", "ON DELETE CASCADE"),
        references("vendor_id", "vendors (id)", "ON DELETE CASCADE"),
        index("person_id"),
    )


def _create_vendor_sample_files() -> None:
    create_table(
        "vendor_sample_files",
        "Sample files of vendors.",
        KEY,
        column("vendor_id", "uuid NOT NULL", "Whose file it is."),
        column("kind", "text NOT NULL", "What it tells, such as catalog or invoice."),
        column("file_name", "text NOT NULL", "Name of the file as it came."),
        column("content", "bytea NOT NULL", "The file, at most 20 MiB."),
        column("effective_on", "date", "Day from which it holds."),
        column("notes", "text DEFAULT '' NOT NULL", "What somebody wrote about it."),
        column("created_by_id", "uuid", "Who added it."),
        CREATED_AT,
        check("content", "octet_length(content) <= 20971520", "A sample file has at most 20 MiB."),
        check(
            "file_name",
            "file_name <> '' AND file_name = btrim(file_name)",
            "The file name may not be empty or have blanks around it.",
        ),
        check(
            "kind",
            "kind <> '' AND kind = btrim(kind)",
            "The kind may not be empty or have blanks around it.",
        ),
        references("created_by_id", "users (id)", "ON DELETE SET NULL"),
        references("vendor_id", "vendors (id)", "ON DELETE CASCADE"),
        index("created_by_id"),
        index("vendor_id"),
    )


def _create_vendor_items() -> None:
    create_table(
        "vendor_items",
        "Products as vendors call and pack them.",
        KEY,
        column("product_id", "uuid NOT NULL", "The product."),
        column("vendor_id", "uuid NOT NULL", "Whose item it is."),
        column("code", "text DEFAULT '' NOT NULL", "The vendor's own number for it; may be empty."),
        column("description", "text DEFAULT '' NOT NULL", "What the vendor calls it."),
        column(
            "ordinal",
            "smallint DEFAULT 1 NOT NULL",
            "Order in which the product's vendors are asked; 1 is first.",
        ),
        column("case_size", "numeric(14, 4) DEFAULT 1 NOT NULL", "How many units are in a case."),
        column("pack_size", "numeric(14, 4)", "How many units are in a pack inside the case."),
        column(
            "is_discontinued",
            "boolean DEFAULT false NOT NULL",
            "The vendor does not sell it any more.",
        ),
        CREATED_AT,
        MODIFIED_AT,
        check("case_size", "case_size > 0", "A case holds more than nothing; not {case_size}."),
        check("code", "code = btrim(code)", "A vendor's code has no blanks around it."),
        check("ordinal", "ordinal > 0", "The order begins with 1; not {ordinal}."),
        check("pack_size", "pack_size > 0", "A pack holds more than nothing; not {pack_size}."),
        unique("product_id, vendor_id, code"),
        references("product_id", "products (id)", "ON DELETE CASCADE"),
        references("vendor_id", "vendors (id)"),
        index("code"),
        index("vendor_id"),
    )


def _create_vendor_costs() -> None:
    create_table(
        "vendor_costs",
        "What vendors charge, each cost for a range of time, also to come.",
        KEY,
        column("vendor_item_id", "uuid NOT NULL", "What is bought."),
        column("store_id", "uuid", "The store the cost is for; empty means all stores."),
        column("kind", "text DEFAULT 'regular' NOT NULL", "regular or deal."),
        column("unit_cost", "numeric(12, 5) NOT NULL", "Cost of one unit."),
        column("case_cost", "numeric(12, 5)", "Cost of one case."),
        column(
            "discount_percent",
            "numeric(8, 5)",
            "Discount that the cost has in it, percent; for deals.",
        ),
        column(
            "currency",
            "text DEFAULT '' NOT NULL",
            "ISO 4217 code; empty means the retailer's own currency.",
        ),
        column(
            "valid",
            "tstzrange NOT NULL",
            "When the cost holds: from inclusive, to exclusive or open.",
        ),
        CREATED_AT,
        MODIFIED_AT,
        check("case_cost", "case_cost >= 0", "A cost cannot be negative; not {case_cost}."),
        check(
            "currency",
            "currency ~ '^([A-Z]{3})?$'",
            "A currency is three capital letters of ISO 4217, such as USD; not {currency}.",
        ),
        check(
            "discount",
            "discount_percent BETWEEN 0 AND 100",
            "A discount is between 0 and 100 percent; not {discount_percent}.",
        ),
        check("kind", "kind IN ('regular', 'deal')", "Kind is regular, deal; not {kind}."),
        check("unit_cost", "unit_cost >= 0", "A cost cannot be negative; not {unit_cost}."),
        check("valid", "NOT isempty(valid)", "The time a cost holds must end after it begins."),
        references("store_id", "stores (id)"),
        references("vendor_item_id", "vendor_items (id)", "ON DELETE CASCADE"),
        no_overlap(
            "vendor_item_id WITH =, coalesce(store_id,"
            " '00000000-0000-0000-0000-000000000000'::uuid) WITH =, kind WITH =, valid WITH"
            " &&",
            "The vendor's item {vendor_item_id} has another {kind} cost from {valid.from} to"
            " {valid.to}: it holds from {other.from} to {other.to}.",
        ),
        index("store_id"),
        index("vendor_item_id"),
    )
