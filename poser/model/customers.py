# SPDX-License-Identifier: Apache-2.0
"""Customer accounts, the people who shop on them, and the groups they are in."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import DATERANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

import poser.model.org
import poser.model.people  # noqa: F401 - tables that these refer to
from poser.db.base import CreatedAt, Id, Model, ModifiedAt
from poser.model.columns import (
    PERCENT,
    check,
    filled,
    flag,
    no_overlap,
    one_of,
    reference,
    unique,
    words,
)
from poser.model.syncing import everywhere, shared


class EmailPreference(StrEnum):
    """How a customer wants to be written to."""

    NONE = "none"
    TEXT = "text"
    HTML = "html"


class Customer(Model):
    """An account that purchases are put on: of a person, a household or a company."""

    __tablename__ = "customers"
    __table_args__ = (
        unique("number"),
        filled("number"),
        filled("name"),
        one_of("email_preference", EmailPreference, what="The way to write"),
        check(
            "discount",
            "discount_percent BETWEEN 0 AND 100",
            "A discount is between 0 and 100 percent; not {discount_percent}.",
        ),
        Index("ix_customers_name_id", "name", "id"),
        Index(
            "ix_customers_search",
            text("(lower(name) || ' ' || lower(coalesce(number, ''))) gin_trgm_ops"),
            postgresql_using="gin",
        ),
        {"comment": "Customer accounts.", "info": everywhere(on_cloud=True)},
    )

    id: Mapped[Id]
    number: Mapped[str | None] = mapped_column(
        comment="Number on the card and at the till; leading zeros count."
    )
    name: Mapped[str] = mapped_column(comment="Name of the account.")
    holder_id: Mapped[UUID | None] = reference(
        "people.id", "The person who answers for the account.", ondelete="SET NULL"
    )
    home_store_id: Mapped[UUID | None] = reference(
        "stores.id", "The store where they usually shop.", ondelete="SET NULL"
    )
    email_preference: Mapped[str] = words("none, text or html.", default=EmailPreference.HTML)
    is_wholesale: Mapped[bool] = flag("Buys to sell again.")
    tax_exemption: Mapped[str] = words("Number of a tax exemption certificate; may be empty.")
    discount_percent: Mapped[Decimal | None] = mapped_column(
        PERCENT, comment="Discount on everything, percent."
    )
    is_active_at_till: Mapped[bool] = flag("The till takes the number.", default=True)
    keeps_till_state: Mapped[bool] = flag(
        "Nobody but a person may change whether the till takes the number."
    )
    is_archived: Mapped[bool] = flag("No longer used; kept for what was.")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]


class CustomerPerson(Model):
    """A person who belongs to a customer account."""

    __tablename__ = "customer_people"
    __table_args__ = (
        unique("customer_id", "person_id"),
        {
            "comment": "Which people belong to which customer accounts.",
            "info": everywhere(on_cloud=True),
        },
    )

    id: Mapped[Id]
    customer_id: Mapped[UUID] = reference(
        "customers.id", "The account.", ondelete="CASCADE", index=False
    )
    person_id: Mapped[UUID] = reference("people.id", "The person.", ondelete="CASCADE")
    ordinal: Mapped[int] = mapped_column(
        SmallInteger, server_default=text("1"), default=1, comment="Order to show; 1 is first."
    )


class CustomerShopper(Model):
    """A person with a card of their own for a customer account."""

    __tablename__ = "customer_shoppers"
    __table_args__ = (
        unique("customer_id", "number"),
        check("number", "number > 0", "Shoppers are counted from 1; not {number}."),
        {"comment": "Who may shop on customer accounts.", "info": everywhere()},
    )

    id: Mapped[Id]
    customer_id: Mapped[UUID] = reference(
        "customers.id", "The account.", ondelete="CASCADE", index=False
    )
    person_id: Mapped[UUID] = reference("people.id", "Who shops.", ondelete="CASCADE")
    number: Mapped[int] = mapped_column(
        SmallInteger, comment="Which shopper of the account; 1 is the holder."
    )
    is_active: Mapped[bool] = flag("May shop now.", default=True)
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]


class CustomerShopperPeriod(Model):
    """A time during which somebody was a shopper."""

    __tablename__ = "customer_shopper_periods"
    __table_args__ = (
        no_overlap(
            "ex_customer_shopper_periods_no_overlap",
            "shopper_id",
            sentence="The shopper has another period between {valid.from} and {valid.to}:"
            " one from {other.from} to {other.to}.",
        ),
        check("valid", "NOT isempty(valid)", "A period must end after it begins."),
        {"comment": "When people were shoppers on customer accounts.", "info": everywhere()},
    )

    id: Mapped[Id]
    shopper_id: Mapped[UUID] = reference("customer_shoppers.id", "The shopper.", ondelete="CASCADE")
    valid: Mapped[Range[date]] = mapped_column(
        DATERANGE, comment="From the first day to the day after the last, or open."
    )
    created_at: Mapped[CreatedAt]


class CustomerGroup(Model):
    """Customers that something is for, such as a price or a mailing."""

    __tablename__ = "customer_groups"
    __table_args__ = (
        unique("number"),
        filled("number"),
        filled("name"),
        {"comment": "Groups of customers.", "info": shared()},
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(comment="Number of the group.")
    name: Mapped[str] = mapped_column(comment="What people call it.")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]


class CustomerGroupCustomer(Model):
    """One customer's being in one group."""

    __tablename__ = "customer_group_customers"
    __table_args__ = (
        unique("customer_group_id", "customer_id"),
        {"comment": "Which customers are in which groups.", "info": everywhere()},
    )

    id: Mapped[Id]
    customer_group_id: Mapped[UUID] = reference(
        "customer_groups.id", "The group.", ondelete="CASCADE", index=False
    )
    customer_id: Mapped[UUID] = reference("customers.id", "The customer.", ondelete="CASCADE")
    ordinal: Mapped[int] = mapped_column(
        SmallInteger,
        server_default=text("1"),
        default=1,
        comment="Which of the customer's groups goes first; 1 is first.",
    )
