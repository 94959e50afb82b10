# SPDX-License-Identifier: Apache-2.0
"""The examples import look-alikes of real systems: all of it, once, and what changed later."""

import sqlite3
from decimal import Decimal
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy import Engine

from poser.importing.asked import Asked
from poser.importing.result import RunResult, RunStatus
from poser.importing.running import run
from tests.support.extended import CHECKOUT
from tests.support.foreign import Example
from tests.support.importers import rows

pytestmark = pytest.mark.postgresql

LONGEST = 80


def counts(result: RunResult) -> dict[str, tuple[int, int, int, int]]:
    assert result.status is RunStatus.DONE, result.why
    return {m.model: (m.created, m.updated, m.deleted, m.refused) for m in result.models}


@pytest.mark.parametrize("name", ["northwind", "chinook"])
def test_a_handler_is_one_short_page(name: str) -> None:
    page = CHECKOUT / f"examples/{name}/poser_{name}/importing/{name}.py"
    assert len(page.read_text(encoding="utf-8").splitlines()) < LONGEST


def test_northwind_comes_in_whole(
    northwind: str, example: Example, engines: dict[str, Engine]
) -> None:
    result = run(example("northwind"), Asked(where=northwind), engines)
    assert counts(result) == {
        "Vendor": (2, 0, 0, 0),
        "Category": (2, 0, 0, 0),
        "Product": (3, 0, 0, 0),
        "VendorItem": (3, 0, 0, 0),
        "ProductPrice": (3, 0, 0, 0),
        "Customer": (2, 0, 0, 0),
        "CustomerOrder": (2, 0, 0, 0),
        "CustomerOrderItem": (3, 0, 0, 0),
    }
    db = engines["poser"]
    assert rows(db, "SELECT number, name FROM vendors ORDER BY 1") == [
        ("1", "Süßwaren & Co."),
        ("2", 'Tea "Direct"'),
    ]
    assert rows(
        db,
        "SELECT p.item_number, p.description, p.size, c.name, p.is_discontinued, v.number, r.price"
        " FROM products p LEFT JOIN categories c ON c.id = p.category_id"
        " JOIN vendor_items i ON i.product_id = p.id JOIN vendors v ON v.id = i.vendor_id"
        " JOIN product_prices r ON r.product_id = p.id ORDER BY 1",
    ) == [
        ("1", "Chai", "10 boxes x 30 bags", "Beverages", False, "2", Decimal("18.000")),
        ("2", "Crème brûlée", "", "Sweets", True, "1", Decimal("9.650")),
        ("3", "Nougat", "12 - 450 g glasses", None, False, "1", Decimal("0.500")),
    ]
    assert rows(
        db,
        "SELECT o.number, c.number, o.ordered_at::text, o.status, i.sequence, p.description,"
        " i.quantity, i.price, i.discount_percent FROM customer_orders o"
        " JOIN customers c ON c.id = o.customer_id JOIN customer_order_items i ON i.order_id = o.id"
        " JOIN products p ON p.id = i.product_id ORDER BY 1, 5",
    ) == [
        ("100", "ALFKI", "1996-07-04 00:00:00+00", "closed", 1, "Chai", 5, Decimal("14.4"), 15),
        ("100", "ALFKI", "1996-07-04 00:00:00+00", "closed", 2, "Nougat", 12, Decimal("0.45"), 0),
        ("101", "BONAP", "1998-05-06 00:00:00+00", "open", 1, "Crème brûlée", 1,
         Decimal("9.65"), 5),
    ]  # fmt: skip


def test_a_second_look_at_northwind_takes_what_changed_there(
    northwind: str, example: Example, engines: dict[str, Engine]
) -> None:
    handler, asked = example("northwind"), Asked(where=northwind)
    run(handler, asked, engines)
    assert run(handler, asked, engines).changes == 0
    there = psycopg2.connect(northwind.replace("poser@", "poser_owner@"))
    with there, there.cursor() as cursor:
        cursor.execute("UPDATE products SET unit_price = 20 WHERE product_id = 1")
        cursor.execute("UPDATE orders SET shipped_date = '1998-05-09' WHERE order_id = 101")
        cursor.execute("INSERT INTO customers VALUES ('CHOPS', 'Chop-suey', 'Bern')")
    there.close()
    with engines["poser"].begin() as ours:  # a price that ended is none of its business
        ours.exec_driver_sql(
            "INSERT INTO product_prices (product_id, kind, price, valid) SELECT id, 'regular', 1,"
            " '[1990-01-01, 1991-01-01)' FROM products WHERE item_number = '1'"
        )
    changed = {name: of for name, of in counts(run(handler, asked, engines)).items() if any(of)}
    assert changed == {
        "ProductPrice": (0, 1, 0, 0),
        "Customer": (1, 0, 0, 0),
        "CustomerOrder": (0, 1, 0, 0),
    }


