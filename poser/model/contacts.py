# SPDX-License-Identifier: Apache-2.0
"""How to reach people and organizations: telephone numbers, email and postal addresses.

Each belongs to a person, a customer account, a vendor or a store by a real foreign key:
exactly one of four columns is filled, and the database refuses any other number.

*Source:* the fields of a postal address are those of Unicode CLDR and libaddressinput,
which cover every country; a form shows those that the country uses.
"""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

import poser.model.customers
import poser.model.org
import poser.model.people
import poser.model.vendors  # noqa: F401 - tables that these refer to
from poser.db.base import CreatedAt, Id, Model, ModifiedAt
from poser.model.columns import check, filled, flag, one_of, reference, unique, words
from poser.model.syncing import Flow, Sync


class PhoneKind(StrEnum):
    """What answers at a telephone number."""

    MOBILE = "mobile"
    HOME = "home"
    WORK = "work"
    FAX = "fax"
    OTHER = "other"


class EmailKind(StrEnum):
    """Which mailbox it is."""

    HOME = "home"
    WORK = "work"
    BILLING = "billing"
    ORDERS = "orders"
    OTHER = "other"


class AddressKind(StrEnum):
    """What happens at a place."""

    HOME = "home"
    WORK = "work"
    BILLING = "billing"
    DELIVERY = "delivery"
    OTHER = "other"


class Owned:
    """The columns of a contact: whose it is, and in which order it is tried."""

    person_id: Mapped[UUID | None] = reference(
        "people.id", "The person whose it is.", ondelete="CASCADE", index=False
    )
    customer_id: Mapped[UUID | None] = reference(
        "customers.id", "Or the customer account.", ondelete="CASCADE", index=False
    )
    vendor_id: Mapped[UUID | None] = reference(
        "vendors.id", "Or the vendor.", ondelete="CASCADE", index=False
    )
    store_id: Mapped[UUID | None] = reference(
        "stores.id", "Or the store.", ondelete="CASCADE", index=False
    )
    ordinal: Mapped[int] = mapped_column(
        SmallInteger,
        server_default=text("1"),
        default=1,
        comment="Order in which those of one owner are tried; 1 is first.",
    )


def _owned(what: str) -> tuple[CheckConstraint | UniqueConstraint, ...]:
    return (
        check(
            "owner",
            "num_nonnulls(person_id, customer_id, vendor_id, store_id) = 1",
            f"{what} belongs to exactly one: a person, a customer, a vendor or a store.",
        ),
        check("ordinal", "ordinal > 0", "The order begins with 1; not {ordinal}."),
        *(
            unique(owner, "ordinal")
            for owner in ("person_id", "customer_id", "vendor_id", "store_id")
        ),
    )


CONTACT = {
    "sync": Sync(
        flow=Flow.BOTH,
        # Cloud nodes have no vendors.
        recipients="CASE WHEN r.vendor_id IS NOT NULL THEN ARRAY['stores'] END",
        on_cloud=True,
    )
}
"""How ways to reach somebody are kept in step."""


class Phone(Owned, Model):
    """A telephone number of a person or an organization."""

    __tablename__ = "phones"
    __table_args__ = (
        *_owned("A telephone number"),
        one_of("kind", PhoneKind),
        filled("number"),
        Index("ix_phones_digits", "digits"),
        Index("ix_phones_ending", text("reverse(digits) text_pattern_ops")),
        {"comment": "Telephone numbers of people, customers, vendors and stores.", "info": CONTACT},
    )

    id: Mapped[Id]
    kind: Mapped[str] = words(
        "What answers: mobile, home, work, fax or other.", default=PhoneKind.MOBILE
    )
    number: Mapped[str] = mapped_column(comment="The number as people write it, +1 217 555 0117.")
    digits: Mapped[str] = mapped_column(
        Computed("regexp_replace(number, '[^0-9]', '', 'g')", persisted=True),
        comment="The number's digits alone, to be searched; generated.",
    )
    extension: Mapped[str] = words("Extension behind the number; may be empty.")
    takes_texts: Mapped[bool] = flag("Text messages may be sent to it.")
    is_invalid: Mapped[bool] = flag("Does not work any more.")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]


class EmailAddress(Owned, Model):
    """An email address of a person or an organization."""

    __tablename__ = "email_addresses"
    __table_args__ = (
        *_owned("An email address"),
        one_of("kind", EmailKind),
        check(
            "address",
            r"address ~ '^[^@\s]+@[^@\s]+$'",
            "An email address is a name, one @ and a domain, without blanks; not {address}.",
        ),
        Index("ix_email_addresses_address", text("lower(address)")),
        {"comment": "Email addresses of people, customers, vendors and stores.", "info": CONTACT},
    )

    id: Mapped[Id]
    kind: Mapped[str] = words(
        "Which mailbox: home, work, billing, orders or other.", default=EmailKind.HOME
    )
    address: Mapped[str] = mapped_column(comment="The address, such as ada@example.com.")
    is_invalid: Mapped[bool] = flag("Mail to it came back for good.")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]


class PostalAddress(Owned, Model):
    """A place where a person or an organization gets mail or goods."""

    __tablename__ = "postal_addresses"
    __table_args__ = (
        *_owned("A postal address"),
        one_of("kind", AddressKind),
        check(
            "country",
            "country ~ '^[A-Z]{2}$'",
            "A country is two capital letters of ISO 3166, such as US or DE; not {country}.",
        ),
        Index("ix_postal_addresses_country_postal_code", "country", "postal_code"),
        {
            "comment": "Postal addresses of people, customers, vendors and stores, of any country.",
            "info": CONTACT,
        },
    )

    id: Mapped[Id]
    kind: Mapped[str] = words(
        "What happens there: home, work, billing, delivery or other.", default=AddressKind.HOME
    )
    country: Mapped[str] = mapped_column(comment="Country, ISO 3166-1 alpha-2, such as US.")
    recipient: Mapped[str] = words("Name on the parcel, where it is not the owner's.")
    organization: Mapped[str] = words("Company or institution at the place.")
    street: Mapped[str] = words("Street and house number, as written in the country.")
    street_2: Mapped[str] = words("Second line: building, floor, apartment.")
    district: Mapped[str] = words("Part of the city, where the country writes it.")
    city: Mapped[str] = words("City, town or post town.")
    region: Mapped[str] = words("State, province, prefecture or county, such as IL.")
    postal_code: Mapped[str] = words("Postal code, such as 62704 or EC1A 1BB.")
    sorting_code: Mapped[str] = words("Sorting code beside the postal code, such as CEDEX.")
    is_invalid: Mapped[bool] = flag("Mail to it came back for good.")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]
