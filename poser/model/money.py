# SPDX-License-Identifier: Apache-2.0
"""Taxes with their rates over time, deposits on containers, and the ways to pay."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import TSTZRANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

import poser.model.org  # noqa: F401 - tables that these refer to
from poser.db.base import CreatedAt, Id, Model, ModifiedAt
from poser.model.columns import (
    NOBODY,
    PERCENT,
    PRICE,
    check,
    filled,
    flag,
    is_currency,
    no_overlap,
    one_of,
    reference,
    unique,
    words,
)
from poser.model.syncing import Flow, of_store, shared


class TenderKind(StrEnum):
    """What a customer gives for the goods."""

    CASH = "cash"
    CARD = "card"
    CHECK = "check"
    FOOD_STAMPS = "food_stamps"
    GIFT_CARD = "gift_card"
    COUPON = "coupon"
    ACCOUNT = "account"
    OTHER = "other"


class Tax(Model):
    """A tax on sales; what it takes is in its rates."""

    __tablename__ = "taxes"
    __table_args__ = (
        unique("code"),
        filled("code"),
        filled("description"),
        {"comment": "Taxes on sales.", "info": shared()},
    )

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(comment="Short code on tills and receipts, such as A.")
    description: Mapped[str] = mapped_column(comment="What it is, such as Illinois grocery tax.")
    is_included: Mapped[bool] = flag("Prices include it, as value added taxes are shown.")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]


class TaxRate(Model):
    """How much a tax takes during a range of time, in one store or in all."""

    __tablename__ = "tax_rates"
    __table_args__ = (
        no_overlap(
            "ex_tax_rates_no_overlap",
            "tax_id",
            text(f"coalesce(store_id, {NOBODY})"),
            sentence="The tax {tax_id} has another rate between {valid.from} and {valid.to}:"
            " one that holds from {other.from} to {other.to}.",
        ),
        check("percent", "percent >= 0", "A tax rate cannot be negative; not {percent}."),
        check("valid", "NOT isempty(valid)", "The time a rate holds must end after it begins."),
        {"comment": "Rates of taxes, each for a range of time.", "info": of_store(Flow.DOWN)},
    )

    id: Mapped[Id]
    tax_id: Mapped[UUID] = reference("taxes.id", "The tax.", ondelete="CASCADE")
    store_id: Mapped[UUID | None] = reference(
        "stores.id", "The store the rate holds in; empty means all stores."
    )
    percent: Mapped[Decimal] = mapped_column(PERCENT, comment="What it takes, percent, as 8.25.")
    valid: Mapped[Range[datetime]] = mapped_column(
        TSTZRANGE, comment="When the rate holds: from inclusive, to exclusive or open."
    )
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]


class Deposit(Model):
    """What is paid for a container and given back for the empty one."""

    __tablename__ = "deposits"
    __table_args__ = (
        unique("code"),
        filled("code"),
        check("amount", "amount > 0", "A deposit is more than nothing; not {amount}."),
        is_currency(),
        {"comment": "Deposits on containers.", "info": shared()},
    )

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(comment="Short code, as tills know it.")
    description: Mapped[str] = words("What container it is for.")
    amount: Mapped[Decimal] = mapped_column(PRICE, comment="Deposit on one container.")
    currency: Mapped[str] = words("ISO 4217 code; empty means the retailer's own currency.")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]


class Tender(Model):
    """A way to pay, as tills know it."""

    __tablename__ = "tenders"
    __table_args__ = (
        unique("code"),
        filled("code"),
        filled("name"),
        one_of("kind", TenderKind),
        is_currency(),
        {"comment": "Ways to pay at tills.", "info": shared()},
    )

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(comment="Code on tills, such as CA.")
    name: Mapped[str] = mapped_column(comment="What people call it.")
    kind: Mapped[str] = mapped_column(
        comment="cash, card, check, food_stamps, gift_card, coupon, account or other."
    )
    currency: Mapped[str] = words("ISO 4217 code; empty means the retailer's own currency.")
    allows_cash_back: Mapped[bool] = flag("More may be taken than is due, and the rest given back.")
    opens_drawer: Mapped[bool] = flag("The drawer opens for it.", default=True)
    is_disabled: Mapped[bool] = flag("Not taken any more.")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]
