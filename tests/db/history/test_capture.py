# SPDX-License-Identifier: Apache-2.0
"""Captured changes are taken whole and in order, however many write at the same time."""

import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from uuid import UUID  # noqa: TC003 - as everywhere

import psycopg2
import psycopg2.extensions
import pytest
from sqlalchemy import Engine, text

from poser.db import transaction
from poser.db.authors import Author
from poser.history.capture import Captured, take
from poser.model import Brand
from tests.support.postgresql import Server

pytestmark = pytest.mark.postgresql

WRITERS, ROUNDS, ROWS = 12, 40, 30
LONG_S = 1.0


def taken(engine: Engine, limit: int = 10_000) -> list[Captured]:
    with transaction(engine) as session:
        return take(session, limit=limit)


def test_a_change_is_captured_with_its_key_its_operation_and_its_origin(poser_db: Engine) -> None:
    taken(poser_db)  # what revisions wrote
    with transaction(poser_db) as session:
        brand = Brand(name="Acme")
        session.add(brand)
    with transaction(poser_db, author=Author(source="sync", origin="north")) as session:
        session.execute(text("UPDATE brands SET name = name"))
    with transaction(poser_db) as session:
        session.execute(text("DELETE FROM brands"))
    found = taken(poser_db)
    assert [(c.table, c.key, c.operation, c.origin) for c in found] == [
        ("brands", brand.id, "insert", ""),
        ("brands", brand.id, "update", "north"),
        ("brands", brand.id, "delete", ""),
    ]
    assert taken(poser_db) == []


def test_what_a_reader_took_and_did_not_commit_is_there_for_the_next(poser_db: Engine) -> None:
    taken(poser_db)
    with transaction(poser_db) as session:
        session.add_all([Brand(name=f"Brand {n}") for n in range(5)])
    with transaction(poser_db) as session:
        assert len(take(session)) == 5
        session.rollback()
    assert [len(taken(poser_db, limit=2)) for _ in range(4)] == [2, 2, 1, 0]


def test_what_is_rolled_back_is_not_captured(poser_db: Engine) -> None:
    taken(poser_db)
    with transaction(poser_db) as session:
        session.execute(text("SAVEPOINT one"))
        session.execute(text("INSERT INTO brands (name) VALUES ('Acme')"))
        session.execute(text("ROLLBACK TO SAVEPOINT one"))
    assert taken(poser_db) == []


class Writer(threading.Thread):
    """Changes rows of all writers at random, and notes what it committed, in its order."""

    def __init__(
        self, number: int, connect: Callable[[], psycopg2.extensions.connection], keys: list[str]
    ) -> None:
        super().__init__()
        self.connect, self.keys = connect, keys
        self.random = random.Random(number)  # noqa: S311 - chance, not secrecy
        self.is_long = number % 6 == 0
        self.committed = 0

    def run(self) -> None:
        connection = self.connect()
        for round_ in range(ROUNDS):
            with connection.cursor() as cursor:
                # Keys ascend, so that writers wait for each other and never for ever.
                for key in sorted(self.random.sample(self.keys, 2)):
                    cursor.execute(
                        "UPDATE brands SET name = split_part(name, ' ', 1) || ' '"
                        " || split_part(name, ' ', 2)::int + 1 WHERE id = %s",
                        (key,),
                    )
                    time.sleep(self.random.random() * 0.004)
                if self.is_long and round_ == ROUNDS // 4:
                    time.sleep(LONG_S)
            if self.random.random() < 0.15:
                connection.rollback()
            else:
                connection.commit()
                self.committed += 2
        connection.close()


@pytest.fixture
def writers(postgresql: Server, poser_db: Engine) -> list[Writer]:
    """Give writers on the same few rows, not yet started, with nothing captured so far."""
    with transaction(poser_db) as session:
        session.add_all([Brand(name=f"B{n} 0") for n in range(ROWS)])
    with transaction(poser_db) as session:
        keys = [str(key) for key in session.execute(text("SELECT id FROM brands")).scalars()]
        take(session)
    name = poser_db.url.database or ""
    return [Writer(n, lambda: postgresql.connect(name), keys) for n in range(WRITERS)]


def test_twelve_writers_lose_nothing_and_nothing_of_one_record_changes_order(
    poser_db: Engine, writers: list[Writer]
) -> None:
    for writer in writers:
        writer.start()
    found: list[Captured] = []
    seen: dict[UUID, list[int]] = defaultdict(list)
    while any(writer.is_alive() for writer in writers) or found == [] or _left(poser_db):
        with transaction(poser_db) as session:
            new = take(session, limit=7)
            # What a consumer would send on: the row as it is when its change is taken.
            rows: dict[UUID, str] = dict(session.execute(text("SELECT id, name FROM brands")).all())
        for change in new:
            seen[change.key].append(int(rows[change.key].split()[1]))
        found += new
        time.sleep(0.005)
    for writer in writers:
        writer.join()
    assert len(found) == sum(writer.committed for writer in writers)
    with transaction(poser_db, read_only=True) as session:
        counts: dict[UUID, str] = dict(session.execute(text("SELECT id, name FROM brands")).all())
    by_key: dict[UUID, list[int]] = defaultdict(list)
    for change in found:
        by_key[change.key].append(change.number)
    for key, name in counts.items():
        # Each committed update counts one up: as many were captured, and in order.
        assert len(by_key[key]) == int(name.split()[1])
        assert by_key[key] == sorted(by_key[key])
        assert seen[key] == sorted(seen[key])
        assert not seen[key] or seen[key][-1] == int(name.split()[1])


def test_a_plain_cursor_over_the_same_changes_loses_some(
    poser_db: Engine, writers: list[Writer]
) -> None:
    for writer in writers:
        writer.start()
    last, found = 0, 0
    while any(writer.is_alive() for writer in writers):
        last, found = _read_after(poser_db, last, found)
    last, found = _read_after(poser_db, last, found)
    for writer in writers:
        writer.join()
    assert 0 < found < sum(writer.committed for writer in writers)


def _read_after(engine: Engine, last: int, found: int) -> tuple[int, int]:
    with transaction(engine, read_only=True) as session:
        newer = session.execute(text("SELECT id FROM capture WHERE id > :last"), {"last": last})
        numbers = list(newer.scalars())
    return max([last, *numbers]), found + len(numbers)


def _left(engine: Engine) -> bool:
    with transaction(engine, read_only=True) as session:
        return bool(session.execute(text("SELECT EXISTS (SELECT FROM capture)")).scalar_one())
