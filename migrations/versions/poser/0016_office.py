# SPDX-License-Identifier: Apache-2.0
"""Labels, notes, messages and help."""

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

revision = "poser_0016"
down_revision = "poser_0015"
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"

RECORDED = ("label_profiles", "notes", "messages", "message_recipients", "page_help", "field_help")


def upgrade() -> None:
    """Create the tables."""
    _create_label_profiles()
    _create_notes()
    _create_messages()
    _create_message_recipients()
    _create_page_help()
    _create_field_help()
    for table in RECORDED:
        record(table)


def downgrade() -> None:
    """Drop them with everything in them."""
    for table in reversed(RECORDED):
        unrecord(table)
    drop_tables(
        "field_help", "page_help", "message_recipients", "messages", "notes", "label_profiles"
    )


def _create_label_profiles() -> None:
    create_table(
        "label_profiles",
        "Kinds of labels that can be printed.",
        KEY,
        column("code", "text NOT NULL", "Short code, such as SHELF."),
        column("description", "text NOT NULL", "What people read when they choose."),
        column("ordinal", "smallint DEFAULT 1 NOT NULL", "Order to show; 1 is first."),
        column("is_visible", "boolean DEFAULT true NOT NULL", "Offered to people."),
        column("is_synced", "boolean DEFAULT true NOT NULL", "Other nodes get it too."),
        column("width_mm", "smallint", "Width, millimeters."),
        column("height_mm", "smallint", "Height, millimeters."),
        column(
            "format",
            "text DEFAULT '' NOT NULL",
            "Language of the template, such as zpl, epl or html.",
        ),
        column(
            "template",
            "text DEFAULT '' NOT NULL",
            "The label, with names of fields where values go.",
        ),
        column("printer", "text DEFAULT '' NOT NULL", "Which printer by its name on the node."),
        column("options", "jsonb DEFAULT '{}' NOT NULL", "Options of the printer."),
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
        check("size", "width_mm > 0 AND height_mm > 0", "A label has a width and a height."),
        unique("code"),
    )


def _create_notes() -> None:
    create_table(
        "notes",
        "Notes about people, accounts and goods.",
        KEY,
        column("person_id", "uuid", "The person it is about."),
        column("customer_id", "uuid", "Or the customer account."),
        column("member_id", "uuid", "Or the membership."),
        column("employee_id", "uuid", "Or the employee."),
        column("vendor_id", "uuid", "Or the vendor."),
        column("product_id", "uuid", "Or the product."),
        column("kind", "text DEFAULT 'general' NOT NULL", "general, personal, service or buying."),
        column("subject", "text DEFAULT '' NOT NULL", "In a few words."),
        column("text", "text DEFAULT '' NOT NULL", "The whole note."),
        column("is_pinned", "boolean DEFAULT false NOT NULL", "Shown before all others."),
        column("created_by_id", "uuid", "Who wrote it."),
        CREATED_AT,
        MODIFIED_AT,
        check(
            "about",
            "num_nonnulls(person_id, customer_id, member_id, employee_id, vendor_id,"
            " product_id) = 1",
            "A note is about exactly one: a person, a customer, a member, an employee, a"
            " vendor or a product.",
        ),
        check(
            "kind",
            "kind IN ('general', 'personal', 'service', 'buying')",
            "Kind is general, personal, service, buying; not {kind}.",
        ),
        check("text", "text <> '' OR subject <> ''", "A note says something."),
        references("created_by_id", "users (id)", "ON DELETE SET NULL"),
        references("customer_id", "customers (id)", "ON DELETE CASCADE"),
        references("employee_id", "employees (id)", "ON DELETE CASCADE"),
        references("member_id", "members (id)", "ON DELETE CASCADE"),
        references("person_id", "people (id)", "ON DELETE CASCADE"),
        references("product_id", "products (id)", "ON DELETE CASCADE"),
        references("vendor_id", "vendors (id)", "ON DELETE CASCADE"),
        index("created_by_id"),
        index("customer_id"),
        index("employee_id"),
        index("member_id"),
        index("person_id"),
        index("product_id"),
        index("vendor_id"),
    )


def _create_messages() -> None:
    create_table(
        "messages",
        "Messages between users.",
        KEY,
        column("sender_id", "uuid", "Who wrote it; empty: Poser itself."),
        column("subject", "text DEFAULT '' NOT NULL", "In a few words."),
        column("body", "text DEFAULT '' NOT NULL", "The whole message."),
        column(
            "sent_at", "timestamptz", "When it was sent (UTC); empty while it is being written."
        ),
        CREATED_AT,
        check("body", "subject <> '' OR body <> ''", "A message says something."),
        references("sender_id", "users (id)", "ON DELETE SET NULL"),
        index("sender_id, sent_at"),
    )


def _create_message_recipients() -> None:
    create_table(
        "message_recipients",
        "Who got which messages.",
        KEY,
        column("message_id", "uuid NOT NULL", "The message."),
        column("user_id", "uuid NOT NULL", "Who got it."),
        column("folder", "text DEFAULT 'inbox' NOT NULL", "inbox or archive."),
        column("read_at", "timestamptz", "When it was first read (UTC)."),
        CREATED_AT,
        check(
            "folder", "folder IN ('inbox', 'archive')", "Folder is inbox, archive; not {folder}."
        ),
        unique("message_id, user_id"),
        references("message_id", "messages (id)", "ON DELETE CASCADE"),
        references("user_id", "users (id)", "ON DELETE CASCADE"),
        index("user_id, folder"),
    )


def _create_page_help() -> None:
    create_table(
        "page_help",
        "Help about pages, written by the retailer.",
        KEY,
        column("page", "text NOT NULL", "Path of the page's subject, such as /products."),
        column("url", "text DEFAULT '' NOT NULL", "Where more is written; may be empty."),
        column("text", "text DEFAULT '' NOT NULL", "The help, as Markdown."),
        CREATED_AT,
        MODIFIED_AT,
        check(
            "page",
            "page <> '' AND page = btrim(page)",
            "The page may not be empty or have blanks around it.",
        ),
        unique("page"),
    )


def _create_field_help() -> None:
    create_table(
        "field_help",
        "Help about fields, written by the retailer.",
        KEY,
        column("page", "text NOT NULL", "Path of the page's subject, such as /products."),
        column("field", "text NOT NULL", "Name of the field, such as case_size."),
        column("text", "text DEFAULT '' NOT NULL", "The help, as Markdown."),
        CREATED_AT,
        MODIFIED_AT,
        check(
            "field",
            "field <> '' AND field = btrim(field)",
            "The field may not be empty or have blanks around it.",
        ),
        check(
            "page",
            "page <> '' AND page = btrim(page)",
            "The page may not be empty or have blanks around it.",
        ),
        unique("page, field"),
    )
