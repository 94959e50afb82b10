# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: S311, S608 - dice need no secrecy, and all names in statements are our own
"""Sales that are added up with every change equal what is counted anew, whoever writes."""

import random
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from poser.db import engine
from poser.ids import uuid7
from poser.trainwreck import recount
from tests.support.postgresql import Server
from tests.support.sales import add_part, add_pos_transaction

pytestmark = pytest.mark.postgresql

Added = Iterator[tuple[tuple[object, ...], tuple[Any, ...]]]
Sums = dict[tuple[object, ...], tuple[Decimal, ...]]
VIEWS = {
    "sales_by_hour": "business_date, store_number, hour, transaction_count, line_count, gross,"
    " discount, net, tax, total",
    "sales_by_department": "business_date, store_number, department_number, line_count, quantity,"
    " weight, gross, discount, net",
    "sales_by_tender": "business_date, store_number, tender_type, tender_count, amount",
}


def sums(connection: Connection, view: str) -> Sums:
    """Read a view; keys of which everything is 0 are as good as none."""
    rows = connection.execute(text(f"SELECT {VIEWS[view]} FROM {view}"))
    found = {tuple(row[:3]): tuple(Decimal(one) for one in row[3:]) for row in rows}
    return {key: values for key, values in found.items() if any(values)}


