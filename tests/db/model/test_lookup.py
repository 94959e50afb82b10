# SPDX-License-Identifier: Apache-2.0
"""One function finds products for scan screens, typed codes and files, in one order."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.orm import Session

from poser.db import transaction
from poser.gtin import with_check_digit
from poser.model import Product, ProductCode, Vendor, VendorItem
from poser.model.lookup import Key, find_products, products_by_code

pytestmark = pytest.mark.postgresql
GUACAMOLE = 205601000002  # made in the store: 2, item 05601, room for a price


@pytest.fixture
def session(poser_db: Engine) -> Iterator[Session]:
    with transaction(poser_db) as opened:
        yield opened


def add(session: Session, *rows: Product | ProductCode | Vendor | VendorItem) -> None:
    session.add_all(rows)
    session.flush()


def found(session: Session, entry: str, **how: object) -> list[str]:
    return [p.description for p in products_by_code(session, entry, **how)]  # type: ignore[arg-type]


LABEL = f"{with_check_digit('20560100499'):012}"  # 4.99 of item 05601


@pytest.mark.parametrize("entry", [LABEL, LABEL[:-1], f"0{LABEL}", f"00{LABEL}"])
def test_a_label_with_a_price_in_it_finds_its_product_and_tells_the_price(
    session: Session, entry: str
) -> None:
    add(session, Product(description="Guacamole", gtin=GUACAMOLE))
    (match,) = find_products(session, [entry])[entry]
    assert (match.product.description, match.key, match.measure) == ("Guacamole", Key.GTIN, 499)


def test_a_product_with_exactly_this_number_goes_before_one_with_the_price_left_out(
    session: Session,
) -> None:
    whole = with_check_digit("20560100499")
    add(
        session,
        Product(description="any price", gtin=GUACAMOLE),
        Product(description="this price", gtin=whole),
    )
    assert found(session, str(whole)) == ["this price", "any price"]


def test_the_order_of_keys_is_the_one_that_is_promised(session: Session) -> None:
    entry = "4011"
    dairy, other = Vendor(number="1", name="Dairy"), Vendor(number="2", name="Other")
    products = [Product(description=n) for n in ("code", "vendor", "other vendor")]
    add(
        session,
        dairy,
        other,
        *products,
        Product(description="plu", plu=4011),
        Product(description="gtin", gtin=with_check_digit("4011")),
        Product(description="item", item_number=entry),
    )
    code, by_vendor, by_other = (product.id for product in products)
    add(
        session,
        ProductCode(product_id=code, code=entry),
        VendorItem(product_id=by_vendor, vendor_id=dairy.id, code=entry),
        VendorItem(product_id=by_other, vendor_id=other.id, code=entry, ordinal=2),
    )
    assert found(session, entry) == ["plu", "gtin", "item", "code", "vendor", "other vendor"]
    assert found(session, entry, vendor_id=dairy.id) == ["plu", "gtin", "item", "vendor", "code"]
    ours = find_products(session, [entry], item_number_first=True)[entry]
    assert [match.key for match in ours][:3] == [Key.ITEM_NUMBER, Key.PLU, Key.GTIN]


def test_an_id_finds_its_product_and_no_other(session: Session) -> None:
    milk, bread = Product(description="Milk"), Product(description="Bread")
    add(session, milk, bread)
    assert found(session, str(milk.id)) == ["Milk"]
    assert found(session, milk.id.hex) == ["Milk"]


def test_what_is_deleted_is_not_found_and_what_is_not_for_sale_when_asked_for(
    session: Session,
) -> None:
    add(
        session,
        Product(description="gone", plu=4011, is_deleted=True),
        Product(description="bags", plu=4012, is_not_for_sale=True),
    )
    assert found(session, "4011") == []
    assert found(session, "4012") == []
    assert found(session, "4012", with_not_for_sale=True) == ["bags"]


def test_two_products_with_one_vendor_code_are_told_apart_by_rule(session: Session) -> None:
    dairy = Vendor(number="1", name="Dairy")
    names = ("old", "second", "first")
    products = [Product(description=n, is_discontinued=n == "old") for n in names]
    add(session, dairy, *products)
    add(
        session,
        *(
            VendorItem(product_id=product.id, vendor_id=dairy.id, code="A-17", ordinal=3 - n)
            for n, product in enumerate(products)
        ),
    )
    assert found(session, "A-17") == ["first", "second", "old"]


def test_a_short_barcode_is_found_by_its_long_form(session: Session) -> None:
    add(session, Product(description="Cola", gtin=42100005264))
    assert found(session, "04252614") == ["Cola"]
    assert found(session, "425261") == ["Cola"]


@pytest.mark.parametrize("entry", ["", "   ", "\0", "a\0b", "' OR 1=1", "9" * 400, "٤٠١١", "-"])
def test_nonsense_finds_nothing(session: Session, entry: str) -> None:
    add(session, Product(description="Milk", plu=4011))
    assert find_products(session, [entry]) == {entry: []}


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_many_entries_are_one_query_by_indexes_alone(poser_db: Engine) -> None:
    gtins = [with_check_digit(str(n)) for n in range(10_000, 20_000)]
    with transaction(poser_db) as session:
        session.execute(
            text(
                "INSERT INTO products (gtin, description) SELECT g, 'Product ' || g"
                " FROM unnest(CAST(:gtins AS bigint[])) AS g"
            ),
            {"gtins": gtins},
        )
        session.execute(
            text(
                "INSERT INTO product_codes (product_id, code) SELECT id, 'C-' || gtin FROM products"
            )
        )
        session.execute(
            text(
                "INSERT INTO vendors (number, name) VALUES ('1', 'Dairy');"
                "INSERT INTO vendor_items (product_id, vendor_id, code)"
                " SELECT p.id, v.id, 'V-' || gtin FROM products p, vendors v"
            )
        )
        for table in ("products", "product_codes", "vendor_items"):
            session.execute(text(f"SELECT analyze_table('{table}')"))
    entries = [str(gtins[7]), f"C-{gtins[8]}", f"V-{gtins[9]}", "nothing"]
    with statements(poser_db) as seen, transaction(poser_db, read_only=True) as session:
        matches = find_products(session, entries)
        (asked,) = [s for s in seen if "UNION ALL" in s]
        plan = explain(session, entries)
    assert [len(matches[entry]) for entry in entries] == [1, 1, 1, 0]
    assert "Seq Scan" not in plan, plan
    assert asked.count("UNION ALL") == 5


def explain(session: Session, entries: list[str]) -> str:
    """Ask for the plan of the statement that `find_products` would send."""
    sent: list[tuple[str, object]] = []

    def note(_c: object, _cursor: object, statement: str, values: object, *_more: object) -> None:
        sent.append((statement, values))

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    find_products(session, entries)
    event.remove(engine, "before_cursor_execute", note)
    statement, values = sent[-1]
    rows = session.connection().exec_driver_sql(f"EXPLAIN {statement}", values)  # type: ignore[arg-type]
    return "\n".join(row[0] for row in rows)
