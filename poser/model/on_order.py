# SPDX-License-Identifier: Apache-2.0
"""How much of each product is still to come: counted from open purchases, never kept."""

import functools
import operator
from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from poser.model.purchases import Purchase, PurchaseItem, PurchaseStatus

_I = PurchaseItem.__table__.c


def _units(*whats: str) -> ColumnElement[Decimal]:
    """Count units of a line, those in cases included."""
    counts = [_I[f"cases_{what}"] * _I.case_size + _I[f"units_{what}"] for what in whats]
    return functools.reduce(operator.add, counts)


def on_order(session: Session, product_ids: Sequence[UUID]) -> dict[tuple[UUID, UUID], Decimal]:
    """Sum what is ordered and still to come, in units, by product and store.

    Purchases that are ordered count; what came in whatever state, or will not come, is no
    longer to come. More than was ordered counts as nothing to come.
    """
    rows = session.execute(_statement(product_ids))
    return {(product_id, store_id): units for product_id, store_id, units in rows}


def _statement(product_ids: Sequence[UUID]) -> Select[UUID, UUID, Decimal]:
    to_come = func.sum(
        func.greatest(_units("ordered") - _units("received", "damaged", "expired", "missing"), 0)
    )
    return (
        select(_I.product_id, Purchase.store_id, to_come)
        .join(Purchase, Purchase.id == _I.purchase_id)
        .where(_I.product_id.in_(product_ids), Purchase.status == PurchaseStatus.ORDERED)
        .group_by(_I.product_id, Purchase.store_id)
        .having(to_come > 0)
    )
