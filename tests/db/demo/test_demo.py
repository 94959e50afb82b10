# SPDX-License-Identifier: Apache-2.0
"""A demo shop in real databases: whole, the same each time, and consistent in itself."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from poser.db import transaction
from tests.support.demo import make_room

pytestmark = pytest.mark.postgresql

Poser = Callable[..., int]
SMALL = (
    "--products", "300", "--customers", "40", "--months", "1", "--transactions-per-day", "6",
    "--until", "2026-11-15",
)  # fmt: skip
LINES = "SELECT string_agg(l::text, chr(10) ORDER BY transaction_id, sequence) FROM pos_lines l"


def ask(engine: Engine, statement: str) -> object:
    with transaction(engine, read_only=True) as session:
        return session.execute(text(statement)).scalar()


def test_a_shop_is_loaded_with_everything_in_it(
    poser: Poser, engines: dict[str, Engine], capsys: pytest.CaptureFixture[str]
) -> None:
    assert poser("demo", "load", *SMALL, "--json") == 0
    done = json.loads(capsys.readouterr().out)
    shop, tills = engines["poser"], engines["trainwreck"]
    for table, count in (("products", 300), ("customers", 40), ("stores", 2), ("employees", 16)):
        assert ask(shop, f"SELECT count(*) FROM {table}") == count, table  # noqa: S608
    assert ask(tills, "SELECT count(*) FROM pos_transactions") == done["transactions"] > 100
    for table in ("product_prices", "vendor_costs", "postal_addresses", "members", "categories"):
        assert ask(shop, f"SELECT count(*) FROM {table}"), table  # noqa: S608


def test_receipts_add_up(poser: Poser, engines: dict[str, Engine]) -> None:
    assert poser("demo", "load", *SMALL) == 0
    tills = engines["trainwreck"]
    wrong = """
        SELECT count(*) FROM pos_transactions t WHERE total <> subtotal + tax_total
            OR subtotal <> discount_total
                + (SELECT sum(extended) FROM pos_lines WHERE transaction_id = t.id)
            OR tax_total <> coalesce((SELECT sum(amount) FROM pos_taxes
                WHERE transaction_id = t.id), 0)
            OR tender_total <> (SELECT sum(amount) FROM pos_tenders WHERE transaction_id = t.id)
            OR total <> tender_total
    """
    assert ask(tills, wrong) == 0
    counted = "SELECT sum(total) FROM pos_transactions WHERE counts_for <> ''"
    assert ask(tills, counted) == ask(tills, "SELECT sum(total) FROM sales_by_day")


def test_what_tills_sold_left_the_stock(poser: Poser, engines: dict[str, Engine]) -> None:
    assert poser("demo", "load", *SMALL) == 0
    sold = ask(engines["trainwreck"], "SELECT sum(quantity) FROM pos_lines WHERE counts_for <> ''")
    assert sold
    left = "SELECT -sum(quantity) FROM stock_movements WHERE kind = 'sold'"
    assert ask(engines["poser"], left) == sold
    assert ask(engines["poser"], "SELECT min(on_hand) > 0 FROM stock_levels")
    assert ask(engines["poser"], "SELECT count(*) FROM stock_levels") == 600


def test_every_line_names_a_product_of_the_shop(poser: Poser, engines: dict[str, Engine]) -> None:
    assert poser("demo", "load", *SMALL) == 0
    with transaction(engines["trainwreck"], read_only=True) as session:
        lines = set(session.execute(text("SELECT DISTINCT gtin, is_weighed FROM pos_lines")))
    with transaction(engines["poser"], read_only=True) as session:
        known = set(session.execute(text("SELECT gtin, is_weighed FROM products")))
        plus = {plu for (plu,) in session.execute(text("SELECT plu FROM products"))}
    assert all(line in known or line[0] // 10 in plus for line in map(tuple, lines))


def test_the_history_says_that_it_is_a_demo(poser: Poser, engines: dict[str, Engine]) -> None:
    assert poser("demo", "load", *SMALL, "--seed", "5") == 0
    with transaction(engines["poser"], read_only=True) as session:
        kept = session.execute(
            text(
                "SELECT source, via, count(*) FROM history_transactions t"
                " JOIN versions v ON v.transaction_id = t.id"
                " JOIN recorded_tables r ON r.id = v.table_id AND r.name = 'products'"
                " GROUP BY 1, 2"
            )
        ).all()
    assert kept == [("demo", "poser demo load --seed 5", 300)]


def test_the_same_seed_makes_the_same_shop(
    poser: Poser,
    engines: dict[str, Engine],
    new_database: Callable[[str], Engine],
    config: Path,
) -> None:
    assert poser("demo", "load", *SMALL) == 0
    others = {name: new_database(name) for name in ("poser", "trainwreck")}
    written = config.read_text()
    for name, engine in others.items():
        old, new = str(engines[name].url.database), str(engine.url.database)
        written = written.replace(f"/{old}?", f"/{new}?")
    config.write_text(written)
    make_room(others["trainwreck"])
    assert poser("demo", "load", *SMALL) == 0
    assert ask(engines["trainwreck"], LINES) == ask(others["trainwreck"], LINES)
    one = "(id, product_id, price, valid)::text"
    prices = f"SELECT string_agg({one}, ',' ORDER BY id) FROM product_prices"  # noqa: S608
    assert ask(engines["poser"], prices) == ask(others["poser"], prices)


def test_a_node_with_data_is_refused_and_add_loads_beside_it(
    poser: Poser, engines: dict[str, Engine], capsys: pytest.CaptureFixture[str]
) -> None:
    assert poser("demo", "load", *SMALL) == 0
    assert poser("demo", "load", *SMALL, "--seed", "2") == 1
    assert "--add" in capsys.readouterr().err
    assert ask(engines["poser"], "SELECT count(*) FROM products") == 300
    assert poser("demo", "load", *SMALL, "--seed", "2", "--add") == 0
    assert ask(engines["poser"], "SELECT count(*) FROM products") == 600


def test_the_same_shop_twice_is_refused_and_changes_nothing(
    poser: Poser, engines: dict[str, Engine], capsys: pytest.CaptureFixture[str]
) -> None:
    assert poser("demo", "load", *SMALL, "--add") == 0
    before = ask(engines["trainwreck"], "SELECT count(*) FROM pos_lines")
    assert poser("demo", "load", *SMALL, "--add") == 1
    assert "give another --seed; nothing was changed" in capsys.readouterr().err
    assert ask(engines["poser"], "SELECT count(*) FROM products") == 300
    assert ask(engines["trainwreck"], "SELECT count(*) FROM pos_lines") == before


def test_months_without_room_are_refused_with_the_command_that_makes_it(
    poser: Poser, engines: dict[str, Engine], capsys: pytest.CaptureFixture[str]
) -> None:
    assert poser("demo", "load", *SMALL[:-2], "--until", "2026-09-05") == 1
    assert "sudo poser db upkeep trainwreck --since 2026-08" in capsys.readouterr().err
    assert ask(engines["poser"], "SELECT count(*) FROM products") == 0


def test_a_machine_of_an_inventory_is_refused_unless_told_so(
    poser: Poser, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(config.read_text() + "[poser]\nrole = store\n")
    assert poser("demo", "load", "--products", "10", "--months", "0") == 1
    assert "--yes" in capsys.readouterr().err
    assert poser("demo", "load", "--products", "10", "--months", "0", "--yes") == 0


def test_numbers_that_make_no_shop_are_refused(
    poser: Poser, capsys: pytest.CaptureFixture[str]
) -> None:
    assert poser("demo", "load", "--products", "0") == 1
    assert "products: 0 is not between 1 and 1000000" in capsys.readouterr().err
