# SPDX-License-Identifier: Apache-2.0
"""Adding movements of stock, and proving that the levels are their sums."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from poser.model.stock import MovementKind, StockLevel, StockMovement


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """Some units of a product that came into a store or left it (below zero).

    The fields are those of `StockMovement`; `at` is aware.
    """

    product_id: UUID
    store_id: UUID
    at: datetime
    kind: MovementKind
    quantity: Decimal
    unit_cost: Decimal | None = None
    reason_id: UUID | None = None
    reverses_id: UUID | None = None
    document: str = ""
    user_id: UUID | None = None
    note: str = ""
    system: str | None = None
    system_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A product in a store whose level is not the sum of its movements; None: there is none."""

    product_id: UUID
    store_id: UUID
    level: Decimal | None
    total: Decimal | None


def add_movements(session: Session, movements: Iterable[Movement]) -> int:
    """Add movements to the ledger and return how many; the levels follow at once.

    All of one transaction belong into one call: they are added in the order of products and
    stores, so that programs which move the same products wait for each other, and none is
    ended by a deadlock.
    """
    rows = sorted((asdict(each) for each in movements), key=_place)
    if rows:
        session.execute(insert(StockMovement.__table__), rows)  # type: ignore[arg-type]
    return len(rows)


def _place(row: dict[str, Any]) -> tuple[UUID, UUID]:
    return row["product_id"], row["store_id"]


def differences(session: Session) -> list[Difference]:
    """Count the whole ledger again and list every level that differs; empty when all is well.

    Reads all movements, in one statement and so at one moment.
    """
    totals = (
        select(
            StockMovement.product_id,
            StockMovement.store_id,
            func.sum(StockMovement.quantity).label("total"),
        )
        .group_by(StockMovement.product_id, StockMovement.store_id)
        .subquery()
    )
    here = (StockLevel.product_id == totals.c.product_id) & (
        StockLevel.store_id == totals.c.store_id
    )
    product = func.coalesce(StockLevel.product_id, totals.c.product_id)
    store = func.coalesce(StockLevel.store_id, totals.c.store_id)
    rows = session.execute(
        select(product, store, StockLevel.on_hand, totals.c.total)
        .select_from(StockLevel)
        .join(totals, here, full=True)
        .where(StockLevel.on_hand.is_distinct_from(totals.c.total))
        .order_by(product, store)
    )
    return [
        Difference(product_id=product_id, store_id=store_id, level=level, total=total)
        for product_id, store_id, level, total in rows
    ]
