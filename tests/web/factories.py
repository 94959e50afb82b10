# SPDX-License-Identifier: Apache-2.0
"""Rows of a believable grocery for the tests of the web app."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from poser.auth import add_user
from poser.gtin import with_check_digit
from poser.model import (
    Brand,
    Department,
    Product,
    ProductCode,
    ProductPrice,
    Store,
    User,
    UserRole,
    UserRolePermission,
)
from poser.trainwreck.model import PosDiscount, PosLine, PosTax, PosTender, PosTransaction

PASSWORD = "correct horse battery"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
_numbers = count(1)

GROCERIES = """\
Produce;;Apples Honeycrisp organic;lb;4131;2.99
Produce;;Bananas;lb;4011;0.69
Produce;Earthbound Farm;Baby spinach;5 oz;;3.49
Produce;Taylor Farms;Caesar salad kit;11.2 oz;;4.29
Dairy;Organic Valley;Whole milk;64 fl oz;;5.49
Dairy;Cabot;Seriously sharp cheddar;8 oz;;4.99
Dairy;Chobani;Greek yogurt plain, whole milk;32 oz;;6.29
Dairy;Oatly;Oat drink barista edition;32 fl oz;;4.49
Bakery;Dave's Killer Bread;21 whole grains and seeds;27 oz;;6.49
Bakery;;Sourdough round;24 oz;;5.99
Grocery;Bob's Red Mill;Rolled oats, old fashioned;32 oz;;5.29
Grocery;Barilla;Spaghetti no. 5;16 oz;;1.99
Grocery;Muir Glen;Crushed tomatoes fire roasted;28 oz;;3.79
Grocery;Amy's;Lentil vegetable soup;14.5 oz;;3.99
Grocery;Justin's;Almond butter classic;16 oz;;11.99
Grocery;Blue Diamond;Almonds smokehouse;6 oz;;4.79
Frozen;Talenti;Sea salt caramel gelato;1 pt;;5.99
Frozen;Cascadian Farm;Sweet corn;10 oz;;2.79
Meat;Applegate;Turkey breast oven roasted;7 oz;;6.49
Meat;;Ground beef 85 % lean;lb;;7.99
Household;Seventh Generation;Dish soap free & clear;19 fl oz;;3.99
Household;If You Care;Parchment baking paper;70 sq ft;;6.99
"""
_NAMES = dict.fromkeys(line.partition(";")[0] for line in GROCERIES.splitlines())
_DEPARTMENTS = {name: str(number) for number, name in enumerate(_NAMES, 1)}


def add_person(session: Session, name: str, *permissions: str, admin: bool = False) -> User:
    """Add a user who may do just what is named, or everything."""
    role = UserRole(name=f"{name}'s role", is_administrator=admin)
    role.permissions = [UserRolePermission(permission=each) for each in permissions]
    session.add(role)
    session.flush()
    return add_user(session, name, user_roles=[role.name], password=PASSWORD)


def add_product(session: Session, /, **values: object) -> Product:
    """Add a product; its GTIN and description are made up unless given."""
    number = next(_numbers)
    brand, department = values.pop("brand", None), values.pop("department", None)
    filled = {
        "gtin": with_check_digit(f"08500{number:06}"),
        "description": f"Product {number}",
        **values,
    }
    if isinstance(brand, Brand):
        filled |= {"brand_id": brand.id, "brand_name": brand.name}
    if isinstance(department, Department):
        filled |= {"department_id": department.id, "department_name": department.name}
    product = Product(**filled)
    session.add(product)
    session.flush()
    return product


def add_price(
    session: Session,
    product: Product,
    price: str,
    *,
    kind: str = "regular",
    store: Store | None = None,
    since: datetime = LONG_AGO,
    until: datetime | None = None,
) -> ProductPrice:
    """Add a price that holds from `since` on."""
    added = ProductPrice(
        product_id=product.id,
        store_id=store.id if store else None,
        kind=kind,
        price=Decimal(price),
        valid=Range(since, until),
    )
    session.add(added)
    session.flush()
    return added


def add_grocery(session: Session) -> list[Product]:
    """Add a store, its departments and brands, and two dozen products with prices."""
    session.add(Store(number="9", name="Riverside"))
    departments: dict[str, Department] = {}
    brands: dict[str, Brand] = {}
    products = []
    for line in GROCERIES.splitlines():
        department, brand, description, size, plu, price = line.split(";")
        if department not in departments:
            departments[department] = Department(number=str(len(departments) + 1), name=department)
            session.add(departments[department])
        if brand and brand not in brands:
            brands[brand] = Brand(name=brand)
            session.add(brands[brand])
        session.flush()
        weighed = size == "lb"
        product = add_product(
            session,
            description=description,
            size="" if weighed else size,
            is_weighed=weighed,
            is_food_stampable=department != "Household",
            is_discontinued=description.startswith("Parchment"),
            brand=brands.get(brand),
            department=departments[department],
            **({"plu": int(plu), "gtin": with_check_digit(plu)} if plu else {}),
        )
        add_price(session, product, price)
        products.append(product)
    session.add(ProductCode(product_id=products[4].id, code="MILK64"))
    session.flush()
    return products


def add_sale(session: Session, /, products: list[Product], **values: object) -> PosTransaction:
    """Add a sale of one each of some products, at 2.50, paid in cash."""
    number = next(_numbers)
    total = Decimal("2.50") * len(products)
    filled = {
        "business_date": date(2026, 11, 20),
        "system": "test",
        "system_id": f"9/1/2026-11-20/{number}",
        "kind": "sale",
        "store_number": "9",
        "terminal": "34",
        "receipt_number": str(1000 + number),
        "ended_at": datetime(2026, 11, 20, 17, 0, tzinfo=UTC) + timedelta(minutes=number),
        "cashier_number": "94",
        "cashier_name": "Robin",
        "subtotal": total,
        "total": total,
        "tender_total": total,
        "line_count": len(products),
        "currency": "USD",
        **values,
    }
    filled.setdefault("started_at", filled["ended_at"])
    sale = PosTransaction(**filled)
    session.add(sale)
    session.flush()
    session.add_all(_parts(sale, products))
    session.flush()
    return sale


def _parts(sale: PosTransaction, products: list[Product]) -> Iterator[object]:
    for sequence, product in enumerate(products, 1):
        yield PosLine(
            transaction_id=sale.id,
            business_date=sale.business_date,
            counts_for=sale.counts_for,
            sequence=sequence,
            kind="sale",
            code=f"{product.gtin:014}",
            gtin=product.gtin,
            description=product.description.upper(),
            department_number=_DEPARTMENTS.get(product.department_name, ""),
            department_name=product.department_name,
            quantity=Decimal(1),
            unit="lb" if product.is_weighed else "each",
            unit_price=Decimal("2.50"),
            extended=Decimal("2.50"),
            discount=Decimal(0),
            entry="scanned",
            is_void=False,
            is_weighed=product.is_weighed,
            is_food_stampable=product.is_food_stampable,
        )
    yield PosTender(
        transaction_id=sale.id,
        business_date=sale.business_date,
        counts_for=sale.counts_for,
        sequence=len(products) + 1,
        kind="tender",
        tender_type="cash",
        amount=sale.total,
        is_void=False,
    )


def add_discount(session: Session, sale: PosTransaction, line: int | None, amount: str) -> None:
    """Add a discount to a line of a sale, or to the whole sale."""
    session.add(
        PosDiscount(
            transaction_id=sale.id,
            business_date=sale.business_date,
            counts_for=sale.counts_for,
            sequence=next(_numbers) + 100,
            line_sequence=line,
            promotion="5123",
            kind="PercentOff",
            level="item" if line else "transaction",
            description="Member offer",
            amount=Decimal(amount),
            is_void=False,
        )
    )
    session.flush()


def add_tax(session: Session, sale: PosTransaction, amount: str) -> None:
    """Add a tax of 8.25 percent to a sale."""
    session.add(
        PosTax(
            transaction_id=sale.id,
            business_date=sale.business_date,
            counts_for=sale.counts_for,
            sequence=next(_numbers) + 100,
            description="Sales tax",
            percent=Decimal("8.25"),
            amount=Decimal(amount),
            is_void=False,
        )
    )
    session.flush()
