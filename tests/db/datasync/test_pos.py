# SPDX-License-Identifier: Apache-2.0
"""What a store's tills rang is in the host's database, once, with its sums."""

import gzip
from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import Engine, text

from poser.datasync import pos
from poser.datasync.wire import Garbled
from poser.db import transaction
from tests.support.sales import add_part, add_pos_transaction

pytestmark = pytest.mark.postgresql

PARTS = ("pos_lines", "pos_discounts", "pos_taxes", "pos_tenders")
TABLES = ("pos_transactions", *PARTS)


@pytest.fixture
def nodes(new_database: Callable[[str], Engine]) -> tuple[Engine, Engine]:
    """Make the databases of a store, and of the host."""
    return new_database("trainwreck"), new_database("trainwreck")


def ring(store: Engine, count: int, first: int = 1, **values: object) -> None:
    with transaction(store) as session:
        for number in range(first, first + count):
            made = add_pos_transaction(session.connection(), number, total="2.20", **values)
            for table in PARTS:
                add_part(session.connection(), table, made, 1)


def bring(
    store: Engine, host: Engine, *, is_told: bool = True, stores: tuple[str, ...] = ("9",)
) -> int:
    """Send what there is; `is_told` is whether the answer comes back."""
    total = 0
    while True:
        with transaction(store) as session:
            parcel = pos.pack(session, rows=7, peer=pos.REFUSED)
        if parcel is None:
            return total
        with transaction(host) as session:
            done = pos.unpack(session, parcel.data, stores)
        total += done.told
        if not is_told:
            return total
        with transaction(store) as session:
            pos.refuse(session, parcel.notes, done.refused)
            pos.forget(session, parcel.notes)


def contents(engine: Engine) -> list[object]:
    with transaction(engine, read_only=True) as session:
        return [
            [tuple(row) for row in session.execute(text(f"SELECT * FROM {table} ORDER BY 1, 2, 3"))]  # noqa: S608
            for table in TABLES
        ]


def total(engine: Engine) -> object:
    with transaction(engine, read_only=True) as session:
        return session.execute(text("SELECT sum(total) FROM sales_hours")).scalar()


def test_sales_arrive_whole_and_once_however_often_they_are_sent(
    nodes: tuple[Engine, Engine],
) -> None:
    store, host = nodes
    ring(store, 20)
    bring(store, host, is_told=False)
    assert bring(store, host) == 20
    assert contents(host) == contents(store)
    assert total(host) == total(store) == 20 * Decimal("2.20")
    assert bring(store, host) == 0
    ring(store, 3, first=21)
    assert bring(store, host) == 3
    assert contents(host) == contents(store)


def test_what_is_corrected_is_sent_again_and_what_is_deleted_stays(
    nodes: tuple[Engine, Engine],
) -> None:
    store, host = nodes
    ring(store, 2)
    bring(store, host)
    with transaction(store) as session:
        session.execute(
            text("UPDATE pos_transactions SET cashier_name = 'Robin' WHERE system_id = '1'")
        )
    assert bring(store, host) == 1
    assert contents(host) == contents(store)
    with transaction(store) as session:
        for table in (*PARTS, "pos_transactions"):
            session.execute(text(f"DELETE FROM {table}"))  # noqa: S608
    assert bring(store, host) == 0
    assert total(host) == 2 * Decimal("2.20")


def test_sales_of_another_store_are_refused_and_all_others_go_on(
    nodes: tuple[Engine, Engine],
) -> None:
    store, host = nodes
    ring(store, 2)
    ring(store, 1, first=3, store_number="8")
    ring(store, 2, first=4)
    assert bring(store, host) == 4
    assert bring(store, host) == 0, "what was refused is not told again and again"
    assert numbers(host, "store_number") == ["9"] * 4
    with transaction(store) as session:
        assert session.execute(text("SELECT count(*) FROM pos_outbox")).scalar() == 1
        pos.try_refused(session)
    assert bring(store, host, stores=("8", "9")) == 1, "the node has that store, too, by now"
    assert contents(host) == contents(store)
    # What is another store's here is not taken by telling it as one's own.
    with transaction(store) as session:
        session.execute(
            text("UPDATE pos_transactions SET store_number = '7' WHERE system_id = '3'")
        )
    assert bring(store, host, stores=("7",)) == 0
    assert numbers(host, "store_number") == ["9", "9", "8", "9", "9"]


