# SPDX-License-Identifier: Apache-2.0
"""A year at the tills of a demo shop, day by day, as POS transactions."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from poser.demo.groundwork import TIME_ZONE, store_number
from poser.demo.people import CASHIERS, cashier, customer_number, is_member
from poser.demo.plan import Kind, Plan
from poser.demo.receipts import Basket, bought
from poser.demo.rows import Rows
from poser.demo.stock import Ledger

BATCH = 8_000
SYSTEM = "demo"
TERMINALS = 4
_WEEKDAYS = (0.85, 0.85, 0.9, 0.95, 1.15, 1.35, 0.95)
_MONTHS = (0.95, 0.95, 0.98, 0.99, 1.0, 1.0, 0.98, 0.97, 0.98, 1.0, 1.08, 1.15)
_HOURS = (7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20)
_RUSH = (2, 4, 6, 7, 9, 10, 8, 7, 8, 11, 13, 9, 5, 3)
_CLOSED = ((12, 25), (1, 1))
_KNOWN, _VOID = 0.6, 0.01

_KEY = ("transaction_id", "business_date", "counts_for", "sequence")
TABLES = {
    "pos_transactions": (
        "id", "business_date", "system", "system_id", "kind", "store_number", "terminal",
        "receipt_number", "started_at", "ended_at", "cashier_number", "cashier_name",
        "customer_number", "currency", "subtotal", "discount_total", "tax_total", "total",
        "tender_total", "line_count", "is_void",
    ),
    "pos_lines": (
        *_KEY, "kind", "code", "gtin", "description", "department_number", "department_name",
        "quantity", "unit", "unit_price", "regular_price", "extended", "discount", "entry",
        "is_weighed", "is_food_stampable",
    ),
    "pos_discounts": (*_KEY, "promotion", "kind", "level", "description", "amount"),
    "pos_taxes": (*_KEY, "code", "description", "taxable", "percent", "amount"),
    "pos_tenders": (*_KEY, "kind", "code", "tender_type", "description", "amount"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Somebody at a till: which, when, and who it is."""

    number: int
    store: int
    day: date
    ended_at: datetime
    dice: Random
    customer: int | None


def load(
    session: Session, plan: Plan, ledger: Ledger, tell: Callable[[int], None]
) -> tuple[int, int]:
    """Write all POS transactions; returns how many, and how many rows with their parts."""
    rows, count = Rows(session, TABLES), 0
    for day in plan.days:
        for visit in visits(plan, day):
            _write(rows, plan, visit, ledger)
            count += 1
            if rows.waiting >= BATCH:
                rows.write()
        if day.weekday() == 6 or day == plan.until:  # noqa: PLR2004 - Sunday
            ledger.close_week(day)
        tell((day - plan.first_day).days + 1)
    rows.write()
    return count, rows.written


def visits(plan: Plan, day: date) -> Iterator[Visit]:
    """Yield who comes to the tills on a day, in all stores: busy at noon and after work."""
    if (day.month, day.day) in _CLOSED:
        return
    zone = ZoneInfo(TIME_ZONE)
    for store in range(plan.stores):
        base = day.toordinal() * 100 + store
        of_day = plan.dice(Kind.STORE, base)
        usual = plan.transactions_per_day * _WEEKDAYS[day.weekday()] * _MONTHS[day.month - 1]
        for place in range(round(usual * of_day.uniform(0.9, 1.1))):
            number = base * 100_000 + place
            dice = plan.dice(Kind.POS_TRANSACTION, number)
            hour = dice.choices(_HOURS, _RUSH)[0]
            at = time(hour, dice.randrange(60), dice.randrange(60), tzinfo=zone)
            is_known = plan.customers and dice.random() < _KNOWN
            yield Visit(
                number=number,
                store=store,
                day=day,
                ended_at=datetime.combine(day, at).astimezone(UTC),
                dice=dice,
                customer=int(plan.customers * dice.random() ** 1.7) if is_known else None,
            )


def _write(rows: Rows, plan: Plan, visit: Visit, ledger: Ledger) -> None:
    member = visit.customer is not None and is_member(plan, visit.customer)
    basket = bought(plan, visit.dice, visit.day, is_member=member)
    is_void = visit.dice.random() < _VOID
    store = store_number(plan, visit.store)
    key = plan.id_at(Kind.POS_TRANSACTION, visit.number, visit.ended_at)
    _header(rows, plan, visit, basket, key, is_void=is_void)
    part = (key, visit.day, "" if is_void else store)
    for table, values in basket.parts(plan):
        rows.add(table, *part, *values)
    if not is_void:
        for line in basket.lines:
            ledger.sell(visit.store, line.product, line.quantity)


def _header(
    rows: Rows, plan: Plan, visit: Visit, basket: Basket, key: object, *, is_void: bool
) -> None:
    store, count = store_number(plan, visit.store), visit.number % 100_000 + 1
    terminal = count % TERMINALS + 1
    late = CASHIERS // 2 if visit.ended_at.hour >= 20 else 0  # noqa: PLR2004 - the second shift, UTC
    who, name = cashier(plan, visit.store, (terminal - 1 + late) % CASHIERS)
    took = timedelta(seconds=20 + 4 * len(basket.lines))
    rows.add(
        "pos_transactions",
        key,
        visit.day,
        SYSTEM,
        f"{store}/{terminal}/{visit.day}/{count}",
        "sale",
        store,
        terminal,
        f"{count:05}",
        visit.ended_at - took,
        visit.ended_at,
        who,
        name,
        "" if visit.customer is None else customer_number(plan, visit.customer),
        "USD",
        basket.subtotal,
        basket.discount,
        basket.tax,
        basket.total,
        basket.total,
        len(basket.lines),
        is_void,
    )
