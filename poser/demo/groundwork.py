# SPDX-License-Identifier: Apache-2.0
"""What a demo shop stands on: stores, departments, brands, taxes, tenders, vendors."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from poser.demo.plan import Kind, Plan
from poser.demo.rows import Rows, span
from poser.demo.words import LISTS, shelves

TAXES = (("F", "Grocery tax", "1.00000"), ("G", "General sales tax", "8.25000"))
TENDERS = (
    ("CA", "Cash", "cash", True, True),
    ("CC", "Card", "card", True, False),
    ("CK", "Check", "check", False, True),
    ("EF", "Food stamps (EBT)", "food_stamps", False, False),
    ("GC", "Gift card", "gift_card", False, False),
)
TIME_ZONE = "America/Chicago"
DEPOSIT = "0.050"

TABLES = {
    "stores": ("id", "number", "name", "time_zone", "currency", "opened_on"),
    "taxes": ("id", "code", "description"),
    "tax_rates": ("id", "tax_id", "percent", "valid"),
    "deposits": ("id", "code", "description", "amount"),
    "tenders": ("id", "code", "name", "kind", "allows_cash_back", "opens_drawer"),
    "departments": ("id", "number", "name", "is_food_stampable", "tax_id"),
    "categories": ("id", "code", "name", "department_id"),
    "brands": ("id", "name", "is_confirmed"),
    "vendors": ("id", "number", "name", "terms", "lead_time_days", "order_interval_days"),
}


def load(session: Session, plan: Plan, tell: Callable[[int], None]) -> int:
    """Write it; returns how many rows."""
    rows = Rows(session, TABLES)
    _stores(rows, plan)
    _money(rows, plan)
    _departments(rows, plan)
    for number in range(plan.brands):
        rows.add("brands", plan.id(Kind.BRAND, number), brand_name(plan, number), "t")
    _vendors(rows, plan)
    rows.write()
    tell(rows.written)
    return rows.written


def brand_name(plan: Plan, number: int) -> str:
    """Give the name of a brand: a maker and a house, no pair twice."""
    makers, houses = LISTS["makers"], LISTS["houses"]
    name = f"{makers[number % len(makers)]} {houses[number // len(makers) % len(houses)]}"
    return f"{name} {plan.seed}" if plan.mark else name


def place_name(number: int) -> str:
    """Give the name of a town that is on no map, no two alike."""
    makers, ends = LISTS["makers"], LISTS["place_ends"]
    return f"{makers[number * 31 % len(makers)]}{ends[number // len(makers) % len(ends)]}"


def store_number(plan: Plan, number: int) -> str:
    """Give the number of a store, as tills write it."""
    return f"{plan.mark}{number + 1}"


def category_number(shelf: int, food: int) -> int:
    """Give the number from which the id of a category follows."""
    return shelf * 1000 + food


def _stores(rows: Rows, plan: Plan) -> None:
    for number in range(plan.stores):
        name, zone = place_name(number), TIME_ZONE
        key = plan.id(Kind.STORE, number)
        rows.add("stores", key, store_number(plan, number), name, zone, "USD", plan.opened_on)


def _money(rows: Rows, plan: Plan) -> None:
    for number, (code, description, percent) in enumerate(TAXES):
        tax = plan.id(Kind.TAX, number)
        rows.add("taxes", tax, plan.mark + code, description)
        valid = span(plan.opened_on, None)
        rows.add("tax_rates", plan.id(Kind.TAX_RATE, number), tax, percent, valid)
    rows.add("deposits", plan.id(Kind.DEPOSIT, 0), f"{plan.mark}BTL", "Bottle or can", DEPOSIT)
    for number, (code, *tender) in enumerate(TENDERS):
        rows.add("tenders", plan.id(Kind.TENDER, number), plan.mark + code, *tender)


def _departments(rows: Rows, plan: Plan) -> None:
    codes = [code for code, _, _ in TAXES]
    for number, shelf in enumerate(shelves()):
        department, tax = plan.id(Kind.DEPARTMENT, number), codes.index(shelf.tax)
        taxed = plan.id(Kind.TAX, tax)
        own = plan.mark + shelf.number
        rows.add("departments", department, own, shelf.name, shelf.stamps, taxed)
        for food, name in enumerate(shelf.foods):
            key = plan.id(Kind.CATEGORY, category_number(number, food))
            rows.add("categories", key, f"{own}-{food + 1:02}", name.title(), department)


def _vendors(rows: Rows, plan: Plan) -> None:
    trades = LISTS["trades"]
    for number in range(plan.vendors):
        dice = plan.dice(Kind.VENDOR, number)
        name = f"{place_name(number)} {trades[number % len(trades)]}"
        days, every = dice.randrange(1, 6), dice.choice((3, 7, 7, 14))
        key = plan.id(Kind.VENDOR, number)
        rows.add("vendors", key, f"{plan.mark}V{number + 1:03}", name, "net 30", days, every)
