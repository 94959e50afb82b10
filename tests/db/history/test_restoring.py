# SPDX-License-Identifier: Apache-2.0
"""Undoing whole transactions; recording switched off and on, checked and caught up; purging."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.dialects.postgresql import Range

from poser.db import transaction
from poser.db.authors import Author
from poser.db.partitions import make
from poser.errors import PoserError
from poser.history import as_of, deleted, restore_field, restore_record, restore_transaction
from poser.history.catching_up import catch_up, check
from poser.history.purging import first_day_kept, purge
from poser.history.reading import changes_of, newest_transactions
from poser.history.switching import recordings, switch
from poser.ids import uuid7
from poser.model import Brand, PriceKind, Product, ProductCode, ProductPrice
from poser.model.history import PARTITIONS
from tests.support.postgresql import Server

pytestmark = pytest.mark.postgresql

ANNA = Author(source="web", user_name="anna")
BEN = Author(source="web", user_name="ben")


@pytest.fixture
def owner(postgresql: Server, poser_db: Engine) -> Iterator[Engine]:
    connected = create_engine(postgresql.owner_url(poser_db.url.database or ""))
    yield connected
    connected.dispose()


def run(engine: Engine, *statements: str, author: Author | None = None) -> UUID:
    """Run statements in one transaction and return the newest one's id in the history."""
    with transaction(engine, author=author) as session:
        for statement in statements:
            session.execute(text(statement))
    with transaction(engine, read_only=True) as session:
        return newest_transactions(session, limit=1)[0].id


def content(engine: Engine, *tables: str) -> list[str]:
    with transaction(engine, read_only=True) as session:
        return [
            row
            for table in tables
            for row in session.execute(text(f"SELECT t::text FROM {table} t ORDER BY id")).scalars()  # noqa: S608
        ]


def now(engine: Engine) -> datetime:
    with transaction(engine, read_only=True) as session:
        found: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
        return found


def ask(engine: Engine, question: Callable[..., Any], *about: object) -> Any:  # noqa: ANN401
    with transaction(engine) as session:
        return question(session, *about)


@pytest.fixture
def shop(poser_db: Engine) -> UUID:
    """Make a brand with two products, one with a code and a price; give the first's id."""
    with transaction(poser_db, author=ANNA) as session:
        brand = Brand(id=uuid7(), name="Acme")
        product = Product(
            id=uuid7(), description="Kale", gtin=4006381333931, brand_id=brand.id,
            brand_name="Acme",
        )  # fmt: skip
        other = Product(id=uuid7(), description="Leek")
        session.add(brand)
        session.flush()
        session.add_all([product, other])
        session.flush()
        session.add(ProductCode(product_id=product.id, code="K-1"))
        price = ProductPrice(
            product_id=product.id, kind=PriceKind.REGULAR, price=Decimal("1.990"),
            valid=Range(datetime(2026, 1, 1, tzinfo=UTC), None),
        )  # fmt: skip
        session.add(price)
        return product.id


TABLES = ("brands", "products", "product_codes", "product_prices")


def test_a_deletion_with_its_cascades_is_undone_whole(poser_db: Engine, shop: UUID) -> None:
    before = content(poser_db, *TABLES)
    deletion = run(poser_db, "DELETE FROM products", author=BEN)
    assert len(content(poser_db, *TABLES)) == 1
    done = ask(poser_db, restore_transaction, deletion)
    assert content(poser_db, *TABLES) == before
    assert {one.table for one in done} == {"products", "product_codes", "product_prices"}
    assert shop in {one.row_id for one in done}
    assert list(ask(poser_db, lambda s: list(check(s, "products")))) == []


def test_everything_one_transaction_did_is_undone_and_nothing_else(
    poser_db: Engine, shop: UUID
) -> None:
    run(poser_db, "UPDATE products SET size = '1 lb'", author=ANNA)
    before = content(poser_db, *TABLES)
    mess = run(
        poser_db,
        "UPDATE products SET description = 'Mess ' || description",
        "UPDATE products SET description = description || '!', plu = 94011 WHERE gtin IS NOT NULL",
        "INSERT INTO products (description) VALUES ('New'), ('Newer')",
        "DELETE FROM products WHERE description = 'Newer'",
        "DELETE FROM product_codes",
        "UPDATE product_prices SET price = price * 100",
        author=BEN,
    )
    run(poser_db, "UPDATE products SET is_weighed = true WHERE gtin IS NOT NULL", author=ANNA)
    ask(poser_db, restore_transaction, mess)
    after = content(poser_db, *TABLES)
    run(poser_db, "UPDATE products SET is_weighed = false")
    assert content(poser_db, *TABLES) == before
    assert after != before
    assert ask(poser_db, as_of, "products", shop, now(poser_db)).fields["plu"] is None


