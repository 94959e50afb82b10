# SPDX-License-Identifier: Apache-2.0
"""A demo shop as arithmetic: the same from the same numbers, and right in itself."""

from datetime import date
from decimal import Decimal

import pytest

from poser.demo.groundwork import brand_name, place_name
from poser.demo.plan import Kind, Plan
from poser.demo.products import product
from poser.demo.receipts import bought
from poser.demo.sales import visits
from poser.errors import PoserError
from poser.gtin import is_valid, written_14


def plan(**changes: int) -> Plan:
    numbers = {
        "products": 5_000, "customers": 50, "months": 12, "transactions_per_day": 40,
        "stores": 2, "seed": 1,
    }  # fmt: skip
    return Plan(**(numbers | changes), until=date(2026, 11, 21))


def test_barcodes_are_valid_and_no_two_alike() -> None:
    made = [product(plan(), number) for number in range(5_000)]
    codes = [one.till_gtin for one in made]
    assert len(set(codes)) == 5_000
    assert all(is_valid(written_14(code)) for code in codes)
    assert len({one.plu for one in made if one.plu}) == sum(1 for one in made if one.plu) > 0


def test_a_million_barcodes_have_no_two_alike() -> None:
    big = plan(products=1_000_000)
    steps = {(big.seed * 31_337 + brand * 7_919) % 89_999 for brand in range(big.brands)}
    assert len(steps) == big.brands
    assert big.products // big.brands < 100_000


def test_names_have_no_two_alike() -> None:
    big = plan(products=1_000_000)
    assert len({brand_name(big, number) for number in range(big.brands)}) == big.brands
    assert len({place_name(number) for number in range(740)}) == 740


def test_the_same_number_makes_the_same_product_and_another_seed_another() -> None:
    one = product(plan(), 77)
    product.cache_clear()
    assert product(plan(), 77) == one
    assert product(plan(seed=2), 77).id != one.id
    assert plan().id(Kind.PRODUCT, 77).version == 7
    assert plan().id(Kind.PRODUCT, 77) < plan().id(Kind.PRODUCT, 78)


def test_a_product_has_a_price_on_every_day_and_costs_less() -> None:
    shop = plan()
    for number in range(500):
        one = product(shop, number)
        for day in shop.days[::30]:
            assert one.asked(day, is_member=True) <= one.regular(day)
        assert Decimal(0) < one.cost < one.regular(shop.until)


def test_tills_follow_the_week_and_the_clock() -> None:
    shop = plan(transactions_per_day=300, stores=1)
    count = {day: len(list(visits(shop, day))) for day in shop.days[:28]}
    of_day = [sum(n for day, n in count.items() if day.weekday() == d) for d in range(7)]
    assert max(of_day) == of_day[5]
    hours = [visit.ended_at.hour for visit in visits(shop, date(2026, 7, 11))]
    assert hours.count(22) > hours.count(13)  # after work against the early morning, UTC
    assert not list(visits(shop, date(2025, 12, 25)))


def test_every_receipt_adds_up() -> None:
    shop = plan()
    for visit in visits(shop, date(2026, 6, 3)):
        basket = bought(shop, visit.dice, visit.day, is_member=True)
        parts = list(basket.parts(shop))
        paid = sum(values[-1] for table, values in parts if table == "pos_tenders")
        assert paid == basket.total
        assert basket.given >= basket.total
        assert [values[0] for _, values in parts] == list(range(1, len(parts) + 1))


@pytest.mark.parametrize(
    ("name", "value"), [("products", 0), ("products", 1_000_001), ("stores", 0), ("months", -1)]
)
def test_numbers_that_make_no_shop_are_refused(name: str, value: int) -> None:
    with pytest.raises(PoserError, match=f"{name}: {value} is not between"):
        plan(**{name: value})
