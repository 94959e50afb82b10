# SPDX-License-Identifier: Apache-2.0
"""What somebody described and is to be found; orders of customers."""

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

revision = "poser_0015"
down_revision = "poser_0014"
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"

RECORDED = ("pending_products", "pending_customers", "customer_orders", "customer_order_items")


def upgrade() -> None:
    """Create the tables."""
    _create_pending_products()
    _create_pending_customers()
    _create_customer_orders()
    _create_customer_order_items()
    _create_customer_order_item_events()
    for table in RECORDED:
        record(table)
    record("customer_order_item_events", history=False)


def downgrade() -> None:
    """Drop them with everything in them."""
    unrecord("customer_order_item_events")
    for table in reversed(RECORDED):
        unrecord(table)
    drop_tables(
        "customer_order_item_events",
        "customer_order_items",
        "customer_orders",
        "pending_customers",
        "pending_products",
    )


def _create_pending_products() -> None:
    create_table(
        "pending_products",
        "Products that somebody described and that are still to be found or made.",
        KEY,
        column("status", "text DEFAULT 'pending' NOT NULL", "pending, ready, resolved or ignored."),
        column("entry", "text DEFAULT '' NOT NULL", "What was scanned or typed, as it was."),
        column("gtin", "bigint", "GTIN, if the code is one."),
        column("description", "text NOT NULL", "What it is."),
        column("brand_name", "text DEFAULT '' NOT NULL", "Its brand, as somebody wrote it."),
        column("size", "text DEFAULT '' NOT NULL", "Size as printed."),
        column("is_weighed", "boolean DEFAULT false NOT NULL", "Sold by weight."),
        column(
            "is_special_order",
            "boolean DEFAULT false NOT NULL",
            "Only got for a customer who orders it.",
        ),
        column("department_id", "uuid", "Where it belongs."),
        column("vendor_id", "uuid", "Who has it."),
        column("vendor_code", "text DEFAULT '' NOT NULL", "The vendor's number of it."),
        column("case_size", "numeric(14, 4)", "How many are in a case."),
        column("unit_cost", "numeric(12, 5)", "Cost of one unit."),
        column("price", "numeric(12, 3)", "Price of one unit."),
        column("notes", "text DEFAULT '' NOT NULL", "What somebody wrote about it."),
        column("product_id", "uuid", "The product it turned out to be."),
        column("created_by_id", "uuid", "Who described it."),
        column("resolved_by_id", "uuid", "Who resolved it."),
        column("resolved_at", "timestamptz", "When it was resolved (UTC)."),
        CREATED_AT,
        MODIFIED_AT,
        check("case_size", "case_size > 0", "A case holds more than nothing; not {case_size}."),
        check(
            "description",
            "description <> '' AND description = btrim(description)",
            "The description may not be empty or have blanks around it.",
        ),
        check(
            "gtin_check_digit",
            "gtin BETWEEN 1 AND 99999999999999 AND (3 * (gtin / 10 % 10 + gtin / 1000 % 10 +"
            " gtin / 100000 % 10 + gtin / 10000000 % 10 + gtin / 1000000000 % 10 + gtin /"
            " 100000000000 % 10 + gtin / 10000000000000 % 10) + gtin / 1 % 10 + gtin / 100 %"
            " 10 + gtin / 10000 % 10 + gtin / 1000000 % 10 + gtin / 100000000 % 10 + gtin /"
            " 10000000000 % 10 + gtin / 1000000000000 % 10) % 10 = 0",
            "The last digit of the barcode {gtin} does not fit the others: scan it again, or"
            " compare it with the printed number.",
        ),
        check("price", "price >= 0", "A price cannot be negative; not {price}."),
        check(
            "resolved",
            "(status = 'resolved') = (product_id IS NOT NULL)",
            "A product that is resolved says which one it is, and no other does.",
        ),
        check(
            "status",
            "status IN ('pending', 'ready', 'resolved', 'ignored')",
            "Status is pending, ready, resolved, ignored; not {status}.",
        ),
        references("created_by_id", "users (id)", "ON DELETE SET NULL"),
        references("department_id", "departments (id)"),
        references("product_id", "products (id)"),
        references("resolved_by_id", "users (id)", "ON DELETE SET NULL"),
        references("vendor_id", "vendors (id)"),
        index("created_by_id"),
        index("department_id"),
        index("product_id"),
        index("resolved_by_id"),
        index("status"),
        index("vendor_id"),
    )


