# SPDX-License-Identifier: Apache-2.0
"""The products of a demo shop as rows: with prices, taxes, and what vendors charge."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from poser.demo.groundwork import TAXES, brand_name, category_number
from poser.demo.plan import Kind, Plan
from poser.demo.products import Product, product
from poser.demo.rows import Rows, span
from poser.demo.words import shelves

BATCH = 2_000
_PRICES_EACH = 8  # a product has fewer
_POUND = text("SELECT id FROM units WHERE abbreviation = 'lb'")

TABLES = {
    "products": (
        "id", "gtin", "plu", "item_number", "description", "size", "brand_id", "brand_name",
        "department_id", "department_name", "category_id", "is_weighed", "price_unit_id",
        "case_size", "is_organic", "is_food_stampable", "minimum_age", "deposit_id",
        "is_discontinued",
    ),
    "product_prices": ("id", "product_id", "kind", "price", "valid"),
    "product_taxes": ("id", "product_id", "tax_id"),
    "vendor_items": ("id", "product_id", "vendor_id", "code", "case_size"),
    "vendor_costs": ("id", "vendor_item_id", "kind", "unit_cost", "case_cost", "valid"),
}  # fmt: skip


def load(session: Session, plan: Plan, tell: Callable[[int], None]) -> int:
    """Write all products; returns how many rows."""
    pound = session.execute(_POUND).scalar_one()
    rows = Rows(session, TABLES)
    for number in range(plan.products):
        one = product(plan, number)
        _product(rows, plan, one, pound)
        _prices(rows, plan, one)
        _costs(rows, plan, one)
        if rows.waiting >= BATCH:
            rows.write()
            tell(number + 1)
    rows.write()
    tell(plan.products)
    return rows.written


def _product(rows: Rows, plan: Plan, one: Product, pound: object) -> None:
    shelf = one.shelf
    rows.add(
        "products",
        one.id,
        one.gtin,
        one.plu,
        f"D{plan.seed}-{one.number + 1}",
        one.description,
        one.size,
        plan.id(Kind.BRAND, one.brand) if one.brand is not None else None,
        brand_name(plan, one.brand) if one.brand is not None else "",
        plan.id(Kind.DEPARTMENT, one.shelf_number),
        shelf.name,
        plan.id(Kind.CATEGORY, category_number(one.shelf_number, one.food)),
        one.is_weighed,
        pound if one.is_weighed else None,
        one.case_size,
        one.is_organic,
        shelf.stamps,
        shelf.age,
        plan.id(Kind.DEPOSIT, 0) if shelf.deposit else None,
        one.is_discontinued,
    )
    tax = [code for code, _, _ in TAXES].index(shelves()[one.shelf_number].tax)
    key = plan.id(Kind.PRODUCT_TAX, one.number)
    rows.add("product_taxes", key, one.id, plan.id(Kind.TAX, tax))


def _prices(rows: Rows, plan: Plan, one: Product) -> None:
    for place, price in enumerate(one.prices):
        key = plan.id(Kind.PRICE, one.number * _PRICES_EACH + place)
        valid = span(price.starts, price.ends)
        rows.add("product_prices", key, one.id, price.kind, price.amount, valid)


def _costs(rows: Rows, plan: Plan, one: Product) -> None:
    """Add what the vendor calls it and charges for it, at times with a cost to come."""
    dice = plan.dice(Kind.VENDOR_ITEM, one.number)
    vendor = (one.brand or 0) % plan.vendors
    item = plan.id(Kind.VENDOR_ITEM, one.number)
    code = f"{10_000 + one.number * 7}"
    rows.add("vendor_items", item, one.id, plan.id(Kind.VENDOR, vendor), code, one.case_size)
    changes = plan.until + timedelta(days=30) if dice.random() < 0.1 else None  # noqa: PLR2004
    costs = [(one.cost, span(plan.opened_on, changes))]
    if changes:
        costs.append((one.cost * Decimal("1.04"), span(changes, None)))
    for place, (cost, valid) in enumerate(costs):
        key = plan.id(Kind.VENDOR_COST, one.number * 2 + place)
        rows.add("vendor_costs", key, item, "regular", cost, cost * one.case_size, valid)