@dataclass
class Book:
    """The same POS transactions in Python, counted by hand: what the database is held against."""

    headers: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    parts: dict[tuple[str, UUID, int], dict[str, Any]] = field(default_factory=dict)

    def counts(self, key: UUID) -> bool:
        h = self.headers[key]
        flags = (h["is_void"], h["is_suspended"], h["is_training"])
        return h["kind"] == "sale" and not any(flags)

    def of(self, table: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        return [
            (self.headers[of], part)
            for (name, of, _sequence), part in self.parts.items()
            if name == table and self.counts(of)
        ]

    def sums(self, view: str) -> Sums:
        added: dict[tuple[object, ...], list[Decimal]] = {}
        for key, values in getattr(self, f"_{view}")():
            so_far = added.setdefault(key, [Decimal(0)] * len(values))
            added[key] = [a + Decimal(b) for a, b in zip(so_far, values, strict=True)]
        return {key: tuple(values) for key, values in added.items() if any(values)}

    def _sales_by_hour(self) -> Added:
        for key, h in self.headers.items():
            if self.counts(key):
                hour = h["ended_at"].replace(minute=0)
                gross = h["subtotal"] - h["discount_total"]
                yield (h["business_date"], h["store_number"], hour), (
                    1, h["line_count"], gross, h["discount_total"], h["subtotal"],
                    h["tax_total"], h["total"],
                )  # fmt: skip

    def _sales_by_department(self) -> Added:
        for h, part in self.of("pos_lines"):
            if part["is_void"] and part["extended"] > 0:
                continue
            pieces = 0 if part["is_weighed"] else part["quantity"]
            yield (h["business_date"], h["store_number"], part["department_number"]), (
                1, pieces, part["quantity"] - pieces, part["extended"] + part["discount"],
                -part["discount"], part["extended"],
            )  # fmt: skip
        for h, part in self.of("pos_discounts"):
            key = (h["business_date"], h["store_number"], part["department_number"])
            yield key, (0, 0, 0, 0, part["amount"], part["amount"])

    def _sales_by_tender(self) -> Added:
        for h, part in self.of("pos_tenders"):
            key = (h["business_date"], h["store_number"], part["tender_type"])
            yield key, (int(part["kind"] == "tender"), part["amount"])


class Writer:
    """Does random things to POS transactions, in the database and in the book alike."""

    def __init__(self, connection: Connection, seed: int) -> None:
        self.connection = connection
        self.dice = random.Random(seed)
        self.book = Book()
        self.number = 0

    def money(self) -> Decimal:
        return Decimal(self.dice.randint(-500, 3000)) / 100

    def header(self) -> dict[str, Any]:
        return {
            "kind": self.dice.choice(("sale", "sale", "sale", "control")),
            "store_number": self.dice.choice(("1", "2")),
            "ended_at": datetime(2026, 11, 20, self.dice.randint(8, 10), 30, tzinfo=UTC),
            "subtotal": self.money(),
            "discount_total": self.money(),
            "tax_total": self.money(),
            "total": self.money(),
            "line_count": self.dice.randint(0, 5),
            "is_void": self.dice.random() < 0.2,
            "is_suspended": self.dice.random() < 0.1,
            "is_training": self.dice.random() < 0.1,
        }

    def part(self, table: str) -> dict[str, Any]:
        department = self.dice.choice(("", "1", "2"))
        return {
            "pos_lines": {
                "department_number": department, "quantity": self.money(),
                "extended": self.money(), "discount": self.money(),
                "is_void": self.dice.random() < 0.2, "is_weighed": self.dice.random() < 0.3,
            },
            "pos_discounts": {"department_number": department, "amount": self.money()},
            "pos_taxes": {"amount": self.money()},
            "pos_tenders": {
                "kind": self.dice.choice(("tender", "change")),
                "tender_type": self.dice.choice(("cash", "check")), "amount": self.money(),
            },
        }[table]  # fmt: skip

    def add(self) -> None:
        self.number += 1
        # In a month that has a partition, in one that has none, and far ahead.
        day = self.dice.choice((date(2026, 11, 20), date(2019, 5, 5), date(2087, 1, 1)))
        values = {"business_date": day, **self.header()}
        key = add_pos_transaction(self.connection, self.number, **values)
        self.book.headers[key] = values
        for _ in range(self.dice.randint(0, 4)):
            self.add_part(key)

    def add_part(self, key: UUID | None = None) -> None:
        key = key or self.any_header()
        if key:
            table = self.dice.choice(("pos_lines", "pos_discounts", "pos_taxes", "pos_tenders"))
            sequence = len(self.book.parts) + 1
            while (table, key, sequence) in self.book.parts:
                sequence += 1
            values = self.part(table)
            add_part(self.connection, table, key, sequence, **values)
            self.book.parts[table, key, sequence] = values

    def change(self) -> None:
        if key := self.any_header():
            values = self.header()
            self.update("pos_transactions", values, "id = :key", {"key": key})
            self.book.headers[key] |= values

    def change_part(self) -> None:
        if self.book.parts:
            table, key, sequence = self.dice.choice(list(self.book.parts))
            values = self.part(table)
            where = "transaction_id = :key AND sequence = :sequence"
            self.update(table, values, where, {"key": key, "sequence": sequence})
            self.book.parts[table, key, sequence] |= values

    def change_many(self) -> None:
        """Touch all lines in one statement, some of them without effect."""
        self.connection.execute(
            text("UPDATE pos_lines SET extended = extended + (sequence % 2) WHERE NOT is_weighed")
        )
        for (table, _key, sequence), part in self.book.parts.items():
            if table == "pos_lines" and not part["is_weighed"]:
                part["extended"] += sequence % 2

    def delete(self) -> None:
        if key := self.any_header():
            self.connection.execute(
                text("DELETE FROM pos_transactions WHERE id = :key"), {"key": key}
            )
            del self.book.headers[key]
            self.book.parts = {k: v for k, v in self.book.parts.items() if k[1] != key}

    def delete_part(self) -> None:
        if self.book.parts:
            table, key, sequence = self.dice.choice(list(self.book.parts))
            self.connection.execute(
                text(f"DELETE FROM {table} WHERE transaction_id = :k AND sequence = :s"),
                {"k": key, "s": sequence},
            )
            del self.book.parts[table, key, sequence]

    def fold(self) -> None:
        self.connection.execute(text("SELECT fold_sales()"))

    def undo(self) -> None:
        """Do something in a savepoint and roll it back."""
        kept = self.book
        self.book = Book(dict(kept.headers), dict(kept.parts))
        point = self.connection.begin_nested()
        self.add()
        self.delete()
        point.rollback()
        self.book = kept

    def update(self, table: str, values: dict[str, Any], where: str, of: dict[str, Any]) -> None:
        sets = ", ".join(f"{name} = :{name}" for name in values)
        self.connection.execute(text(f"UPDATE {table} SET {sets} WHERE {where}"), {**values, **of})

    def any_header(self) -> UUID | None:
        return self.dice.choice(list(self.book.headers)) if self.book.headers else None


STEPS: tuple[Callable[[Writer], None], ...] = (
    Writer.add, Writer.add, Writer.add, Writer.add_part, Writer.change, Writer.change_part,
    Writer.change_many, Writer.delete, Writer.delete_part, Writer.fold, Writer.undo,
)  # fmt: skip


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 2**32), length=st.integers(1, 40))
def test_whatever_is_written_the_sums_are_right(
    trainwreck_db: Engine, seed: int, length: int
) -> None:
    with trainwreck_db.connect() as connection:
        writer = Writer(connection, seed)
        for _ in range(length):
            writer.dice.choice(STEPS)(writer)
        for view in VIEWS:
            assert sums(connection, view) == writer.book.sums(view), view
        connection.rollback()


