# SPDX-License-Identifier: Apache-2.0
"""Customers, their shoppers and groups, and members with their payments."""

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

revision = "poser_0010"
down_revision = "poser_0009"
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"

RECORDED = (
    "customers",
    "customer_people",
    "customer_shoppers",
    "customer_shopper_periods",
    "customer_groups",
    "customer_group_customers",
    "membership_types",
    "members",
    "member_equity_payments",
)


def upgrade() -> None:
    """Create the tables."""
    _create_customers()
    _create_customer_people()
    _create_customer_shoppers()
    _create_customer_shopper_periods()
    _create_customer_groups()
    _create_customer_group_customers()
    _create_membership_types()
    _create_members()
    _create_member_equity_payments()
    for table in RECORDED:
        record(table)


def downgrade() -> None:
    """Drop them with everything in them."""
    for table in reversed(RECORDED):
        unrecord(table)
    drop_tables(
        "member_equity_payments",
        "members",
        "membership_types",
        "customer_group_customers",
        "customer_groups",
        "customer_shopper_periods",
        "customer_shoppers",
        "customer_people",
        "customers",
    )


def _create_customers() -> None:
    create_table(
        "customers",
        "Customer accounts.",
        KEY,
        column("number", "text", "Number on the card and at the till; leading zeros count."),
        column("name", "text NOT NULL", "Name of the account."),
        column("holder_id", "uuid", "The person who answers for the account."),
        column("email_preference", "text DEFAULT 'html' NOT NULL", "none, text or html."),
        column("is_wholesale", "boolean DEFAULT false NOT NULL", "Buys to sell again."),
        column(
            "tax_exemption",
            "text DEFAULT '' NOT NULL",
            "Number of a tax exemption certificate; may be empty.",
        ),
        column("discount_percent", "numeric(8, 5)", "Discount on everything, percent."),
        column("is_active_at_till", "boolean DEFAULT true NOT NULL", "The till takes the number."),
        column(
            "keeps_till_state",
            "boolean DEFAULT false NOT NULL",
            "Nobody but a person may change whether the till takes the number.",
        ),
        column(
            "is_archived", "boolean DEFAULT false NOT NULL", "No longer used; kept for what was."
        ),
        CREATED_AT,
        MODIFIED_AT,
        check(
            "discount",
            "discount_percent BETWEEN 0 AND 100",
            "A discount is between 0 and 100 percent; not {discount_percent}.",
        ),
        check(
            "email_preference",
            "email_preference IN ('none', 'text', 'html')",
            "The way to write is none, text, html; not {email_preference}.",
        ),
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
        unique("number"),
        references("holder_id", "people (id)", "ON DELETE SET NULL"),
        index("holder_id"),
        index("name"),
    )


def _create_customer_people() -> None:
    create_table(
        "customer_people",
        "Which people belong to which customer accounts.",
        KEY,
        column("customer_id", "uuid NOT NULL", "The account."),
        column("person_id", "uuid NOT NULL", "The person."),
        column("ordinal", "smallint DEFAULT 1 NOT NULL", "Order to show; 1 is first."),
        unique("customer_id, person_id"),
        references("customer_id", "customers (id)", "ON DELETE CASCADE"),
        references("person_id", "people (id)", "ON DELETE CASCADE"),
        index("person_id"),
    )


def _create_customer_shoppers() -> None:
    create_table(
        "customer_shoppers",
        "Who may shop on customer accounts.",
        KEY,
        column("customer_id", "uuid NOT NULL", "The account."),
        column("person_id", "uuid NOT NULL", "Who shops."),
        column("number", "smallint NOT NULL", "Which shopper of the account; 1 is the holder."),
        column("is_active", "boolean DEFAULT true NOT NULL", "May shop now."),
        CREATED_AT,
        MODIFIED_AT,
        check("number", "number > 0", "Shoppers are counted from 1; not {number}."),
        unique("customer_id, number"),
        references("customer_id", "customers (id)", "ON DELETE CASCADE"),
        references("person_id", "people (id)", "ON DELETE CASCADE"),
        index("person_id"),
    )


def _create_customer_shopper_periods() -> None:
    create_table(
        "customer_shopper_periods",
        "When people were shoppers on customer accounts.",
        KEY,
        column("shopper_id", "uuid NOT NULL", "The shopper."),
        column(
            "valid", "daterange NOT NULL", "From the first day to the day after the last, or open."
        ),
        CREATED_AT,
        check("valid", "NOT isempty(valid)", "A period must end after it begins."),
        references("shopper_id", "customer_shoppers (id)", "ON DELETE CASCADE"),
        no_overlap(
            "shopper_id WITH =, valid WITH &&",
            "The shopper has another period between {valid.from} and {valid.to}: one from"
            " {other.from} to {other.to}.",
        ),
        index("shopper_id"),
    )