def test_a_transaction_is_not_undone_over_what_others_changed_unless_forced(
    poser_db: Engine, shop: UUID
) -> None:
    first = run(poser_db, "UPDATE products SET description = 'Worse', size = 'x'", author=ANNA)
    run(poser_db, "UPDATE products SET description = 'Better' WHERE gtin IS NOT NULL", author=BEN)
    before = content(poser_db, *TABLES)
    with pytest.raises(PoserError, match="1 changed since") as caught:
        ask(poser_db, restore_transaction, first)
    assert f"products {shop}: description (by ben (web) at" in str(caught.value)
    assert content(poser_db, *TABLES) == before
    with transaction(poser_db) as session:
        restore_transaction(session, first, force=True)
    with transaction(poser_db, read_only=True) as session:
        rows = session.execute(text("SELECT description, size FROM products ORDER BY 1")).all()
    assert [tuple(row) for row in rows] == [("Kale", ""), ("Leek", "")]


def test_undoing_an_insertion_that_others_built_on_is_refused(poser_db: Engine, shop: UUID) -> None:
    made = run(poser_db, "INSERT INTO brands (name) VALUES ('Bell')", author=ANNA)
    run(poser_db, "UPDATE brands SET name = 'Bell & Co' WHERE name = 'Bell'", author=BEN)
    with pytest.raises(PoserError, match=r"name \(by ben"):
        ask(poser_db, restore_transaction, made)
    gone = run(poser_db, "DELETE FROM brands WHERE name LIKE 'Bell%'", author=BEN)
    with pytest.raises(PoserError, match=r"is gone \(by ben"):
        ask(poser_db, restore_transaction, made)
    ask(poser_db, restore_transaction, gone)
    with pytest.raises(PoserError, match="is back"):
        ask(poser_db, restore_transaction, gone)
    assert shop


def test_a_field_is_put_back_and_the_rest_stays(poser_db: Engine, shop: UUID) -> None:
    at = now(poser_db)
    run(poser_db, "UPDATE products SET description = 'Chard', size = '2 lb'")
    done = ask(poser_db, restore_field, "products", shop, "description", at)
    assert done.fields == ("description",)
    then = ask(poser_db, as_of, "products", shop, now(poser_db))
    assert (then.fields["description"], then.fields["size"]) == ("Kale", "2 lb")
    with pytest.raises(PoserError, match="field 'search' of products cannot be restored"):
        ask(poser_db, restore_field, "products", shop, "search", at)


def test_what_never_was_cannot_be_brought_back(poser_db: Engine, shop: UUID) -> None:
    with pytest.raises(PoserError, match="did not exist at 2020"):
        ask(poser_db, restore_record, "products", shop, datetime(2020, 1, 1, tzinfo=UTC))
    with pytest.raises(PoserError, match="the history knows none"):
        ask(poser_db, restore_record, "products", uuid7(), now(poser_db))
    with pytest.raises(PoserError, match="table 'prodcuts' is not recorded") as caught:
        ask(poser_db, restore_record, "prodcuts", shop, now(poser_db))
    assert "products" in caught.value.hint