def test_many_writers_at_once_never_wait_and_lose_nothing(trainwreck_db: Engine) -> None:
    books: list[Book] = []
    wrong: list[BaseException] = []

    def write(seed: int) -> None:
        try:
            with trainwreck_db.connect() as connection:
                # Who waits for another's row of sums is refused: nobody does.
                connection.execute(text("SET lock_timeout = '2s'"))
                writer = Writer(connection, seed)
                writer.number = seed * 1_000_000
                # The book of each knows its own rows only.
                steps = [step for step in STEPS if step is not Writer.change_many]
                for n in range(60):
                    writer.dice.choice(steps)(writer)
                    if n % 7 == 0:
                        connection.commit()
                connection.commit()
                books.append(writer.book)
        except BaseException as error:  # noqa: BLE001 - shown below
            wrong.append(error)

    threads = [threading.Thread(target=write, args=(seed,)) for seed in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert wrong == []
    assert len(books) == 4
    everything = Book(
        {k: v for book in books for k, v in book.headers.items()},
        {k: v for book in books for k, v in book.parts.items()},
    )
    assert recount.compare(trainwreck_db) == []
    with trainwreck_db.begin() as connection:
        for view in VIEWS:
            assert sums(connection, view) == everything.sums(view)


def test_one_voids_while_another_adds_a_line(trainwreck_db: Engine) -> None:
    with trainwreck_db.begin() as connection:
        key = add_pos_transaction(connection, 1)
    with trainwreck_db.connect() as adding:
        add_part(adding, "pos_lines", key, 1, department_number="1")
        voiding = threading.Thread(target=_void, args=(trainwreck_db,))
        voiding.start()
        voiding.join(0.5)
        assert voiding.is_alive(), "the other waits until the line is there"
        adding.commit()
    voiding.join(30)
    assert not voiding.is_alive()
    assert recount.compare(trainwreck_db) == []
    with trainwreck_db.begin() as connection:
        assert sums(connection, "sales_by_department") == {}


def _void(trainwreck_db: Engine) -> None:
    with trainwreck_db.begin() as connection:
        connection.execute(text("UPDATE pos_transactions SET is_void = true"))


def test_copy_is_counted_as_well(trainwreck_db: Engine) -> None:
    keys = [uuid7() for _ in range(500)]
    headers = "".join(
        f"{key}\t2026-11-{1 + n % 28:02}\tx\t{n}\tsale\t9\t1\t1\tnow\tnow\t2.00\n"
        for n, key in enumerate(keys)
    )
    lines = "".join(
        f"{key}\t2026-11-{1 + n % 28:02}\t9\t{s}\tsale\tMILK\t5\t1\t1.00\t1.00\n"
        for n, key in enumerate(keys)
        for s in (1, 2)
    )
    with trainwreck_db.begin() as connection:
        cursor: Any = connection.connection.cursor()
        cursor.copy_expert(
            "COPY pos_transactions (id, business_date, system, system_id, kind, store_number,"
            " terminal, receipt_number, started_at, ended_at, subtotal) FROM STDIN",
            StringIO(headers),
        )
        cursor.copy_expert(
            "COPY pos_lines (transaction_id, business_date, counts_for, sequence, kind,"
            " description, department_number, quantity, unit_price, extended) FROM STDIN",
            StringIO(lines),
        )
        found = connection.execute(
            text("SELECT sum(line_count), sum(net) FROM sales_by_department")
        ).one()
        assert tuple(found) == (1000, Decimal(1000))
        day = connection.execute(
            text("SELECT sum(transaction_count), sum(net), count(*) FROM sales_by_day")
        ).one()
        assert tuple(day) == (500, Decimal(1000), 28)
    assert recount.compare(trainwreck_db) == []


def test_a_part_that_counts_elsewhere_than_its_pos_transaction_is_refused(
    trainwreck_db: Engine,
) -> None:
    for number, day in enumerate((date(2026, 11, 20), date(2019, 1, 1))):
        with trainwreck_db.begin() as connection:
            key = add_pos_transaction(connection, number, business_date=day)
        with trainwreck_db.connect() as other, pytest.raises(DBAPIError, match="foreign key"):
            add_part(other, "pos_lines", key, 1, counts_for="10")


def test_what_went_around_the_triggers_is_found_and_mended(
    trainwreck_db: Engine, postgresql: Server
) -> None:
    with trainwreck_db.begin() as connection:
        for number in range(3):
            key = add_pos_transaction(connection, number)
            add_part(connection, "pos_lines", key, 1, department_number="4")
            add_part(connection, "pos_tenders", key, 2)
    name = str(trainwreck_db.url.database)
    superuser = engine(postgresql.url(name, "postgres"))
    with superuser.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("UPDATE pos_lines SET extended = 7 WHERE sequence = 1"))
    superuser.dispose()
    found = recount.compare(trainwreck_db)
    assert {one.table for one in found} == {"sales_departments"}
    assert str(found[0]) == ("sales_departments 2026-11-20 9 4: gross is 7.500, counted 21.000")
    with pytest.raises(DBAPIError, match="permission denied"):
        recount.mend(trainwreck_db)
    owner = engine(postgresql.owner_url(name))
    assert recount.mend(owner) == found
    assert recount.mend(owner) == []
    owner.dispose()
    assert recount.compare(trainwreck_db) == []


