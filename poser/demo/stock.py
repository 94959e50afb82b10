# SPDX-License-Identifier: Apache-2.0
"""Stock of a demo shop: a count at the opening, then what came and what was sold each week.

Every week brings as many whole cases as were sold, or more, so no level is ever below the
first count.
"""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal

from sqlalchemy.orm import Session

from poser.demo.plan import Kind, Plan
from poser.demo.products import Product, product
from poser.demo.rows import Rows

BATCH = 5_000
TABLES = {
    "stock_movements": (
        "id", "product_id", "store_id", "at", "kind", "quantity", "unit_cost", "document",
        "system", "system_key",
    ),
}  # fmt: skip
_MORNING, _EVENING = "11:00:00+00", "23:59:00+00"


class Ledger:
    """What came into the stores and left them."""

    def __init__(self, session: Session, plan: Plan) -> None:
        self._plan = plan
        self._rows = Rows(session, TABLES)
        self._count = 0
        self._sold: dict[tuple[int, int], Decimal] = {}

    @property
    def written(self) -> int:
        """How many movements were written."""
        return self._rows.written

    def open(self, tell: Callable[[int], None]) -> None:
        """Count every product in every store once."""
        opened = (self._plan.opened_on, _MORNING)
        for number in range(self._plan.products):
            one = product(self._plan, number)
            dice = self._plan.dice(Kind.MOVEMENT, number)
            for store in range(self._plan.stores):
                count = Decimal(one.case_size * dice.randrange(1, 4))
                self._add(one, store, opened, ("counted", count), "opening")
            if self._rows.waiting >= BATCH:
                self._rows.write()
                tell(number + 1)
        self._rows.write()
        tell(self._plan.products)

    def sell(self, store: int, one: Product, quantity: Decimal) -> None:
        """Take what a till sold, or with a quantity below zero what came back."""
        key = (store, one.number)
        self._sold[key] = self._sold.get(key, Decimal(0)) + quantity

    def close_week(self, day: date) -> None:
        """Write what came and what was sold in the week that ends with `day`."""
        monday = day - timedelta(days=day.weekday())
        week = f"week {day.isocalendar()[0]}-{day.isocalendar()[1]:02}"
        for (store, number), quantity in sorted(self._sold.items()):
            one = product(self._plan, number)
            if quantity > 0:
                cases = (quantity / one.case_size).to_integral_value(ROUND_CEILING)
                came = cases * one.case_size
                self._add(one, store, (monday, _MORNING), ("received", came), week)
            if quantity:
                self._add(one, store, (day, _EVENING), ("sold", -quantity), week)
            if self._rows.waiting >= BATCH:
                self._rows.write()
        self._rows.write()
        self._sold.clear()

    def _add(
        self, one: Product, store: int, when: tuple[date, str], what: tuple[str, Decimal], why: str
    ) -> None:
        """Add a movement: `when` is a day and a time, `what` a kind and a quantity."""
        plan = self._plan
        (day, at), (kind, quantity) = when, what
        key = f"{plan.seed}/{day}/{store + 1}/{one.number + 1}/{kind}"
        self._rows.add(
            "stock_movements",
            plan.id(Kind.MOVEMENT, self._count),
            one.id,
            plan.id(Kind.STORE, store),
            f"{day} {at}",
            kind,
            quantity,
            one.cost,
            why,
            "demo",
            key,
        )
        self._count += 1
