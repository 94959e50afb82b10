# SPDX-License-Identifier: Apache-2.0
"""How to reach people, customers, vendors and stores."""

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

revision = "poser_0011"
down_revision = "poser_0010"
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"

RECORDED = ("phones", "email_addresses", "postal_addresses")


def upgrade() -> None:
    """Create the tables."""
    _create_phones()
    _create_email_addresses()
    _create_postal_addresses()
    for table in RECORDED:
        record(table)


def downgrade() -> None:
    """Drop them with everything in them."""
    for table in reversed(RECORDED):
        unrecord(table)
    drop_tables("postal_addresses", "email_addresses", "phones")


def _create_phones() -> None:
    create_table(
        "phones",
        "Telephone numbers of people, customers, vendors and stores.",
        KEY,
        column(
            "kind",
            "text DEFAULT 'mobile' NOT NULL",
            "What answers: mobile, home, work, fax or other.",
        ),
        column("number", "text NOT NULL", "The number as people write it, +1 217 555 0117."),
        column(
            "digits",
            "text GENERATED ALWAYS AS (regexp_replace(number, '[^0-9]', '', 'g')) STORED NOT NULL",
            "The number's digits alone, to be searched; generated.",
        ),
        column(
            "extension", "text DEFAULT '' NOT NULL", "Extension behind the number; may be empty."
        ),
        column("takes_texts", "boolean DEFAULT false NOT NULL", "Text messages may be sent to it."),
        column("is_invalid", "boolean DEFAULT false NOT NULL", "Does not work any more."),
        CREATED_AT,
        MODIFIED_AT,
        column("person_id", "uuid", "The person whose it is."),
        column("customer_id", "uuid", "Or the customer account."),
        column("vendor_id", "uuid", "Or the vendor."),
        column("store_id", "uuid", "Or the store."),
        column(
            "ordinal",
            "smallint DEFAULT 1 NOT NULL",
            "Order in which those of one owner are tried; 1 is first.",
        ),
        check(
            "kind",
            "kind IN ('mobile', 'home', 'work', 'fax', 'other')",
            "Kind is mobile, home, work, fax, other; not {kind}.",
        ),
        check(
            "number",
            "number <> '' AND number = btrim(number)",
            "The number may not be empty or have blanks around it.",
        ),
        check("ordinal", "ordinal > 0", "The order begins with 1; not {ordinal}."),
        check(
            "owner",
            "num_nonnulls(person_id, customer_id, vendor_id, store_id) = 1",
            "A telephone number belongs to exactly one: a person, a customer, a vendor or a store.",
        ),
        unique("customer_id, ordinal"),
        unique("person_id, ordinal"),
        unique("store_id, ordinal"),
        unique("vendor_id, ordinal"),
        references("customer_id", "customers (id)", "ON DELETE CASCADE"),
        references("person_id", "people (id)", "ON DELETE CASCADE"),
        references("store_id", "stores (id)", "ON DELETE CASCADE"),
        references("vendor_id", "vendors (id)", "ON DELETE CASCADE"),
        index("digits"),
    )


def _create_email_addresses() -> None:
    create_table(
        "email_addresses",
        "Email addresses of people, customers, vendors and stores.",
        KEY,
        column(
            "kind",
            "text DEFAULT 'home' NOT NULL",
            "Which mailbox: home, work, billing, orders or other.",
        ),
        column("address", "text NOT NULL", "The address, such as ada@example.com."),
        column("is_invalid", "boolean DEFAULT false NOT NULL", "Mail to it came back for good."),
        CREATED_AT,
        MODIFIED_AT,
        column("person_id", "uuid", "The person whose it is."),
        column("customer_id", "uuid", "Or the customer account."),
        column("vendor_id", "uuid", "Or the vendor."),
        column("store_id", "uuid", "Or the store."),
        column(
            "ordinal",
            "smallint DEFAULT 1 NOT NULL",
            "Order in which those of one owner are tried; 1 is first.",
        ),
        check(
            "address",
            r"address ~ '^[^@\s]+@[^@\s]+$'",
            "An email address is a name, one @ and a domain, without blanks; not {address}.",
        ),
        check(
            "kind",
            "kind IN ('home', 'work', 'billing', 'orders', 'other')",
            "Kind is home, work, billing, orders, other; not {kind}.",
        ),
        check("ordinal", "ordinal > 0", "The order begins with 1; not {ordinal}."),
        check(
            "owner",
            "num_nonnulls(person_id, customer_id, vendor_id, store_id) = 1",
            "An email address belongs to exactly one: a person, a customer, a vendor or a store.",
        ),
        unique("customer_id, ordinal"),
        unique("person_id, ordinal"),
        unique("store_id, ordinal"),
        unique("vendor_id, ordinal"),
        references("customer_id", "customers (id)", "ON DELETE CASCADE"),
        references("person_id", "people (id)", "ON DELETE CASCADE"),
        references("store_id", "stores (id)", "ON DELETE CASCADE"),
        references("vendor_id", "vendors (id)", "ON DELETE CASCADE"),
        index("lower(address)", name="address"),
    )


