# SPDX-License-Identifier: Apache-2.0
"""A customer's own purchases: POS transactions with the customer's number, nobody else's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session, selectinload

from poser.trainwreck.model import PosTransaction
from poser.trainwreck.model.transactions import COUNTED

MOST_IN_A_MONTH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """One month with purchases: its first day, how many, and their sum."""

    first: date
    count: int
    total: Decimal


def months_of(session: Session, number: str | None) -> list[Month]:
    """List the months in which a customer bought something, the last first."""
    if not number:
        return []
    month = func.date_trunc("month", PosTransaction.business_date)
    rows = session.execute(
        _mine(select(month, func.count(), func.sum(PosTransaction.total)), number)
        .group_by(month)
        .order_by(month.desc())
    )
    return [Month(first=at.date(), count=count, total=total) for at, count, total in rows]


def in_month(session: Session, number: str | None, first: date) -> Sequence[PosTransaction]:
    """List a customer's purchases of the month that begins on `first`, the last first."""
    if not number:
        return ()
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return session.scalars(
        _mine(select(PosTransaction), number)
        .where(PosTransaction.business_date >= first, PosTransaction.business_date < after)
        .order_by(PosTransaction.ended_at.desc(), PosTransaction.id)
        .limit(MOST_IN_A_MONTH)
    ).all()


def find_purchase(session: Session, number: str | None, key: UUID) -> PosTransaction | None:
    """Read one purchase with all its parts; None if it is not this customer's."""
    if not number:
        return None
    wanted = _mine(select(PosTransaction), number).where(PosTransaction.id == key)
    return session.scalars(wanted.options(*_WHOLE)).one_or_none()


def all_purchases(session: Session, number: str | None) -> Sequence[PosTransaction]:
    """Read all purchases of a customer with all their parts, the oldest first."""
    if not number:
        return ()
    wanted = _mine(select(PosTransaction), number).options(*_WHOLE)
    return session.scalars(wanted.order_by(PosTransaction.ended_at, PosTransaction.id)).all()


_WHOLE = (
    selectinload(PosTransaction.lines),
    selectinload(PosTransaction.discounts),
    selectinload(PosTransaction.taxes),
    selectinload(PosTransaction.tenders),
)


def _mine(statement: Select[Any], number: str) -> Select[Any]:
    """Take sales that count, of this number only; tills leave it empty for who has none."""
    return statement.where(PosTransaction.customer_number == number, text(COUNTED))
