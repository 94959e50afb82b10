# SPDX-License-Identifier: Apache-2.0
"""Stock is a ledger: nothing in it changes, and levels are always its sum."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product as pairs
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from poser.db import transaction
from poser.db.refused import Refused
from poser.model import MovementKind, Product, StockLevel, StockMovement, Store
from poser.model.ledger import Movement, add_movements, differences
from tests.support.postgresql import Server

pytestmark = pytest.mark.postgresql
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Shop:
    """Two products in two stores."""

    def __init__(self, session: Session) -> None:
        self.products = [Product(description=name) for name in ("Milk", "Bread")]
        self.stores = [Store(number=number, name=number) for number in ("8", "9")]
        session.add_all([*self.products, *self.stores])
        session.flush()

    def places(self) -> list[tuple[UUID, UUID]]:
        """List each product in each store."""
        return [(p.id, s.id) for p, s in pairs(self.products, self.stores)]


@pytest.fixture
def shop(poser_db: Engine) -> Shop:
    with transaction(poser_db) as session:
        return Shop(session)


def moved(place: tuple[UUID, UUID], quantity: Decimal | int, **more: object) -> StockMovement:
    values: dict[str, object] = {"at": NOW, "kind": "adjusted", **more}
    return StockMovement(product_id=place[0], store_id=place[1], quantity=quantity, **values)


def sold(place: tuple[UUID, UUID]) -> Movement:
    kind = MovementKind.SOLD
    return Movement(product_id=place[0], store_id=place[1], at=NOW, kind=kind, quantity=Decimal(-1))


def levels(session: Session) -> dict[tuple[UUID, UUID], Decimal]:
    rows = session.execute(select(StockLevel.product_id, StockLevel.store_id, StockLevel.on_hand))
    return {(product, store): on_hand for product, store, on_hand in rows}


QUANTITIES = st.decimals(min_value=-9999, max_value=9999, places=4).filter(bool)
MOVES = st.lists(st.lists(st.tuples(st.integers(0, 3), QUANTITIES), max_size=8), max_size=6)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(statements=MOVES, undone=st.booleans())
def test_whatever_moves_the_levels_are_the_sums(
    poser_db: Engine, shop: Shop, statements: list[list[tuple[int, Decimal]]], *, undone: bool
) -> None:
    with Session(poser_db) as session:
        before = levels(session)
        expected = dict(before)
        for statement in statements:
            session.add_all([moved(shop.places()[place], amount) for place, amount in statement])
            session.flush()
            for place, amount in statement:
                at = shop.places()[place]
                expected[at] = expected.get(at, Decimal(0)) + amount
        assert levels(session) == expected
        assert differences(session) == []
        if undone:
            session.rollback()
            assert levels(session) == before
        else:
            session.commit()


def test_many_movements_of_one_statement_are_added_once(poser_db: Engine, shop: Shop) -> None:
    place = shop.places()[0]
    with transaction(poser_db) as session:
        session.execute(
            text(
                "INSERT INTO stock_movements (product_id, store_id, at, kind, quantity)"
                " SELECT :product, :store, now(), 'received', n FROM generate_series(1, 1000) n"
            ),
            {"product": place[0], "store": place[1]},
        )
    with transaction(poser_db, read_only=True) as session:
        assert levels(session) == {place: Decimal(500_500)}
        assert differences(session) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE stock_movements SET quantity = 1",
        "DELETE FROM stock_movements",
        "UPDATE stock_movements SET note = 'x'",
    ],
)
def test_a_movement_is_never_changed(poser_db: Engine, shop: Shop, statement: str) -> None:
    with transaction(poser_db) as session:
        session.add(moved(shop.places()[0], 3))
    with pytest.raises(Refused, match="never changed or deleted") as caught:
        run(poser_db, statement)
    assert caught.value.hint == "add a movement that reverses the wrong one"
    with transaction(poser_db, read_only=True) as session:
        assert levels(session) == {shop.places()[0]: Decimal(3)}


def test_not_even_the_owner_empties_the_ledger(
    poser_db: Engine, shop: Shop, postgresql: Server
) -> None:
    with transaction(poser_db) as session:
        session.add(moved(shop.places()[0], 3))
    owner = postgresql.connect(poser_db.url.database or "", user="poser_owner")
    with owner.cursor() as cursor, pytest.raises(Exception, match="never changed or deleted"):
        cursor.execute("TRUNCATE stock_movements CASCADE")
    owner.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE stock_levels SET on_hand = 1",
        "DELETE FROM stock_levels",
        (
            "INSERT INTO stock_levels (product_id, store_id, on_hand, moved_at)"
            " SELECT p.id, s.id, 1, now() FROM products p, stores s"
        ),
    ],
)
def test_the_application_cannot_write_a_level(poser_db: Engine, shop: Shop, statement: str) -> None:
    assert shop.places()
    with pytest.raises(ProgrammingError, match="permission denied"):
        run(poser_db, statement)


def run(engine: Engine, statement: str) -> None:
    with transaction(engine) as session:
        session.execute(text(statement))


def test_a_level_that_is_wrong_all_the_same_is_found(
    poser_db: Engine, shop: Shop, postgresql: Server
) -> None:
    first, second = shop.places()[:2]
    with transaction(poser_db) as session:
        session.add_all([moved(first, 3), moved(second, 4)])
    owner = postgresql.connect(poser_db.url.database or "", user="postgres")
    with owner, owner.cursor() as cursor:
        cursor.execute("UPDATE stock_levels SET on_hand = 9 WHERE on_hand = 3")
        cursor.execute("DELETE FROM stock_levels WHERE on_hand = 4")
    owner.close()
    with transaction(poser_db, read_only=True) as session:
        found = {(d.product_id, d.store_id): (d.level, d.total) for d in differences(session)}
    assert found == {first: (Decimal(9), Decimal(3)), second: (None, Decimal(4))}


def test_a_mistake_is_put_right_by_one_movement_and_only_once(poser_db: Engine, shop: Shop) -> None:
    place = shop.places()[0]
    wrong = moved(place, 30, kind="received")
    with transaction(poser_db) as session:
        session.add(wrong)
        session.flush()
        session.add(moved(place, -30, kind="received", reverses_id=wrong.id))
    with transaction(poser_db, read_only=True) as session:
        assert levels(session) == {place: Decimal(0)}
    with pytest.raises(Refused, match="one already with reverses"), transaction(poser_db) as again:
        again.add(moved(place, -30, kind="received", reverses_id=wrong.id))


def test_the_same_sale_of_another_system_is_taken_once(poser_db: Engine, shop: Shop) -> None:
    key = {"kind": "sold", "system": "trainwreck", "system_key": "9/34/2026-11-20/1/3"}
    with transaction(poser_db) as session:
        session.add(moved(shop.places()[0], -2, **key))
    with pytest.raises(Refused, match="system trainwreck and system key 9/34"):
        with_another(poser_db, moved(shop.places()[0], -2, **key))
    with transaction(poser_db, read_only=True) as session:
        assert levels(session)[shop.places()[0]] == Decimal(-2)


def with_another(engine: Engine, row: StockMovement) -> None:
    with transaction(engine) as session:
        session.add(row)


def test_many_tills_at_once_lose_nothing_and_do_not_block_each_other(
    poser_db: Engine, shop: Shop
) -> None:
    tills, rounds = 5, 30
    failed: list[Exception] = []

    def sell(till: int) -> None:
        places = shop.places()[:: 1 if till % 2 else -1]  # half of them the other way round
        try:
            for _ in range(rounds):
                with transaction(poser_db) as session:
                    assert add_movements(session, [sold(place) for place in places]) == 4
        except Exception as error:  # noqa: BLE001 - told by the main thread
            failed.append(error)

    in_threads(tills, sell)
    assert failed == []
    with transaction(poser_db, read_only=True) as session:
        assert levels(session) == dict.fromkeys(shop.places(), Decimal(-tills * rounds))
        assert differences(session) == []


def in_threads(count: int, work: Callable[[int], None]) -> None:
    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