def _create_pending_customers() -> None:
    create_table(
        "pending_customers",
        "Customers that somebody wrote down and that are to be found or made.",
        KEY,
        column("status", "text DEFAULT 'pending' NOT NULL", "pending, ready, resolved or ignored."),
        column("display_name", "text NOT NULL", "The name, as told."),
        column("given_name", "text DEFAULT '' NOT NULL", "First or given name; may be empty."),
        column("family_name", "text DEFAULT '' NOT NULL", "Last or family name; may be empty."),
        column("phone", "text DEFAULT '' NOT NULL", "Telephone number, as told."),
        column("email", "text DEFAULT '' NOT NULL", "Email address, as told."),
        column("address", "text DEFAULT '' NOT NULL", "Postal address, as told, in lines."),
        column("notes", "text DEFAULT '' NOT NULL", "What somebody wrote about it."),
        column("customer_id", "uuid", "The customer it turned out to be."),
        column("created_by_id", "uuid", "Who wrote it down."),
        column("resolved_by_id", "uuid", "Who resolved it."),
        column("resolved_at", "timestamptz", "When it was resolved (UTC)."),
        CREATED_AT,
        MODIFIED_AT,
        check(
            "display_name",
            "display_name <> '' AND display_name = btrim(display_name)",
            "The display name may not be empty or have blanks around it.",
        ),
        check(
            "resolved",
            "(status = 'resolved') = (customer_id IS NOT NULL)",
            "A customer who is resolved says which one it is, and no other does.",
        ),
        check(
            "status",
            "status IN ('pending', 'ready', 'resolved', 'ignored')",
            "Status is pending, ready, resolved, ignored; not {status}.",
        ),
        references("created_by_id", "users (id)", "ON DELETE SET NULL"),
        references("customer_id", "customers (id)"),
        references("resolved_by_id", "users (id)", "ON DELETE SET NULL"),
        index("created_by_id"),
        index("customer_id"),
        index("resolved_by_id"),
        index("status"),
    )


def _create_customer_orders() -> None:
    create_table(
        "customer_orders",
        "Orders of customers.",
        KEY,
        column("number", "text NOT NULL", "Number that the customer is told."),
        column("store_id", "uuid", "Where it is picked up."),
        column("customer_id", "uuid", "The customer account."),
        column("person_id", "uuid", "The person who ordered."),
        column("pending_customer_id", "uuid", "Or who was written down."),
        column("contact_name", "text DEFAULT '' NOT NULL", "Whom to ask for."),
        column("phone", "text DEFAULT '' NOT NULL", "Telephone number to call for this order."),
        column("email", "text DEFAULT '' NOT NULL", "Email address to write to for this order."),
        column("status", "text DEFAULT 'open' NOT NULL", "open, closed or canceled."),
        column("total", "numeric(14, 3)", "Total of all items."),
        column(
            "currency",
            "text DEFAULT '' NOT NULL",
            "ISO 4217 code; empty means the store's currency.",
        ),
        column("ordered_at", "timestamptz", "When it was ordered (UTC)."),
        column("created_by_id", "uuid", "Who took it."),
        CREATED_AT,
        MODIFIED_AT,
        check(
            "currency",
            "currency ~ '^([A-Z]{3})?$'",
            "A currency is three capital letters of ISO 4217, such as USD; not {currency}.",
        ),
        check(
            "customer",
            "num_nonnulls(customer_id, person_id, pending_customer_id) >= 1",
            "An order is of a customer, a person, or somebody who was written down.",
        ),
        check(
            "number",
            "number <> '' AND number = btrim(number)",
            "The number may not be empty or have blanks around it.",
        ),
        check(
            "status",
            "status IN ('open', 'closed', 'canceled')",
            "Status is open, closed, canceled; not {status}.",
        ),
        unique("number"),
        references("created_by_id", "users (id)", "ON DELETE SET NULL"),
        references("customer_id", "customers (id)"),
        references("pending_customer_id", "pending_customers (id)"),
        references("person_id", "people (id)"),
        references("store_id", "stores (id)"),
        index("created_by_id"),
        index("customer_id"),
        index("pending_customer_id"),
        index("person_id"),
        index("store_id, status"),
    )


