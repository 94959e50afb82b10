# SPDX-License-Identifier: Apache-2.0
"""What one customer of a demo shop buys and how it is paid, so that every receipt adds up."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from random import Random

from poser.demo.groundwork import TAXES
from poser.demo.plan import Plan
from poser.demo.products import CENT, Product, product
from poser.gtin import written_14

_ZERO = Decimal(0)
_MOST_LINES = 60
_OWNER_DAY, _OWNER_SHARE = 2, Decimal("0.05")
"""Members save 5 percent on the first Wednesday of a month."""
_WAYS = (
    ("CC", "credit_debit", "Card", 62),
    ("CA", "cash", "Cash", 25),
    ("EF", "food_stamps", "Food stamps", 6),
    ("GC", "gift_card", "Gift card", 4),
    ("CK", "check", "Check", 3),
)
_NOTES = (Decimal(1), Decimal(5), Decimal(10), Decimal(20))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Some of one product; a quantity below zero came back."""

    product: Product
    quantity: Decimal
    regular: Decimal
    asked: Decimal

    @property
    def extended(self) -> Decimal:
        """What is owed for it."""
        return _cents(self.asked * self.quantity)

    @property
    def saved(self) -> Decimal:
        """What the regular price would be more."""
        return _cents(self.regular * self.quantity) - self.extended


@dataclass(frozen=True, slots=True, kw_only=True)
class Basket:
    """A whole receipt. `discount` is zero or below; taxes are (place, taxable, amount)."""

    lines: tuple[Line, ...]
    discount: Decimal
    taxes: tuple[tuple[int, Decimal, Decimal], ...]
    way: tuple[str, str, str, int]
    given: Decimal

    @property
    def subtotal(self) -> Decimal:
        """The goods, less the discount, before tax."""
        return sum((line.extended for line in self.lines), self.discount)

    @property
    def tax(self) -> Decimal:
        """All taxes."""
        return sum((amount for _, _, amount in self.taxes), _ZERO)

    @property
    def total(self) -> Decimal:
        """What is owed."""
        return self.subtotal + self.tax

    def parts(self, plan: Plan) -> Iterator[tuple[str, tuple[object, ...]]]:
        """Yield the rows of its parts: the table, and the values from the sequence on."""
        place = 0
        for place, line in enumerate(self.lines, 1):
            yield "pos_lines", (place, *_line(plan, line))
        if self.discount:
            place += 1
            yield "pos_discounts", (
                place, "OWNER", "PercentOff", "transaction", "Owner day", self.discount,
            )  # fmt: skip
        for tax, taxable, amount in self.taxes:
            place += 1
            code, description, percent = TAXES[tax]
            yield "pos_taxes", (place, plan.mark + code, description, taxable, percent, amount)
        code, kind, words, _ = self.way
        paid = (plan.mark + code, kind, words)
        yield "pos_tenders", (place + 1, "tender", *paid, self.given)
        if self.given > self.total:
            yield "pos_tenders", (place + 2, "change", *paid, self.total - self.given)


def bought(plan: Plan, dice: Random, day: date, *, is_member: bool) -> Basket:
    """Fill a basket: mostly small, at times a big one; a few things go back."""
    count = min(_MOST_LINES, 1 + int(dice.expovariate(1 / 7)))
    lines = tuple(_bought(plan, dice, day, place, is_member=is_member) for place in range(count))
    goods = sum((line.extended for line in lines), _ZERO)
    is_owner_day = is_member and day.weekday() == _OWNER_DAY and day.day <= 7  # noqa: PLR2004
    discount = -_cents(goods * _OWNER_SHARE) if is_owner_day and goods > 0 else _ZERO
    part = 1 - _OWNER_SHARE if discount else Decimal(1)
    taxes = []
    for place, (code, _, percent) in enumerate(TAXES):
        taxed = sum((one.extended for one in lines if one.product.shelf.tax == code), _ZERO)
        if taxed:
            taxable = _cents(taxed * part)
            taxes.append((place, taxable, _cents(taxable * Decimal(percent) / 100)))
    way = dice.choices(_WAYS, [one[3] for one in _WAYS])[0]
    total = goods + discount + sum((amount for _, _, amount in taxes), _ZERO)
    given = total
    if way[1] == "cash" and total > 0:
        note = dice.choice(_NOTES)
        given = (total / note).to_integral_value(ROUND_CEILING) * note
    return Basket(lines=lines, discount=discount, taxes=tuple(taxes), way=way, given=given)


def _bought(plan: Plan, dice: Random, day: date, place: int, *, is_member: bool) -> Line:
    one = _taken(plan, dice)
    if one.is_weighed:
        quantity = Decimal(dice.randrange(20, 300)) / 100
    else:
        quantity = Decimal(dice.choice((1, 1, 1, 1, 1, 2, 2, 3)))
        if place and dice.random() < 0.004:  # noqa: PLR2004 - so few come back
            quantity = Decimal(-1)
    asked = one.asked(day, is_member=is_member)
    return Line(product=one, quantity=quantity, regular=one.regular(day), asked=asked)


def _taken(plan: Plan, dice: Random) -> Product:
    """Take a product from a shelf: a few are bought by many, most by few."""
    one = product(plan, int(plan.products * dice.random() ** 2.5))
    if one.shelf.rush == 1 and dice.random() < 0.4:  # noqa: PLR2004
        return product(plan, int(plan.products * dice.random() ** 2.5))
    return one


def _line(plan: Plan, line: Line) -> tuple[object, ...]:
    one, gtin = line.product, line.product.till_gtin
    return (
        "return" if line.quantity < 0 else "sale",
        written_14(gtin),
        gtin,
        one.description.upper()[:30],
        plan.mark + one.shelf.number,
        one.shelf.name,
        line.quantity,
        "lb" if one.is_weighed else "each",
        line.asked,
        line.regular,
        line.extended,
        line.saved,
        "keyed" if one.plu else "scanned",
        one.is_weighed,
        one.shelf.stamps,
    )


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)
