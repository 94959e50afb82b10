# SPDX-License-Identifier: Apache-2.0
"""Sales of days, read from the sums that the database keeps with every POS transaction."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from poser.trainwreck.model import SalesDepartment, SalesHour, SalesTender

WEEK = timedelta(days=7)
HOURS = 24
_NOTHING = Decimal(0)


class Pair(NamedTuple):
    """One figure of the day and of the same weekday before."""

    name: str
    now: Decimal
    before: Decimal


class Tender(NamedTuple):
    """Payments of one kind."""

    kind: str
    payments: int
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which sales: of a day, in one zone; `stores` are the numbers of stores, None for all."""

    day: date
    zone: ZoneInfo
    stores: Collection[str] | None = None

    @property
    def days(self) -> tuple[date, date]:
        """The day, and the same weekday before."""
        return self.day, self.day - WEEK


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The sums of one day."""

    count: int = 0
    lines: int = 0
    net: Decimal = _NOTHING
    discount: Decimal = _NOTHING
    tax: Decimal = _NOTHING
    total: Decimal = _NOTHING

    @property
    def average(self) -> Decimal:
        """What one customer bought for."""
        return self.net / self.count if self.count else _NOTHING


def newest_day(session: Session, stores: Collection[str] | None = None) -> date | None:
    """Give the newest day with sales."""
    wanted = select(func.max(SalesHour.business_date))
    found: date | None = session.scalar(_of_stores(wanted, SalesHour.store_number, stores))
    return found


def store_numbers(
    session: Session, newest: date | None, stores: Collection[str] | None = None
) -> Sequence[str]:
    """List the stores that sold something in the five weeks up to the newest day."""
    if newest is None:
        return []
    wanted = select(SalesHour.store_number).where(SalesHour.business_date > newest - 5 * WEEK)
    found = _of_stores(wanted.distinct(), SalesHour.store_number, stores)
    numbers: Sequence[str] = session.scalars(found.order_by(SalesHour.store_number)).all()
    return numbers


def days_of(session: Session, asked: Asked) -> tuple[Day, Day]:
    """Sum up the day and the same weekday before."""
    sums = {
        "count": SalesHour.transaction_count,
        "lines": SalesHour.line_count,
        "net": SalesHour.net,
        "discount": SalesHour.discount,
        "tax": SalesHour.tax,
        "total": SalesHour.total,
    }
    wanted = select(
        SalesHour.business_date, *(func.sum(column).label(name) for name, column in sums.items())
    ).group_by(SalesHour.business_date)
    rows = session.execute(_of(wanted, SalesHour, asked)).mappings()
    found = {row["business_date"]: Day(**{name: row[name] for name in sums}) for row in rows}
    now, before = asked.days
    return found.get(now, Day()), found.get(before, Day())


def hours_of(session: Session, asked: Asked) -> list[Pair]:
    """Sum up goods sold by hour of the day, from the first hour with sales to the last."""
    wanted = select(SalesHour.business_date, SalesHour.hour, func.sum(SalesHour.net)).group_by(
        SalesHour.business_date, SalesHour.hour
    )
    sums = {day: [_NOTHING] * HOURS for day in asked.days}
    for day, hour, amount in session.execute(_of(wanted, SalesHour, asked)):
        sums[day][_local_hour(hour, asked.zone)] += amount
    now, before = (sums[day] for day in asked.days)
    busy = [hour for hour in range(HOURS) if now[hour] or before[hour]]
    if not busy:
        return []
    return [Pair(f"{hour:02}:00", now[hour], before[hour]) for hour in range(busy[0], busy[-1] + 1)]


def departments_of(session: Session, asked: Asked) -> list[Pair]:
    """Sum up goods sold by department's number, those that sold most first."""
    wanted = select(
        SalesDepartment.business_date,
        SalesDepartment.department_number,
        func.sum(SalesDepartment.net),
    ).group_by(SalesDepartment.business_date, SalesDepartment.department_number)
    sums: dict[str, dict[date, Decimal]] = {}
    for day, number, amount in session.execute(_of(wanted, SalesDepartment, asked)):
        sums.setdefault(number, {})[day] = amount
    now, before = asked.days
    pairs = [
        Pair(number, days.get(now, _NOTHING), days.get(before, _NOTHING))
        for number, days in sums.items()
    ]
    return sorted(pairs, key=lambda pair: (-pair.now, -pair.before, pair.name))


def tenders_of(session: Session, asked: Asked) -> list[Tender]:
    """Sum up payments of the day by kind, the greatest first."""
    amount = func.sum(SalesTender.amount)
    wanted = (
        select(SalesTender.tender_type, func.sum(SalesTender.tender_count), amount)
        .where(SalesTender.business_date == asked.day)
        .group_by(SalesTender.tender_type)
        .order_by(amount.desc(), SalesTender.tender_type)
    )
    rows = session.execute(_of_stores(wanted, SalesTender.store_number, asked.stores))
    return [Tender(kind, payments, amount) for kind, payments, amount in rows]


def _of(wanted: Any, table: Any, asked: Asked) -> Any:  # noqa: ANN401 - selects of any columns
    wanted = wanted.where(table.business_date.in_(asked.days))
    return _of_stores(wanted, table.store_number, asked.stores)


def _of_stores(wanted: Any, number: Any, stores: Collection[str] | None) -> Any:  # noqa: ANN401
    return wanted if stores is None else wanted.where(number.in_(stores))


def _local_hour(hour: datetime, zone: ZoneInfo) -> int:
    return hour.astimezone(zone).hour