def test_folding_spares_rows_and_changes_no_sum(trainwreck_db: Engine) -> None:
    with trainwreck_db.begin() as connection:
        for number in range(40):
            key = add_pos_transaction(connection, number, subtotal=number)
            add_part(connection, "pos_lines", key, 1, department_number=str(number % 2))
            if number % 4 == 0:
                connection.execute(text("DELETE FROM pos_transactions WHERE id = :k"), {"k": key})
        before = {view: sums(connection, view) for view in VIEWS}
        rows = "SELECT count(*) FROM sales_departments"
        assert connection.execute(text(rows)).scalar_one() == 50
        connection.execute(text("SELECT fold_sales()"))
        assert connection.execute(text(rows)).scalar_one() == 2
        assert {view: sums(connection, view) for view in VIEWS} == before
        assert connection.execute(text("SELECT fold_sales()")).scalar_one() == 0


def test_a_second_fold_at_the_same_time_does_nothing(trainwreck_db: Engine) -> None:
    with trainwreck_db.begin() as connection:
        for number in range(4):
            add_pos_transaction(connection, number)
    with trainwreck_db.connect() as first, trainwreck_db.connect() as second:
        assert first.execute(text("SELECT fold_sales()")).scalar_one() == 3
        assert second.execute(text("SELECT fold_sales()")).scalar_one() == 0
        assert sums(second, "sales_by_hour") == sums(first, "sales_by_hour")
        first.commit()
        second.commit()
        assert second.execute(text("SELECT count(*) FROM sales_hours")).scalar_one() == 1


def test_sums_by_department_add_up_to_what_receipts_say(bring_example: Engine) -> None:
    with bring_example.begin() as connection:
        days = connection.execute(text("SELECT sum(net), sum(transaction_count) FROM sales_by_day"))
        net, count = days.one()
        departments = connection.execute(text("SELECT sum(net) FROM sales_by_department"))
        assert departments.scalar_one() == net
        real = connection.execute(
            text("SELECT count(*), sum(subtotal) FROM pos_transactions WHERE counts_for <> ''")
        ).one()
        assert (count, net) == tuple(real)
        assert count > 40
        paid = connection.execute(text("SELECT sum(amount) FROM sales_by_tender")).scalar_one()
        assert paid == Decimal("2643.72")
    assert recount.compare(bring_example) == []


@pytest.fixture
def bring_example(poser_db: Engine, trainwreck_db: Engine) -> Engine:
    """Import the example log and give the database of POS transactions."""
    from poser.importing.poslog.databases import Databases  # noqa: PLC0415
    from poser.importing.poslog.run import Options, import_file  # noqa: PLC0415
    from tests.support.poslog import EXAMPLE  # noqa: PLC0415

    into = Databases(poser=poser_db, trainwreck=trainwreck_db)
    assert import_file(str(EXAMPLE), into, Options(), lambda _file: None).error is None
    return trainwreck_db


def test_the_book_of_this_test_counts_as_it_should() -> None:
    book = Book()
    key = uuid7()
    book.headers[key] = defaultdict(Decimal, {
        "kind": "sale", "is_void": False, "is_suspended": False, "is_training": False,
        "ended_at": datetime(2026, 11, 20, 8, 30, tzinfo=UTC), "subtotal": Decimal(3),
    })  # fmt: skip
    assert list(book.sums("sales_by_hour").values()) == [(1, 0, 3, 0, 3, 0, 0)]
    book.headers[key]["is_training"] = True
    assert book.sums("sales_by_hour") == {}
