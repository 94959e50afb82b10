# SPDX-License-Identifier: Apache-2.0
"""Every refusal of the database is one sentence that names what, which and why."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.dialects.postgresql import Range

from poser.db import transaction
from poser.db.refused import Refused
from poser.model import (
    Brand,
    Employee,
    EmploymentPeriod,
    Note,
    Person,
    Phone,
    PostalAddress,
    Product,
    ProductCode,
    ProductPrice,
    StockMovement,
    Store,
    Tax,
    TaxRate,
    Vendor,
    VendorCost,
    VendorItem,
)
from poser.model.columns import NOBODY

pytestmark = pytest.mark.postgresql


def day(n: int) -> datetime:
    return datetime(2026, 3, n, tzinfo=UTC)


def add(engine: Engine, *rows: object) -> None:
    with transaction(engine) as session:
        session.add_all(rows)


def refusal(engine: Engine, *rows: object) -> Refused:
    with pytest.raises(Refused) as caught:
        add(engine, *rows)
    return caught.value


def test_overlapping_prices_name_the_product_and_both_times(poser_db: Engine) -> None:
    milk = Product(description="Milk, whole", gtin=36000291452)
    add(poser_db, milk)
    price = {"product_id": milk.id, "kind": "regular", "price": Decimal("1.99")}
    add(poser_db, ProductPrice(**price, valid=Range(day(1), day(10))))
    said = refusal(poser_db, ProductPrice(**price, valid=Range(day(9), None)))
    assert said.message == (
        "product price: product Milk, whole has another regular price between 2026-03-09 00:00"
        " UTC and further notice: one that holds from 2026-03-01 00:00 UTC to 2026-03-10 00:00 UTC."
    )
    assert said.table == "product_prices"
    assert said.constraint == "ex_product_prices_no_overlap"
    add(poser_db, ProductPrice(**price, valid=Range(day(10), None)))


def test_overlapping_costs_of_a_vendor_are_refused_and_later_ones_are_not(
    poser_db: Engine,
) -> None:
    milk, dairy = Product(description="Milk"), Vendor(number="7", name="Dairy")
    store = Store(number="9", name="Riverside")
    add(poser_db, milk, dairy, store)
    item = VendorItem(product_id=milk.id, vendor_id=dairy.id, code="A-17")
    add(poser_db, item)
    cost = {"vendor_item_id": item.id, "unit_cost": Decimal("1.23456")}
    add(poser_db, VendorCost(**cost, valid=Range(day(1), day(20))))
    add(poser_db, VendorCost(**cost, valid=Range(day(20), None)))
    add(poser_db, VendorCost(**cost, kind="deal", valid=Range(day(5), day(8))))
    add(poser_db, VendorCost(**cost, store_id=store.id, valid=Range(day(5), day(8))))
    said = refusal(poser_db, VendorCost(**cost, valid=Range(day(19), day(21))))
    assert "vendor item A-17 has another regular cost from 2026-03-19 00:00 UTC" in said.message


def test_overlapping_employments_are_refused(poser_db: Engine) -> None:
    ada = Person(display_name="Ada Berg")
    add(poser_db, ada)
    clerk = Employee(person_id=ada.id, number="17")
    add(poser_db, clerk)
    add(
        poser_db,
        EmploymentPeriod(employee_id=clerk.id, valid=Range(date(2020, 1, 1), date(2022, 1, 1))),
        EmploymentPeriod(employee_id=clerk.id, valid=Range(date(2022, 1, 1), None)),
    )
    said = refusal(
        poser_db, EmploymentPeriod(employee_id=clerk.id, valid=Range(date(2021, 6, 1), None))
    )
    assert "employee 17 is employed already between 2021-06-01 and further notice" in said.message


def test_overlapping_tax_rates_are_refused(poser_db: Engine) -> None:
    tax = Tax(code="A", description="Sales tax")
    add(poser_db, tax)
    add(poser_db, TaxRate(tax_id=tax.id, percent=Decimal("8.25"), valid=Range(None, None)))
    said = refusal(poser_db, TaxRate(tax_id=tax.id, percent=Decimal(9), valid=Range(day(1), None)))
    assert "tax Sales tax has another rate between 2026-03-01" in said.message
    assert "from the beginning to further notice" in said.message


def test_a_wrong_check_digit_names_the_barcode_and_the_product(poser_db: Engine) -> None:
    said = refusal(poser_db, Product(description="Whole milk", gtin=36000291453))
    assert said.message == (
        "product: The last digit of the barcode 36000291453 does not fit the others:"
        " scan it again, or compare it with the printed number."
    )
    assert said.fields == ("gtin",)
    assert said.values == {"gtin": "36000291453"}
    assert said.hint == "it is the one with description Whole milk"


@pytest.mark.parametrize("digits", ["036000291452", "4006381333931", "10614141000415", "96385074"])
def test_right_check_digits_are_taken_and_any_other_last_digit_is_not(
    poser_db: Engine, digits: str
) -> None:
    add(poser_db, Product(description="right", gtin=int(digits)))
    for wrong in range(1, 10):
        number = int(digits[:-1] + str((int(digits[-1]) + wrong) % 10))
        assert refusal(poser_db, Product(description="x", gtin=number)).fields == ("gtin",)


def test_another_code_that_says_it_is_a_gtin_must_be_one(poser_db: Engine) -> None:
    milk = Product(description="Milk")
    add(poser_db, milk)
    add(poser_db, ProductCode(product_id=milk.id, code="00036000291452", kind="gtin"))
    for code in ("00036000291453", "36000291452", "CASE-7"):
        said = refusal(poser_db, ProductCode(product_id=milk.id, code=code, kind="gtin"))
        assert code in said.message
    add(poser_db, ProductCode(product_id=milk.id, code="CASE-7"))


MILK, RIVERSIDE = "(the product)", "(the store)"
PRICE = {"product_id": MILK, "kind": "regular", "price": 1, "valid": Range(day(1), None)}
MOVED = {"product_id": MILK, "store_id": RIVERSIDE, "at": day(1)}
REFUSALS: list[tuple[type, dict[str, object], str]] = [
    (Brand, {"name": ""}, "brand: The name of a brand may not be empty"),
    (Product, {"description": "x", "plu": 100_000}, "A PLU has 1 to 5 digits; not 100000"),
    (Product, {"description": "x", "case_size": 0}, "more than nothing; not 0.0000"),
    (Product, {"description": "x", "single_id": MILK}, "A pack has the product"),
    (Product, {"description": "x", "unit_size": 3}, "with its unit; not 3.0000 nothing"),
    (Product, {"description": "x", "kind": "meat"}, r"goods, service, .*; not meat"),
    (Product, {"description": "x", "origin_country": "usa"}, r"ISO 3166.*; not usa"),
    (Store, {"number": "", "name": "x"}, "store: The number may not be empty"),
    (Store, {"number": "9", "name": "x"}, "store: there is one already with number 9"),
    (Store, {"number": "10"}, "store: name must be given"),
    (Store, {"number": "10", "name": "x", "currency": "usd"}, r"ISO 4217.*; not usd"),
    (ProductPrice, {**PRICE, "price": -1}, "price: A price cannot be negative; not -1.000"),
    (ProductPrice, {**PRICE, "valid": Range(day(3), day(3))}, "must end after it begins"),
    (ProductPrice, {**PRICE, "price": 10**10}, "a value cannot be kept: numeric field overflow"),
    (ProductCode, {"product_id": NOBODY[1:37], "code": "x"}, "there is no product with product"),
    (Phone, {"number": "1"}, "belongs to exactly one: a person, a customer"),
    (Note, {"text": "x", "product_id": MILK, "vendor_id": MILK}, "about exactly one"),
    (PostalAddress, {"country": "Germany", "store_id": RIVERSIDE}, r"ISO 3166.*; not Germany"),
    (StockMovement, {**MOVED, "kind": "wasted", "quantity": 2}, "2.0000 wasted is neither"),
]


@pytest.mark.parametrize(("model", "values", "words"), REFUSALS, ids=[r[2] for r in REFUSALS])
def test_what_cannot_be_is_told_in_one_sentence(
    poser_db: Engine, model: type, values: dict[str, object], words: str
) -> None:
    milk, store = Product(description="Milk"), Store(number="9", name="Riverside")
    add(poser_db, milk, store)
    there: dict[object, object] = {MILK: milk.id, RIVERSIDE: store.id}
    known = {k: there.get(v, v) if isinstance(v, str) else v for k, v in values.items()}
    with pytest.raises(Refused, match=words):
        add(poser_db, model(**known))


def test_what_is_still_used_cannot_be_deleted_and_is_named(poser_db: Engine) -> None:
    milk, store = Product(description="Milk"), Store(number="9", name="Riverside")
    add(poser_db, milk, store)
    price = ProductPrice(
        product_id=milk.id, store_id=store.id, kind="regular", price=1, valid=Range(day(1), None)
    )
    add(poser_db, price)
    with pytest.raises(Refused) as caught, transaction(poser_db) as session:
        session.execute(text("DELETE FROM stores"))
    assert caught.value.message == (
        "store Riverside cannot be deleted: it is still used by product prices"
    )


def test_a_rule_that_waits_for_the_commit_is_told_as_well(poser_db: Engine) -> None:
    add(poser_db, Store(number="9", name="Riverside"))
    late = "SET CONSTRAINTS ALL DEFERRED; INSERT INTO stores (number, name) VALUES ('9', 'x')"
    with pytest.raises(Refused, match="one already with number 9"), transaction(poser_db) as other:
        other.execute(text(late))


def test_commas_in_a_text_do_not_put_values_into_wrong_fields(poser_db: Engine) -> None:
    said = refusal(
        poser_db,
        Product(description="a, b, t, f, 17, null", description_2="x, y", gtin=36000291453),
    )
    assert said.values == {"gtin": "36000291453"}
    quoted = refusal(poser_db, Brand(name='Dave\'s (Killer), "Bread"'), Brand(name="", id=None))
    assert quoted.table == "brands"
    twice = 'Dave\'s (Killer), "Bread" (1)=(2)'
    add(poser_db, Brand(name=twice))
    assert refusal(poser_db, Brand(name=twice)).values == {"name": twice}


def test_nothing_of_a_refused_transaction_is_kept(poser_db: Engine) -> None:
    refusal(poser_db, Brand(name="Acme"), Product(description="x", gtin=36000291453))
    with transaction(poser_db, read_only=True) as session:
        assert session.execute(text("SELECT count(*) FROM brands")).scalar_one() == 0