def told(host: Engine, cloud: Engine, name: str, clouds: tuple[str, ...]) -> int:
    """Tell a cloud node all that it is to be told; returns of how many POS transactions."""
    total, notes = 0, ()
    while True:
        with transaction(host) as session:
            pos.forget(session, notes, by=name, all_of=clouds)
            parcel = pos.pack(session, rows=3, peer=name, of_customers=True)
        if parcel is None:
            return total
        with transaction(cloud) as session:
            done = pos.unpack(session, parcel.data, None)
            pos.forget_all(session)
        total, notes = total + done.told, done.notes


def numbers(engine: Engine, column: str = "customer_number") -> list[object]:
    with transaction(engine, read_only=True) as session:
        asked = text(f"SELECT {column} FROM pos_transactions ORDER BY system_id")  # noqa: S608
        return list(session.execute(asked).scalars())


def test_clouds_get_what_customers_bought_and_each_is_told(
    nodes: tuple[Engine, Engine], new_database: Callable[[str], Engine]
) -> None:
    host, cloud = nodes
    other = new_database("trainwreck")
    both = ("cloud-1", "cloud-2")
    ring(host, 4)
    ring(host, 4, first=5, customer_number="7")
    assert told(host, cloud, "cloud-1", both) == 8
    assert numbers(cloud) == ["7"] * 4
    with transaction(cloud, read_only=True) as session:
        assert session.execute(text("SELECT count(*) FROM pos_lines")).scalar() == 4
        assert session.execute(text("SELECT count(*) FROM pos_outbox")).scalar() == 0
    assert told(host, cloud, "cloud-1", both) == 0
    assert told(host, other, "cloud-2", both) == 8
    assert numbers(other) == ["7"] * 4
    with transaction(host, read_only=True) as session:
        assert session.execute(text("SELECT count(*) FROM pos_outbox")).scalar() == 0
    # The till had taken the wrong number: it is nobody's purchase, then another's.
    with transaction(host) as session:
        session.execute(
            text("UPDATE pos_transactions SET customer_number = '' WHERE system_id = '5'")
        )
        session.execute(
            text("UPDATE pos_transactions SET customer_number = '8' WHERE system_id = '6'")
        )
    assert told(host, cloud, "cloud-1", both) == 2
    assert numbers(cloud) == ["8", "7", "7"]


def test_a_cloud_that_has_nothing_is_told_of_all_customers(nodes: tuple[Engine, Engine]) -> None:
    host, cloud = nodes
    ring(host, 3)
    ring(host, 2, first=4, customer_number="7")
    with transaction(host) as session:
        pos.forget_all(session)
        assert pos.note_all(session, ["cloud-9"]) == 2
    assert told(host, cloud, "cloud-1", ("cloud-1", "cloud-9")) == 2
    assert numbers(cloud) == ["7", "7"]
    with transaction(host, read_only=True) as session:
        assert session.execute(text("SELECT count(*) FROM pos_outbox")).scalar() == 0


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"nothing",
        b"{}",
        gzip.compress(b"{}", mtime=0),
        gzip.compress(b'{"ids": ["x"], "notes": [], "tables": {}}', mtime=0),
        gzip.compress(b'{"ids": [], "notes": [], "tables": {"pos_lines": []}}', mtime=0),
    ],
)
def test_what_are_no_sales_is_refused(nodes: tuple[Engine, Engine], data: bytes) -> None:
    with transaction(nodes[1]) as session, pytest.raises(Garbled):
        pos.unpack(session, data, ("9",))