def _create_postal_addresses() -> None:
    create_table(
        "postal_addresses",
        "Postal addresses of people, customers, vendors and stores, of any country.",
        KEY,
        column(
            "kind",
            "text DEFAULT 'home' NOT NULL",
            "What happens there: home, work, billing, delivery or other.",
        ),
        column("country", "text NOT NULL", "Country, ISO 3166-1 alpha-2, such as US."),
        column(
            "recipient",
            "text DEFAULT '' NOT NULL",
            "Name on the parcel, where it is not the owner's.",
        ),
        column("organization", "text DEFAULT '' NOT NULL", "Company or institution at the place."),
        column(
            "street",
            "text DEFAULT '' NOT NULL",
            "Street and house number, as written in the country.",
        ),
        column("street_2", "text DEFAULT '' NOT NULL", "Second line: building, floor, apartment."),
        column(
            "district", "text DEFAULT '' NOT NULL", "Part of the city, where the country writes it."
        ),
        column("city", "text DEFAULT '' NOT NULL", "City, town or post town."),
        column(
            "region",
            "text DEFAULT '' NOT NULL",
            "State, province, prefecture or county, such as IL.",
        ),
        column(
            "postal_code", "text DEFAULT '' NOT NULL", "Postal code, such as 62704 or EC1A 1BB."
        ),
        column(
            "sorting_code",
            "text DEFAULT '' NOT NULL",
            "Sorting code beside the postal code, such as CEDEX.",
        ),
        column("is_invalid", "boolean DEFAULT false NOT NULL", "Mail to it came back for good."),
        CREATED_AT,
        MODIFIED_AT,
        column("person_id", "uuid", "The person whose it is."),
        column("customer_id", "uuid", "Or the customer account."),
        column("vendor_id", "uuid", "Or the vendor."),
        column("store_id", "uuid", "Or the store."),
        column(
            "ordinal",
            "smallint DEFAULT 1 NOT NULL",
            "Order in which those of one owner are tried; 1 is first.",
        ),
        check(
            "country",
            "country ~ '^[A-Z]{2}$'",
            "A country is two capital letters of ISO 3166, such as US or DE; not {country}.",
        ),
        check(
            "kind",
            "kind IN ('home', 'work', 'billing', 'delivery', 'other')",
            "Kind is home, work, billing, delivery, other; not {kind}.",
        ),
        check("ordinal", "ordinal > 0", "The order begins with 1; not {ordinal}."),
        check(
            "owner",
            "num_nonnulls(person_id, customer_id, vendor_id, store_id) = 1",
            "A postal address belongs to exactly one: a person, a customer, a vendor or a store.",
        ),
        unique("customer_id, ordinal"),
        unique("person_id, ordinal"),
        unique("store_id, ordinal"),
        unique("vendor_id, ordinal"),
        references("customer_id", "customers (id)", "ON DELETE CASCADE"),
        references("person_id", "people (id)", "ON DELETE CASCADE"),
        references("store_id", "stores (id)", "ON DELETE CASCADE"),
        references("vendor_id", "vendors (id)", "ON DELETE CASCADE"),
        index("country, postal_code"),
    )