def _create_customer_order_items() -> None:
    create_table(
        "customer_order_items",
        "Things that customers ordered.",
        KEY,
        column("order_id", "uuid NOT NULL", "The order."),
        column("sequence", "integer NOT NULL", "Number of the line, from 1."),
        column("product_id", "uuid", "The product, if it is known."),
        column("pending_product_id", "uuid", "Or the product as somebody described it."),
        column("vendor_id", "uuid", "Who it is got from."),
        column("purchase_item_id", "uuid", "The line of the purchase it comes with."),
        column("gtin", "bigint", "Its GTIN then."),
        column("description", "text DEFAULT '' NOT NULL", "Its description then."),
        column("size", "text DEFAULT '' NOT NULL", "Its size then."),
        column("quantity", "numeric(14, 4) NOT NULL", "How many of unit_id."),
        column("unit_id", "uuid", "What it is ordered by; empty: each."),
        column("is_by_case", "boolean DEFAULT false NOT NULL", "The quantity is of cases."),
        column("case_size", "numeric(14, 4)", "Units in a case then."),
        column("unit_cost", "numeric(12, 5)", "Cost of one unit then."),
        column("regular_price", "numeric(12, 3)", "Regular price of one unit then."),
        column(
            "price", "numeric(12, 3)", "What the customer pays for one unit, before the discount."
        ),
        column("discount_percent", "numeric(8, 5)", "Discount, percent."),
        column("total", "numeric(14, 3)", "What all of it costs."),
        column(
            "needs_price_check",
            "boolean DEFAULT false NOT NULL",
            "Somebody must confirm the price.",
        ),
        column("is_special_order", "boolean DEFAULT false NOT NULL", "Only got for this customer."),
        column(
            "status", "text DEFAULT 'uninitiated' NOT NULL", "How far it is; see OrderItemStatus."
        ),
        column("paid_amount", "numeric(14, 3)", "Paid so far."),
        column(
            "payment_key",
            "text DEFAULT '' NOT NULL",
            "Key of the POS transaction that it was paid with.",
        ),
        column("is_flagged", "boolean DEFAULT false NOT NULL", "Somebody should look at it."),
        column(
            "contact_attempts", "integer DEFAULT 0 NOT NULL", "How often the customer was called."
        ),
        column("contacted_at", "timestamptz", "When last (UTC)."),
        CREATED_AT,
        MODIFIED_AT,
        check("contact_attempts", "contact_attempts >= 0", "Attempts are counted from 0."),
        check(
            "discount",
            "discount_percent BETWEEN 0 AND 100",
            "A discount is between 0 and 100 percent; not {discount_percent}.",
        ),
        check("quantity", "quantity > 0", "An order is for more than nothing; not {quantity}."),
        check("sequence", "sequence > 0", "Lines are counted from 1; not {sequence}."),
        check(
            "status",
            "status IN ('uninitiated', 'initiated', 'paid_before', 'ready', 'placed',"
            " 'received', 'contacted', 'contact_failed', 'delivered', 'paid_after',"
            " 'canceled', 'refund_pending', 'refunded', 'restocked', 'expired', 'inactive')",
            "Status is uninitiated, initiated, paid_before, ready, placed, received,"
            " contacted, contact_failed, delivered, paid_after, canceled, refund_pending,"
            " refunded, restocked, expired, inactive; not {status}.",
        ),
        unique("order_id, sequence"),
        references("order_id", "customer_orders (id)", "ON DELETE CASCADE"),
        references("pending_product_id", "pending_products (id)"),
        references("product_id", "products (id)"),
        references("purchase_item_id", "purchase_items (id)", "ON DELETE SET NULL"),
        references("unit_id", "units (id)"),
        references("vendor_id", "vendors (id)"),
        index("pending_product_id"),
        index("product_id"),
        index("purchase_item_id"),
        index("status"),
        index("unit_id"),
        index("vendor_id"),
    )


def _create_customer_order_item_events() -> None:
    create_table(
        "customer_order_item_events",
        "What happened to ordered things.",
        KEY,
        column("item_id", "uuid NOT NULL", "What it happened to."),
        column("at", "timestamptz NOT NULL", "When it happened (UTC)."),
        column(
            "kind",
            "text NOT NULL",
            "What happened: a status, or such as note_added or price_confirmed.",
        ),
        column("user_id", "uuid", "Who did it."),
        column("note", "text DEFAULT '' NOT NULL", "What somebody wrote about it."),
        column("details", "jsonb DEFAULT '{}' NOT NULL", "What changed, by field."),
        check(
            "kind",
            "kind <> '' AND kind = btrim(kind)",
            "The kind may not be empty or have blanks around it.",
        ),
        references("item_id", "customer_order_items (id)", "ON DELETE CASCADE"),
        references("user_id", "users (id)", "ON DELETE SET NULL"),
        index("item_id, at"),
        index("user_id"),
    )
