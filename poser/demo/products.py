# SPDX-License-Identifier: Apache-2.0
"""Products of a demo shop: each worked out from its number, with its prices and costs."""

from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from uuid import UUID

from poser.demo.plan import Kind, Plan
from poser.demo.words import LISTS, Shelf, shares, shelves
from poser.gtin import with_check_digit

CENT = Decimal("0.01")
_MOST_PLUS = 1_000
_FIRST_PLU = 3_000
_CASES = (6, 8, 10, 12, 12, 12, 24)
# Prefixes of makers: a step that is prime to their number visits each of them once.
_PREFIXES, _FIRST_PREFIX, _STEP, _SHIFT = 89_999, 10_000, 7_919, 31_337


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """One price for a range of days: from `starts` up to and without `ends`, or open."""

    kind: str
    amount: Decimal
    starts: date
    ends: date | None

    def holds(self, day: date) -> bool:
        """Tell whether it holds on a day."""
        return self.starts <= day and (self.ends is None or day < self.ends)


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """What a product is, and what it costs whom and when."""

    number: int
    id: UUID
    gtin: int | None
    plu: int | None
    description: str
    size: str
    brand: int | None
    shelf: Shelf
    shelf_number: int
    food: int
    is_weighed: bool
    is_organic: bool
    is_discontinued: bool
    case_size: int
    cost: Decimal
    prices: tuple[Price, ...]

    @property
    def till_gtin(self) -> int:
        """The number that tills know it by: the GTIN, or the PLU with a check digit."""
        return self.gtin or with_check_digit(str(self.plu))

    def regular(self, day: date) -> Decimal:
        """Give the regular price on a day."""
        return next(p.amount for p in self.prices if p.kind == "regular" and p.holds(day))

    def asked(self, day: date, *, is_member: bool) -> Decimal:
        """Give the lowest price that holds on a day."""
        kinds = {"regular", "promotion", "member"} if is_member else {"regular", "promotion"}
        return min(p.amount for p in self.prices if p.kind in kinds and p.holds(day))


@lru_cache(maxsize=20_000)
def product(plan: Plan, number: int) -> Product:
    """Work out a product; those that were asked for of late are remembered."""
    dice = plan.dice(Kind.PRODUCT, number)
    place = bisect(shares(), dice.randrange(shares()[-1]))
    shelf = shelves()[place]
    is_weighed = dice.randrange(100) < shelf.weighed
    food = dice.randrange(len(shelf.foods))
    is_loose = is_weighed and number < _MOST_PLUS and not plan.mark
    brand = None if is_loose else number % plan.brands
    is_organic = dice.random() < 0.15  # noqa: PLR2004 - as the next shares: one in so many
    price = _ending_in_nine(shelf.low * (shelf.high / shelf.low) ** dice.random())
    wobble = Decimal(dice.randrange(92, 108)) / 100
    return Product(
        number=number,
        id=plan.id(Kind.PRODUCT, number),
        gtin=None if is_loose else _gtin(plan, number),
        plu=_FIRST_PLU + number if is_loose else None,
        description=_described(dice.choice, shelf, shelf.foods[food], organic=is_organic),
        size="" if is_weighed else dice.choice(shelf.sizes),
        brand=brand,
        shelf=shelf,
        shelf_number=place,
        food=food,
        is_weighed=is_weighed,
        is_organic=is_organic,
        is_discontinued=dice.random() < 0.02,  # noqa: PLR2004
        case_size=dice.choice(_CASES),
        cost=(price * shelf.cost_share * wobble).quantize(CENT, ROUND_HALF_UP),
        prices=tuple(_prices(plan, number, price)),
    )


def _described(choose, shelf: Shelf, food: str, *, organic: bool) -> str:  # type: ignore[no-untyped-def]  # noqa: ANN001 - random.Random.choice
    kind = "Organic" if organic else choose(LISTS["kinds"])
    if shelf.plain:
        return f"Organic {food}" if organic else f"{kind} {food}"
    return f"{kind} {choose(LISTS['flavors'])} {food}".title()


def _gtin(plan: Plan, number: int) -> int:
    """Give a UPC-A: a prefix for each brand, and the brand's products counted."""
    brand, item = number % plan.brands, number // plan.brands
    prefix = _FIRST_PREFIX + (brand * _STEP + plan.seed * _SHIFT) % _PREFIXES
    return with_check_digit(f"0{prefix:05}{item:05}")


def _ending_in_nine(amount: float) -> Decimal:
    return Decimal(int(amount * 10)) / 10 + Decimal("0.09")


def _prices(plan: Plan, number: int, price: Decimal) -> Iterator[Price]:
    """Yield the prices of a year: the regular one, at times changed; promotions; a member's."""
    dice = plan.dice(Kind.PRICE, number)
    span = max((plan.until - plan.first_day).days, 1)
    starts = plan.opened_on
    if dice.random() < 0.4:  # noqa: PLR2004
        changed = plan.first_day + timedelta(days=dice.randrange(span))
        before = _ending_in_nine(float(price) * dice.uniform(0.88, 0.99))
        yield Price(kind="regular", amount=before, starts=starts, ends=changed)
        starts = changed
    yield Price(kind="regular", amount=price, starts=starts, ends=None)
    if dice.random() < 0.2:  # noqa: PLR2004
        begins = plan.first_day + timedelta(days=dice.randrange(span))
        ends = begins + timedelta(days=dice.choice((7, 7, 14)))
        amount = _ending_in_nine(float(price) * dice.uniform(0.6, 0.85))
        yield Price(kind="promotion", amount=min(amount, price), starts=begins, ends=ends)
    if dice.random() < 0.05:  # noqa: PLR2004
        amount = _ending_in_nine(float(price) * 0.9)
        yield Price(kind="member", amount=min(amount, price), starts=plan.opened_on, ends=None)
