# SPDX-License-Identifier: Apache-2.0
"""What the schema makes impossible, and what it keeps right by itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, event, func, select, text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import InternalError

from poser.db import engine, transaction
from poser.db.refused import Refused
from poser.errors import Unavailable
from poser.gtin import with_check_digit
from poser.model import Brand, Department, PriceKind, Product, ProductCode, ProductPrice, Store
from poser.model.lookup import products_by_code
from poser.model.products import PRODUCT_ORDER

pytestmark = pytest.mark.postgresql

START = datetime(2026, 1, 1, tzinfo=UTC)


def price(product: Product, start: int, end: int | None, **more: object) -> ProductPrice:
    until = None if end is None else START + timedelta(days=end)
    values: dict[str, object] = {"kind": PriceKind.REGULAR, "price": Decimal("1.99"), **more}
    valid = Range(START + timedelta(days=start), until)
    return ProductPrice(product_id=product.id, valid=valid, **values)


def add(engine: Engine, *rows: object) -> None:
    with transaction(engine) as session:
        session.add_all(rows)


@contextmanager
def refused_by(constraint: str) -> Iterator[None]:
    with pytest.raises(Refused) as caught:
        yield
    assert caught.value.constraint == constraint


def test_two_prices_of_one_kind_cannot_overlap(poser_db: Engine) -> None:
    product, store = Product(description="Milk"), Store(number="9", name="Store 9")
    add(poser_db, product, store)
    add(poser_db, price(product, 0, 10), price(product, 10, None))
    add(poser_db, price(product, 5, 7, kind=PriceKind.PROMOTION))
    add(poser_db, price(product, 0, None, store_id=store.id))
    for overlapping in (price(product, 9, 11), price(product, 3, 4, store_id=store.id)):
        with refused_by("ex_product_prices_no_overlap"):
            add(poser_db, overlapping)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"gtin": 0}, "ck_products_gtin"),
        ({"gtin": 10**14}, "ck_products_gtin"),
        ({"plu": 100_000}, "ck_products_plu"),
        ({"brand_name": "Nobody's"}, "ck_products_brand"),
        ({"department_name": "Nowhere"}, "ck_products_department"),
    ],
)
def test_a_product_that_cannot_be_is_refused(
    poser_db: Engine, values: dict[str, object], constraint: str
) -> None:
    with refused_by(constraint):
        add(poser_db, Product(description="x", **values))


def test_a_negative_price_and_an_empty_range_are_refused(poser_db: Engine) -> None:
    product = Product(description="Milk")
    add(poser_db, product)
    with refused_by("ck_product_prices_price"):
        add(poser_db, price(product, 0, 1, price=Decimal(-1)))
    with refused_by("ck_product_prices_valid"):
        add(poser_db, price(product, 3, 3))


def test_the_copy_of_a_brands_name_follows_it_and_cannot_be_wrong(poser_db: Engine) -> None:
    brand = Brand(name="Old Mill")
    add(poser_db, brand)
    product = Product(description="Flour", brand_id=brand.id, brand_name="Old Mill")
    add(poser_db, product)
    with transaction(poser_db) as session:
        session.execute(text("UPDATE brands SET name = 'New Mill'"))
    with transaction(poser_db) as session:
        found = session.scalars(select(Product)).one()
        assert found.brand_name == "New Mill"
        assert found.search.startswith("new mill flour")
        assert found.brand is not None
        assert found.brand.name == "New Mill"
    with refused_by("fk_products_brand_id_brand_name"):
        add(poser_db, Product(description="x", brand_id=brand.id, brand_name="Old Mill"))


def test_the_same_holds_for_a_department(poser_db: Engine) -> None:
    department = Department(number="12", name="Produce")
    add(poser_db, department)
    add(poser_db, Product(description="x", department_id=department.id, department_name="Produce"))
    with transaction(poser_db) as session:
        session.execute(text("UPDATE departments SET name = 'Fruit'"))
        assert session.scalars(select(Product.department_name)).one() == "Fruit"


def test_a_unique_code_can_move_between_products_in_one_transaction(poser_db: Engine) -> None:
    add(poser_db, Product(description="a", gtin=17), Product(description="b", gtin=24))
    with transaction(poser_db) as session:
        session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
        session.execute(text("UPDATE products SET gtin = 24 WHERE description = 'a'"))
        session.execute(text("UPDATE products SET gtin = 17 WHERE description = 'b'"))
    with transaction(poser_db) as session:
        assert dict(session.execute(select(Product.description, Product.gtin)).all()) == {
            "a": 24,
            "b": 17,
        }


def test_the_searched_text_has_everything_people_look_for(poser_db: Engine) -> None:
    add(poser_db, Product(description="Apples FUJI", size="3 lb", gtin=36000291452, plu=4131))
    with transaction(poser_db) as session:
        found = session.scalars(select(Product.search)).one()
    assert found == " apples fuji 3 lb 00036000291452 4131"


@pytest.mark.parametrize("name", PRODUCT_ORDER)
def test_a_deep_page_in_each_order_reads_the_index_only(poser_db: Engine, name: str) -> None:
    column = PRODUCT_ORDER[name]
    with transaction(poser_db) as session:
        session.execute(
            text(
                "INSERT INTO products (gtin, description)"
                " SELECT gtin, 'Product ' || gtin FROM unnest(CAST(:gtins AS bigint[])) AS gtin"
            ),
            {"gtins": [with_check_digit(str(n)) for n in range(1, 5001)]},
        )
        session.execute(text("SELECT analyze_table('products')"))
        last = session.execute(
            select(column, Product.id).order_by(column, Product.id).offset(3000).limit(1)
        ).one()
        page = (
            select(Product.id)
            .where(func.row(column, Product.id) > func.row(*last))
            .order_by(column, Product.id)
            .limit(51)
        )
        compiled = page.compile(session.connection(), compile_kwargs={"literal_binds": True})
        plan = "\n".join(session.execute(text(f"EXPLAIN {compiled}")).scalars())
    assert "Index Cond" in plan, plan
    assert "Sort" not in plan, plan


def test_a_scan_finds_the_product_by_any_of_its_codes(poser_db: Engine) -> None:
    milk = Product(description="Milk", gtin=36000291452)
    bananas = Product(description="Bananas", plu=4011, gtin=40112)
    guacamole = Product(description="Guacamole", gtin=205601000002)
    milk.codes = [ProductCode(code="00012000003455"), ProductCode(code="CASE-7")]
    add(poser_db, milk, bananas, guacamole)
    scans = {
        "036000291452": "Milk",
        "0036000291452": "Milk",
        "03600029145": "Milk",
        "(01)00036000291452": "Milk",
        "01234505": "Milk",
        "012000003455": "Milk",
        "CASE-7": "Milk",
        "4011": "Bananas",
        "40112": "Bananas",
        str(with_check_digit("20560110499")): "Guacamole",
        "nothing": None,
        "": None,
        "' OR 1=1": None,
    }
    with transaction(poser_db, read_only=True) as session:
        found = {scan: products_by_code(session, scan) for scan in scans}
    names = {
        scan: products[0].description if products else None for scan, products in found.items()
    }
    assert names == scans


def test_the_likeliest_product_comes_first(poser_db: Engine) -> None:
    add(
        poser_db,
        Product(description="by code", codes=[ProductCode(code="4011")]),
        Product(description="by PLU", plu=4011),
    )
    with transaction(poser_db, read_only=True) as session:
        found = products_by_code(session, "4011")
    assert [product.description for product in found] == ["by PLU", "by code"]


def test_a_read_only_transaction_cannot_write(poser_db: Engine) -> None:
    with (
        transaction(poser_db, read_only=True) as session,
        pytest.raises(InternalError, match="read-only transaction"),
    ):
        session.execute(text("INSERT INTO brands (name) VALUES ('x')"))
    add(poser_db, Brand(name="x"))


def test_an_error_rolls_a_transaction_back(poser_db: Engine) -> None:
    def break_off() -> None:
        with transaction(poser_db) as session:
            session.add(Brand(name="x"))
            session.flush()
            raise KeyError

    with pytest.raises(KeyError):
        break_off()
    with transaction(poser_db, read_only=True) as session:
        assert session.scalars(select(func.count()).select_from(Brand)).one() == 0


def test_an_unreachable_database_is_one_clear_error() -> None:
    nowhere = engine("postgresql+psycopg2:///poser?host=/nowhere")
    with pytest.raises(Unavailable, match="does not answer"), transaction(nowhere):
        pytest.fail("the block must not run")


def test_many_objects_are_inserted_by_one_statement(poser_db: Engine) -> None:
    said: list[str] = []
    event.listen(poser_db, "before_cursor_execute", lambda *about: said.append(about[2]))
    with transaction(poser_db) as session:
        session.add_all([Brand(name=f"Brand {n}") for n in range(20)])
    assert len([one for one in said if one.startswith("INSERT INTO brands")]) == 1
