# SPDX-License-Identifier: Apache-2.0
"""Members of a cooperative or club, and what they have paid for their share."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

import poser.model.customers
import poser.model.people  # noqa: F401 - tables that these refer to
from poser.db.base import CreatedAt, Id, Model, ModifiedAt
from poser.model.columns import (
    AMOUNT,
    check,
    filled,
    flag,
    is_currency,
    one_of,
    reference,
    unique,
    words,
)
from poser.model.syncing import everywhere, shared


class EquityPaymentStatus(StrEnum):
    """Whether a payment counts."""

    RECEIVED = "received"
    PENDING = "pending"
    VOID = "void"


class MembershipType(Model):
    """A kind of membership, such as household or worker."""

    __tablename__ = "membership_types"
    __table_args__ = (
        unique("number"),
        filled("number"),
        filled("name"),
        check("equity", "equity_required >= 0", "An amount to pay cannot be negative."),
        {"comment": "Kinds of membership.", "info": shared(on_cloud=True)},
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(comment="Number of the kind.")
    name: Mapped[str] = mapped_column(comment="What people call it.")
    equity_required: Mapped[Decimal | None] = mapped_column(
        AMOUNT, comment="What a full share costs a new member."
    )
    is_offered_online: Mapped[bool] = flag("Customers may ask for it on the portal.")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]


class Member(Model):
    """A person's or a customer account's membership."""

    __tablename__ = "members"
    __table_args__ = (
        unique("number"),
        filled("number"),
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
        check("equity_required", "equity_required >= 0", "An amount to pay cannot be negative."),
        {
            "comment": "Memberships. What was paid is the sum of member_equity_payments.",
            "info": everywhere(on_cloud=True),
        },
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(comment="Member number; leading zeros count.")
    membership_type_id: Mapped[UUID | None] = reference(
        "membership_types.id", "The kind of membership."
    )
    person_id: Mapped[UUID | None] = reference("people.id", "The member, if a person.")
    customer_id: Mapped[UUID | None] = reference("customers.id", "The member's account.")
    is_active: Mapped[bool] = flag("Has a member's rights now.", default=True)
    joined_on: Mapped[date | None] = mapped_column(comment="Day of joining.")
    withdrew_on: Mapped[date | None] = mapped_column(comment="Day of leaving.")
    equity_required: Mapped[Decimal | None] = mapped_column(
        AMOUNT, comment="What this member's full share costs."
    )
    equity_credit: Mapped[Decimal | None] = mapped_column(
        AMOUNT, comment="Credit toward the share that nobody paid, such as a grant."
    )
    equity_due_on: Mapped[date | None] = mapped_column(comment="Day the next payment is due.")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]


class MemberEquityPayment(Model):
    """One payment of a member toward the share; a payment back is below zero."""

    __tablename__ = "member_equity_payments"
    __table_args__ = (
        unique("source", "source_key"),
        one_of("status", EquityPaymentStatus),
        check("amount", "amount <> 0", "A payment is of more or less than nothing."),
        check(
            "source",
            "(source IS NULL) = (source_key IS NULL)",
            "A payment has both where it came from and its key there, or neither.",
        ),
        is_currency(),
        Index("ix_member_equity_payments_member_id_received_at", "member_id", "received_at"),
        {"comment": "Payments of members toward their share.", "info": everywhere(on_cloud=True)},
    )

    id: Mapped[Id]
    member_id: Mapped[UUID] = reference("members.id", "Who paid.", index=False)
    amount: Mapped[Decimal] = mapped_column(
        AMOUNT, comment="How much; below zero when it was paid back."
    )
    currency: Mapped[str] = words("ISO 4217 code; empty means the retailer's own currency.")
    received_at: Mapped[datetime] = mapped_column(comment="When it was received (UTC).")
    status: Mapped[str] = words("received, pending or void.", default=EquityPaymentStatus.RECEIVED)
    description: Mapped[str] = words("What it was for.")
    source: Mapped[str | None] = mapped_column(comment="Where it came from, such as trainwreck.")
    source_key: Mapped[str | None] = mapped_column(
        comment="Its key there, such as a receipt's, so that it is not taken twice."
    )
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]
