# SPDX-License-Identifier: Apache-2.0
"""What stores have of products: a ledger of movements, and the level they add up to.

A movement is written once and never changed: the application may add rows and no more. A
mistake is put right by a movement that reverses it. The level of a product in a store is
kept by a trigger in the transaction that adds movements, so it is always their sum; nobody
else writes it. See docs/decisions/0013-stock-ledger.md.
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

import poser.model.org
import poser.model.products
import poser.model.users  # noqa: F401 - tables that these refer to
from poser.db.base import CreatedAt, Id, Model, ModifiedAt
from poser.model.columns import (
    COST,
    COSTS,
    QUANTITY,
    check,
    filled,
    flag,
    one_of,
    reference,
    unique,
    words,
)
from poser.model.syncing import of_store, shared


class MovementKind(StrEnum):
    """Why stock changed."""

    RECEIVED = "received"
    SOLD = "sold"
    RETURNED = "returned"
    SENT_BACK = "sent_back"
    COUNTED = "counted"
    ADJUSTED = "adjusted"
    WASTED = "wasted"
    USED = "used"
    MADE = "made"
    MOVED_IN = "moved_in"
    MOVED_OUT = "moved_out"


_SIGN = (
    "CASE WHEN reverses_id IS NOT NULL THEN true"
    " WHEN kind IN ('received', 'returned', 'made', 'moved_in') THEN quantity > 0"
    " WHEN kind IN ('sent_back', 'wasted', 'used', 'moved_out') THEN quantity < 0"
    " ELSE true END"
)


class AdjustmentReason(Model):
    """A reason people choose from when they adjust stock."""

    __tablename__ = "adjustment_reasons"
    __table_args__ = (
        unique("code"),
        filled("code"),
        filled("description"),
        {"comment": "Reasons for adjusting stock by hand.", "info": shared()},
    )

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(comment="Short code, such as BROKEN.")
    description: Mapped[str] = mapped_column(comment="What people read when they choose.")
    is_hidden: Mapped[bool] = flag("Not offered any more.")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]


class StockMovement(Model):
    """Some units of one product that came into one store or left it."""

    __tablename__ = "stock_movements"
    __table_args__ = (
        unique("system", "system_key"),
        unique("reverses_id"),
        one_of("kind", MovementKind),
        check("quantity", "quantity <> 0", "A movement is of more or less than nothing."),
        check(
            "sign",
            _SIGN,
            "What comes in is above zero and what leaves is below: {quantity} {kind} is neither.",
        ),
        check("unit_cost", "unit_cost >= 0", "A cost cannot be negative; not {unit_cost}."),
        check(
            "system",
            "(system IS NULL) = (system_key IS NULL)",
            "A movement has both the system it came from and its key there, or neither.",
        ),
        Index("ix_stock_movements_product_id_store_id_at", "product_id", "store_id", "at"),
        Index("ix_stock_movements_store_id_at", "store_id", "at"),
        # The ledger is its own history.
        {"comment": "What came into stores and left them; only added to.",
         "info": {"history": False, **of_store()}},
    )  # fmt: skip

    id: Mapped[Id]
    product_id: Mapped[UUID] = reference("products.id", "What moved.", index=False)
    store_id: Mapped[UUID] = reference("stores.id", "Where it moved.", index=False)
    at: Mapped[datetime] = mapped_column(comment="When it moved (UTC); may be before it was noted.")
    kind: Mapped[str] = mapped_column(
        comment=(
            "received, sold, returned, sent_back, counted, adjusted, wasted, used, made,"
            " moved_in or moved_out."
        )
    )
    quantity: Mapped[Decimal] = mapped_column(
        QUANTITY,
        comment="Units, or weight of weighed goods; below zero when it left the store.",
    )
    unit_cost: Mapped[Decimal | None] = mapped_column(
        COST, info=COSTS, comment="Cost of one unit then, in the store's currency."
    )
    reason_id: Mapped[UUID | None] = reference(
        "adjustment_reasons.id", "The reason somebody chose."
    )
    reverses_id: Mapped[UUID | None] = reference(
        "stock_movements.id", "The movement that this one puts right.", index=False
    )
    document: Mapped[str] = words("Paper or record that says so, such as invoice 4711.")
    user_id: Mapped[UUID | None] = reference("users.id", "Who noted it.")
    note: Mapped[str] = words("What somebody wrote about it.")
    system: Mapped[str | None] = mapped_column(
        comment="System it came from, such as trainwreck; empty when noted here."
    )
    system_key: Mapped[str | None] = mapped_column(
        comment="Its key in that system, so that it is not taken twice."
    )
    created_at: Mapped[CreatedAt]


class StockLevel(Model):
    """How much of one product one store has: the sum of its movements, kept by a trigger."""

    __tablename__ = "stock_levels"
    __table_args__ = (
        # What the trigger's INSERT ... ON CONFLICT is about cannot be deferrable.
        UniqueConstraint("product_id", "store_id"),
        {
            "comment": "What stores have now; the sum of stock_movements, kept by a trigger.",
            "info": {"history": False, "capture": False},
        },
    )

    id: Mapped[Id]
    product_id: Mapped[UUID] = reference("products.id", "What there is.", index=False)
    store_id: Mapped[UUID] = reference("stores.id", "Where it is.")
    on_hand: Mapped[Decimal] = mapped_column(
        Numeric(18, 4), comment="Units, or weight of weighed goods; below zero after an error."
    )
    moved_at: Mapped[datetime] = mapped_column(comment="When something last moved (UTC).")
    modified_at: Mapped[ModifiedAt]