def _create_customer_groups() -> None:
    create_table(
        "customer_groups",
        "Groups of customers.",
        KEY,
        column("number", "text NOT NULL", "Number of the group."),
        column("name", "text NOT NULL", "What people call it."),
        CREATED_AT,
        MODIFIED_AT,
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
        unique("number"),
    )


def _create_customer_group_customers() -> None:
    create_table(
        "customer_group_customers",
        "Which customers are in which groups.",
        KEY,
        column("customer_group_id", "uuid NOT NULL", "The group."),
        column("customer_id", "uuid NOT NULL", "The customer."),
        column(
            "ordinal",
            "smallint DEFAULT 1 NOT NULL",
            "Which of the customer's groups goes first; 1 is first.",
        ),
        unique("customer_group_id, customer_id"),
        references("customer_group_id", "customer_groups (id)", "ON DELETE CASCADE"),
        references("customer_id", "customers (id)", "ON DELETE CASCADE"),
        index("customer_id"),
    )


def _create_membership_types() -> None:
    create_table(
        "membership_types",
        "Kinds of membership.",
        KEY,
        column("number", "text NOT NULL", "Number of the kind."),
        column("name", "text NOT NULL", "What people call it."),
        column("equity_required", "numeric(14, 3)", "What a full share costs a new member."),
        CREATED_AT,
        MODIFIED_AT,
        check("equity", "equity_required >= 0", "An amount to pay cannot be negative."),
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
        unique("number"),
    )


def _create_members() -> None:
    create_table(
        "members",
        "Memberships. What was paid is the sum of member_equity_payments.",
        KEY,
        column("number", "text NOT NULL", "Member number; leading zeros count."),
        column("membership_type_id", "uuid", "The kind of membership."),
        column("person_id", "uuid", "The member, if a person."),
        column("customer_id", "uuid", "The member's account."),
        column("is_active", "boolean DEFAULT true NOT NULL", "Has a member's rights now."),
        column("joined_on", "date", "Day of joining."),
        column("withdrew_on", "date", "Day of leaving."),
        column("equity_required", "numeric(14, 3)", "What this member's full share costs."),
        column(
            "equity_credit",
            "numeric(14, 3)",
            "Credit toward the share that nobody paid, such as a grant.",
        ),
        column("equity_due_on", "date", "Day the next payment is due."),
        CREATED_AT,
        MODIFIED_AT,
        check("equity_required", "equity_required >= 0", "An amount to pay cannot be negative."),
        check(
            "number",
            "number <> '' AND number = btrim(number)",
            "The number may not be empty or have blanks around it.",
        ),
        check(
            "owner",
            "num_nonnulls(person_id, customer_id) >= 1",
            "A membership belongs to a person, a customer account, or both.",
        ),
        check(
            "withdrew_on",
            "withdrew_on >= joined_on",
            "A member cannot leave ({withdrew_on}) before joining ({joined_on}).",
        ),
        unique("number"),
        references("customer_id", "customers (id)"),
        references("membership_type_id", "membership_types (id)"),
        references("person_id", "people (id)"),
        index("customer_id"),
        index("membership_type_id"),
        index("person_id"),
    )


def _create_member_equity_payments() -> None:
    create_table(
        "member_equity_payments",
        "Payments of members toward their share.",
        KEY,
        column("member_id", "uuid NOT NULL", "Who paid."),
        column("amount", "numeric(14, 3) NOT NULL", "How much; below zero when it was paid back."),
        column(
            "currency",
            "text DEFAULT '' NOT NULL",
            "ISO 4217 code; empty means the retailer's own currency.",
        ),
        column("received_at", "timestamptz NOT NULL", "When it was received (UTC)."),
        column("status", "text DEFAULT 'received' NOT NULL", "received, pending or void."),
        column("description", "text DEFAULT '' NOT NULL", "What it was for."),
        column("source", "text", "Where it came from, such as trainwreck."),
        column(
            "source_key",
            "text",
            "Its key there, such as a receipt's, so that it is not taken twice.",
        ),
        CREATED_AT,
        MODIFIED_AT,
        check("amount", "amount <> 0", "A payment is of more or less than nothing."),
        check(
            "currency",
            "currency ~ '^([A-Z]{3})?$'",
            "A currency is three capital letters of ISO 4217, such as USD; not {currency}.",
        ),
        check(
            "source",
            "(source IS NULL) = (source_key IS NULL)",
            "A payment has both where it came from and its key there, or neither.",
        ),
        check(
            "status",
            "status IN ('received', 'pending', 'void')",
            "Status is received, pending, void; not {status}.",
        ),
        unique("source, source_key"),
        references("member_id", "members (id)"),
        index("member_id, received_at"),
    )