def test_what_northwind_has_no_more_goes_children_first(
    northwind: str, example: Example, engines: dict[str, Engine]
) -> None:
    handler = example("northwind")
    run(handler, Asked(where=northwind), engines)
    there = psycopg2.connect(northwind.replace("poser@", "poser_owner@"))
    with there, there.cursor() as cursor:
        cursor.execute("DELETE FROM order_details WHERE order_id = 101")
        cursor.execute("DELETE FROM orders WHERE order_id = 101")
        cursor.execute("DELETE FROM customers WHERE customer_id = 'BONAP'")
    there.close()
    asked = Asked(where=northwind, deletes=True, max_delete_share=Decimal(100))
    changed = {name: of for name, of in counts(run(handler, asked, engines)).items() if any(of)}
    assert changed == {
        "Customer": (0, 0, 1, 0),
        "CustomerOrder": (0, 0, 1, 0),
        "CustomerOrderItem": (0, 0, 1, 0),
    }
    assert rows(engines["poser"], "SELECT number FROM customers") == [("ALFKI",)]


def test_chinook_comes_in_whole(
    chinook: Path, example: Example, engines: dict[str, Engine]
) -> None:
    before = chinook.read_bytes()
    handler, asked = example("chinook"), Asked(where=str(chinook))
    assert counts(run(handler, asked, engines)) == {
        "Brand": (2, 0, 0, 0),
        "Category": (2, 0, 0, 0),
        "Product": (3, 0, 0, 0),
        "Customer": (2, 0, 0, 0),
        "EmailAddress": (2, 0, 0, 0),
        "CustomerOrder": (2, 0, 0, 0),
        "CustomerOrderItem": (3, 0, 0, 0),
    }
    db = engines["poser"]
    assert rows(
        db,
        "SELECT p.item_number, p.description, p.size, p.brand_name, b.name, c.name FROM products p"
        " LEFT JOIN brands b ON b.id = p.brand_id LEFT JOIN categories c ON c.id = p.category_id"
        " ORDER BY 1",
    ) == [
        ("1", "Let There", "5:43 min", "AC/DC", "AC/DC", "Rock"),
        ("2", "Desafinado", "3:05 min", "Antônio Carlos Jobim", "Antônio Carlos Jobim", "Latin"),
        ("3", "Nobody's", "0:59 min", "", None, None),
    ]
    assert rows(
        db,
        "SELECT c.number, c.name, e.address, o.number, o.total, o.ordered_at::text, i.sequence,"
        " i.description, i.price FROM customers c JOIN email_addresses e ON e.customer_id = c.id"
        " JOIN customer_orders o ON o.customer_id = c.id"
        " JOIN customer_order_items i ON i.order_id = o.id ORDER BY o.number, i.sequence",
    ) == [
        ("2", "Leonie Köhler", "leonie@example.com", "1", Decimal("1.98"),
         "2021-01-01 00:00:00+00", 1, "Desafinado", Decimal("0.99")),
        ("2", "Leonie Köhler", "leonie@example.com", "1", Decimal("1.98"),
         "2021-01-01 00:00:00+00", 2, "Let There", Decimal("0.99")),
        ("1", "Embraer S.A.", "luis@example.com", "2", Decimal("1.99"),
         "2021-01-02 00:00:00+00", 1, "Nobody's", Decimal("1.99")),
    ]  # fmt: skip
    assert run(handler, asked, engines).changes == 0
    assert chinook.read_bytes() == before


def test_a_renamed_artist_is_a_new_brand_with_its_tracks(
    chinook: Path, example: Example, engines: dict[str, Engine]
) -> None:
    handler, asked = example("chinook"), Asked(where=str(chinook))
    run(handler, asked, engines)
    with sqlite3.connect(chinook) as there:
        there.execute("UPDATE Artist SET Name = 'AC-DC' WHERE ArtistId = 1")
    there.close()
    changed = {name: of for name, of in counts(run(handler, asked, engines)).items() if any(of)}
    assert changed == {"Brand": (1, 0, 0, 0), "Product": (0, 1, 0, 0)}