def test_a_table_switched_off_is_not_kept_and_can_still_be_read(
    poser_db: Engine, owner: Engine, shop: UUID
) -> None:
    with transaction(owner, author=ANNA) as session:
        switch(session, ["products"], history=False, capture=False)
    with transaction(poser_db) as session:
        session.execute(text("DELETE FROM capture WHERE false"))
        before = session.execute(text("SELECT count(*) FROM capture")).scalar_one()
    run(poser_db, "UPDATE products SET description = 'unseen'")
    with transaction(poser_db) as session:
        assert session.execute(text("SELECT count(*) FROM capture")).scalar_one() == before
        assert [c.kind for c in changes_of(session, "products", shop)] == ["insert"]
        states = {one.table: (one.history, one.capture) for one in recordings(session)}
        assert newest_transactions(session, limit=1)[0].user_name == "anna"
    assert states["products"] == (False, False)
    assert states["brands"] == (True, True)
    with transaction(owner) as session:
        switch(session, ["products"], history=True)
    run(poser_db, "UPDATE products SET description = 'seen'")
    changes = ask(poser_db, changes_of, "products", shop)
    assert changes[-1].old == {"description": "unseen"}


def test_check_names_what_changed_unseen_and_catching_up_mends_it(
    poser_db: Engine, owner: Engine, shop: UUID
) -> None:
    run(poser_db, "INSERT INTO products (description) VALUES ('Goes'), ('Comes back')")
    run(poser_db, "DELETE FROM products WHERE description = 'Comes back'")
    (gone,) = ask(poser_db, deleted, "products")
    with transaction(owner) as session:
        switch(session, ["products"], history=False)
    before = now(poser_db)
    run(
        poser_db,
        "UPDATE products SET description = 'Chard', plu = 94011 WHERE gtin IS NOT NULL",
        "DELETE FROM products WHERE description = 'Goes'",
        "INSERT INTO products (description) VALUES ('Comes')",
        f"INSERT INTO products (id, description) VALUES ('{gone.row_id}', 'Comes back')",  # noqa: S608
    )
    with transaction(owner) as session:
        switch(session, ["products"], history=True)
    found = ask(poser_db, lambda s: list(check(s, "products")))
    assert sorted(one.what for one in found) == ["back", "differs", "gone", "unknown"]
    (changed,) = [one for one in found if one.what == "differs"]
    assert changed.row_id == shop
    assert changed.fields == {"description": ("Kale", "Chard"), "plu": (None, "94011")}
    seen = []
    assert catch_up(owner, "products", lambda *step: seen.append(step)) == 4
    assert seen[-1][1] == seen[-1][2]
    assert ask(poser_db, lambda s: list(check(s, "products"))) == []
    assert catch_up(owner, "products") == 0
    then = ask(poser_db, as_of, "products", shop, before)
    assert then.fields["description"] == "Kale"
    assert then.unsure == {"description", "plu"}
    with pytest.raises(PoserError, match="does not know for sure what description, plu was"):
        ask(poser_db, restore_record, "products", shop, before)
    assert ask(poser_db, as_of, "products", shop, now(poser_db)).unsure == frozenset()


def test_what_was_written_before_its_table_was_recorded_gets_a_baseline(
    poser_db: Engine, owner: Engine
) -> None:
    (found,) = ask(poser_db, lambda s: list(check(s, "user_roles")))
    assert (found.what, found.table) == ("unknown", "user_roles")
    assert catch_up(owner, "user_roles") == 1
    (baseline,) = ask(poser_db, changes_of, "user_roles", found.row_id)
    assert baseline.kind == "baseline"
    assert baseline.new["name"] == "Administrators"


def test_old_months_are_purged_and_later_moments_stay_known(
    poser_db: Engine, owner: Engine, shop: UUID
) -> None:
    old = PARTITIONS.period(date(2019, 4, 5))
    with owner.begin() as connection:
        make(connection, PARTITIONS, old)
        # As if all so far had happened then.
        connection.execute(text("UPDATE versions SET at = '2019-04-06'"))
        connection.execute(text("UPDATE history_transactions SET at = '2019-04-06'"))
    between = now(poser_db)
    run(poser_db, "UPDATE products SET description = 'Chard'")
    assert first_day_kept(date(2026, 11, 22), 84) == date(2019, 11, 1)
    with owner.begin() as connection:
        done = purge(connection, first_day_kept(date(2026, 11, 22), 84))
    assert done.months == ("2019-04",)
    assert done.transactions > 0
    assert [c.kind for c in ask(poser_db, changes_of, "products", shop)] == ["update"]
    then = ask(poser_db, as_of, "products", shop, between)
    assert (then.fields["description"], then.unsure) == ("Kale", frozenset())
    assert ask(poser_db, lambda s: list(check(s, "products"))) == []
