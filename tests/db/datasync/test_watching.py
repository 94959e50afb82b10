# SPDX-License-Identifier: Apache-2.0
"""What changes in another system is found once, put down, and imported; what is bad waits."""

import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import ClassVar

import pytest
from sqlalchemy import Engine, text

from poser.datasync.parking import TRIES
from poser.datasync.steering import pause, resume
from poser.datasync.watching import importing, looking, statuses
from poser.datasync.watching.lines import Watch, watches
from poser.datasync.watching.loop import SETTLES_S, Turns, Watched
from poser.db import transaction
from poser.errors import ConfigError, ImportFailed
from poser.importing.asked import Asked
from poser.importing.fields import Field, Find
from poser.importing.from_database import FromDatabase
from poser.importing.handler import ImportHandler
from poser.importing.importer import Importer
from poser.importing.source import Bad
from poser.model import Product, Vendor, VendorItem
from tests.support.importers import Vendors, rows, vendors
from tests.support.importing import Handler, Lists, Record

pytestmark = pytest.mark.postgresql

VENDORS = "SELECT number, name FROM vendors ORDER BY number"
LATER = text("UPDATE datasync_watched_changes SET next_try_at = now()")


class Deleting(Vendors):
    """Vendors that go when they are gone there."""

    source = "vendors"
    deletes: ClassVar[bool] = True


class Goods(Importer):
    """Products by their numbers."""

    model = Product
    key = ("item_number",)
    fields = (Field("item_number"), Field("description"))


class Items(Importer):
    """Whose key has two references."""

    model = VendorItem
    source = "items"
    key = ("product_id", "vendor_id")
    deletes: ClassVar[bool] = True
    fields = (
        Field("product_id", "product", find=Find(Product, "item_number")),
        Field("vendor_id", "vendor", find=Find(Vendor, "number")),
        Field("code"),
    )


@dataclass
class System:
    """A watched system whose records a test writes down."""

    engine: Engine
    importers: tuple[type[Importer], ...]
    records: dict[str, Sequence[Record | Bad]] = field(default_factory=dict)
    asked: Asked = field(default_factory=lambda: Asked(max_delete_share=Decimal(100)))
    breaks: BaseException | None = None

    @property
    def handler(self) -> ImportHandler:
        return Handler(Lists(records=self.records, breaks=self.breaks), *self.importers)

    def look(self) -> looking.Looked:
        with transaction(self.engine) as session:
            return looking.look(session, "test", self.handler, self.asked, by="", whole=True)

    def bring_in(self) -> importing.Imported:
        return importing.bring_in("test", self.handler, self.asked, {"poser": self.engine})

    def waiting(self) -> list[tuple[object, ...]]:
        return rows(
            self.engine,
            "SELECT model, key, data->>'name', tries, error FROM datasync_watched_changes"
            " ORDER BY pos",
        )


@pytest.fixture
def system(new_database: Callable[[str], Engine]) -> System:
    return System(new_database("poser"), (Deleting,))


def test_changes_are_found_once_and_brought_in_once(system: System) -> None:
    system.records["vendors"] = vendors("Tea", "Soap")
    found = system.look()
    assert (found.read, found.changed, found.gone) == (2, 2, 0)
    assert system.look().changed == 0, "what is put down is not found again"
    assert system.bring_in().done == 2
    assert rows(system.engine, VENDORS) == [("1", "Tea"), ("2", "Soap")]
    assert not system.bring_in().any
    system.records["vendors"] = vendors("Tea", "Soap & Co", "Salt")
    assert system.look().changed == 2
    assert system.bring_in().done == 2
    assert rows(system.engine, VENDORS) == [("1", "Tea"), ("2", "Soap & Co"), ("3", "Salt")]
    runs = rows(system.engine, "SELECT comment, status FROM import_runs ORDER BY number")
    assert runs == [("found by watching test", "done")] * 2, "each batch is a run like others"


def test_what_changes_twice_before_it_is_brought_in_is_brought_in_as_it_is(system: System) -> None:
    for name in ("Tea", "Tee", "Té"):
        system.records["vendors"] = vendors(name)
        system.look()
    assert system.waiting() == [("Vendor", '["1"]', "Té", 0, "")]
    assert system.bring_in().done == 1
    assert rows(system.engine, VENDORS) == [("1", "Té")]


def test_what_changes_while_it_is_brought_in_is_brought_in_again(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    system.records["vendors"] = vendors("Tea")
    system.look()
    run = importing.run

    def run_and_change(*given: object, **more: object) -> object:
        result = run(*given, **more)  # type: ignore[arg-type]
        system.records["vendors"] = vendors("Tee")
        system.look()
        return result

    monkeypatch.setattr(importing, "run", run_and_change)
    system.bring_in()
    assert rows(system.engine, VENDORS) == [("1", "Tea")]
    monkeypatch.undo()
    assert system.bring_in().done == 1
    assert rows(system.engine, VENDORS) == [("1", "Tee")]


def test_a_source_that_dies_leaves_nothing_half_seen(system: System) -> None:
    system.records["vendors"] = vendors("Tea", "Soap")
    system.breaks = ImportFailed("the line was cut")
    with pytest.raises(ImportFailed):
        system.look()
    assert system.waiting() == []
    system.breaks = None
    assert system.look().changed == 2


def test_who_dies_after_a_run_and_before_it_is_noted_runs_it_again_and_nothing_doubles(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    system.records["vendors"] = vendors("Tea")
    system.look()
    monkeypatch.setattr(importing, "_settle", lambda *_: pytest.fail("killed"))
    with pytest.raises(pytest.fail.Exception):
        system.bring_in()
    monkeypatch.undo()
    assert system.bring_in().done == 1
    assert rows(system.engine, VENDORS) == [("1", "Tea")]
    changes = rows(
        system.engine,
        "SELECT kind FROM versions AS v JOIN recorded_tables AS t ON t.id = v.table_id"
        " WHERE t.name = 'vendors'",
    )
    assert len(changes) == 1, "the second run found nothing to change"


def test_what_is_gone_goes_and_nothing_else(system: System) -> None:
    with transaction(system.engine) as session:
        session.add(Vendor(number="99", name="Ours alone"))
    system.records["vendors"] = vendors("Tea", "Soap", "Salt")
    system.look()
    system.bring_in()
    system.records["vendors"] = vendors("Tea")
    assert system.look().gone == 2
    assert system.bring_in().done == 2
    assert rows(system.engine, VENDORS) == [("1", "Tea"), ("99", "Ours alone")]
    system.records["vendors"] = vendors("Tea", "Soap again")
    system.look()
    system.bring_in()
    assert ("2", "Soap again") in rows(system.engine, VENDORS)


def test_fields_left_out_do_not_make_it_delete_more(system: System) -> None:
    """Importers that are made anew for other fields forget what they were limited to."""
    system.asked = replace(system.asked, without=("terms",))
    test_what_is_gone_goes_and_nothing_else(system)


def test_keys_of_several_references_say_what_goes(system: System) -> None:
    system.importers = (Vendors, Goods, Items)
    system.records = {
        "vendors": vendors("Tea", "Soap"),
        "products": [{"item_number": n, "description": "x"} for n in ("a", "b")],
        "items": [
            {"product": p, "vendor": v, "code": p + v} for p in ("a", "b") for v in ("1", "2")
        ],
    }
    system.look()
    system.bring_in()
    assert system.waiting() == []
    codes = "SELECT code FROM vendor_items ORDER BY code"
    assert rows(system.engine, codes) == [("a1",), ("a2",), ("b1",), ("b2",)]
    system.records["items"] = [one for one in system.records["items"] if one["code"] != "a2"]  # type: ignore[index, call-overload]
    assert system.look().gone == 1
    system.bring_in()
    assert rows(system.engine, codes) == [("a1",), ("b1",), ("b2",)]


def test_a_source_that_lost_most_of_its_records_is_not_believed(system: System) -> None:
    system.records["vendors"] = vendors("Tea", "Soap", "Salt")
    system.look()
    system.bring_in()
    system.asked = Asked()
    system.records["vendors"] = vendors("Tea")
    with pytest.raises(ImportFailed, match=r"2 of 3 Vendor are gone, which is 66\.7 %") as raised:
        system.look()
    assert "--max-delete-share" in raised.value.hint
    assert len(rows(system.engine, VENDORS)) == 3


def test_records_that_cannot_be_read_are_told_and_nothing_is_taken_for_gone(
    system: System,
) -> None:
    system.records["vendors"] = vendors("Tea", "Soap")
    system.look()
    system.bring_in()
    system.records["vendors"] = [*vendors("Tee"), Bad(3, "its quotes never end")]
    found = system.look()
    assert (found.changed, found.gone, found.unreadable) == (1, 0, 1)
    (status,) = watched(system)
    assert status.note == ("1 records cannot be read; the first: Vendor, 3: its quotes never end")


def watched(system: System) -> list[statuses.WatchedStatus]:
    with transaction(system.engine, read_only=True) as session:
        return statuses.watched(session)


def test_a_bad_record_waits_and_is_tried_again_while_all_others_go_on(system: System) -> None:
    system.records["vendors"] = [
        *vendors("Tea"),
        {"number": "2", "name": "Soap", "discount_percent": "much"},
        {"number": "3", "name": "Salt", "discount_percent": "250"},
    ]
    system.look()
    imported = system.bring_in()
    assert (imported.done, imported.refused) == (1, 2)
    assert rows(system.engine, VENDORS) == [("1", "Tea")]
    waits = system.waiting()
    assert [one[1] for one in waits] == ['["2"]', '["3"]']
    assert all(one[4] for one in waits), "it says why"
    assert "discount_percent" in str(waits[0][4])
    # It is put right there: it is found, and tried at once.
    system.records["vendors"] = vendors("Tea", "Soap")
    system.look()
    assert system.bring_in().refused == 0, "the third is gone, and never was here"
    assert rows(system.engine, VENDORS) == [("1", "Tea"), ("2", "Soap")]
    assert system.waiting() == []


def test_what_is_refused_too_often_asks_for_a_person(system: System) -> None:
    system.records["vendors"] = [{"number": "2", "name": "Soap", "discount_percent": "much"}]
    system.look()
    found = []
    for _ in range(TRIES):
        with transaction(system.engine) as session:
            session.execute(LATER)
        found.append(system.bring_in())
    assert [one.given_up for one in found] == [[]] * (TRIES - 1) + [['Vendor ["2"]']]
    assert not system.bring_in().any
    (status,) = watched(system)
    assert (status.refused, status.dead, status.needs_somebody) == (1, 1, True)
    with transaction(system.engine) as session:
        assert statuses.retry(session) == 1
    assert system.bring_in().refused == 1
    with transaction(system.engine) as session:
        (one,) = statuses.refused(session)
        assert statuses.drop(session, one.id) == 'Vendor ["2"] from test'
        assert statuses.drop(session, one.id) == ""
    assert watched(system)[0].refused == 0


def test_a_paused_system_is_neither_looked_at_nor_brought_in(system: System) -> None:
    system.records["vendors"] = vendors("Tea")
    turns = Turns(
        Watched(Watch(name="test", every=timedelta(0), words=()), system.handler, system.asked),
        {"poser": system.engine},
    )
    with transaction(system.engine) as session:
        session.execute(text("INSERT INTO datasync_watched (name) VALUES ('test')"))
        pause(session, "test", "stocktaking")
    assert not turns.turn().any
    assert watched(system)[0].records == 0
    with transaction(system.engine) as session:
        resume(session, "test")
    assert turns.turn().done == 1


def test_a_look_that_fails_is_written_down_until_one_succeeds(system: System) -> None:
    system.breaks = ImportFailed("the till does not answer")
    system.records["vendors"] = vendors("Tea")

    def turns() -> Turns:
        watch = Watch(name="test", every=timedelta(0), words=())
        return Turns(Watched(watch, system.handler, system.asked), {"poser": system.engine})

    for _ in range(2):
        with pytest.raises(ImportFailed):
            turns().turn()
    (status,) = watched(system)
    assert status.note == "the till does not answer"
    assert status.failed_at is not None
    system.breaks = None
    turns().turn()
    (status,) = watched(system)
    assert (status.note, status.failed_at) == ("", None)


class FromSqlite(FromDatabase):
    """A till's own database."""

    key = "till"
    importers = (Deleting,)


@dataclass
class Till:
    """A database of another system, with a column that says what is new."""

    engine: Engine
    path: Path

    def do(self, *statements: str) -> None:
        with sqlite3.connect(self.path) as line:
            for one in statements:
                line.execute(one)
        line.close()

    def look(self, *, whole: bool = False) -> looking.Looked:
        asked = Asked(where=str(self.path), max_delete_share=Decimal(100))
        with transaction(self.engine) as session:
            found = looking.look(session, "till", FromSqlite(), asked, by="changed_at", whole=whole)
        importing.bring_in("till", FromSqlite(), asked, {"poser": self.engine})
        return found


@pytest.fixture
def till(new_database: Callable[[str], Engine], tmp_path: Path) -> Till:
    made = Till(new_database("poser"), tmp_path / "till.sqlite")
    made.do(
        "CREATE TABLE vendors (number text, name text, terms text, discount_percent text,"
        " changed_at text)",
        *(
            f"INSERT INTO vendors VALUES ('{n}', 'v{n}', '', NULL, '2026-11-01 12:0{n}:00')"  # noqa: S608
            for n in range(1, 10)
        ),
    )
    return made


def test_only_what_is_new_is_read_with_what_was_seen_just_before(till: Till) -> None:
    assert till.look(whole=True).read == 9
    found = till.look()
    assert (found.read, found.changed) == (6, 0), "from five minutes before the newest"
    # Committed late, with an older time; and two at one moment.
    till.do(
        "INSERT INTO vendors VALUES ('20', 'late', '', NULL, '2026-11-01 12:06:00')",
        "INSERT INTO vendors VALUES ('21', 'same', '', NULL, '2026-11-01 12:09:00')",
        "UPDATE vendors SET name = 'new', changed_at = '2026-11-01 12:30:00' WHERE number = '1'",
    )
    assert till.look().changed == 3
    names = dict(rows(till.engine, VENDORS))
    assert (names["20"], names["21"], names["1"]) == ("late", "same", "new")


def test_what_the_column_does_not_tell_is_found_by_reading_all(till: Till) -> None:
    till.look(whole=True)
    till.do(
        "UPDATE vendors SET name = 'quietly' WHERE number = '1'",
        "UPDATE vendors SET name = 'clock went back', changed_at = '1999-01-01 00:00:00'"
        " WHERE number = '2'",
        "DELETE FROM vendors WHERE number = '9'",
    )
    found = till.look()
    assert (found.changed, found.gone) == (0, 0)
    found = till.look(whole=True)
    assert (found.changed, found.gone) == (2, 1)
    assert dict(rows(till.engine, VENDORS)).get("9") is None


def test_a_time_in_the_future_does_not_hide_what_comes_before_it(till: Till) -> None:
    till.do("INSERT INTO vendors VALUES ('30', 'future', '', NULL, '2099-01-01 00:00:00')")
    till.look(whole=True)
    till.do("INSERT INTO vendors SELECT '31', 'now', '', NULL, datetime('now')")
    assert till.look().changed == 1


def test_a_column_that_is_not_there_is_named(till: Till) -> None:
    with transaction(till.engine) as session, pytest.raises(ImportFailed) as raised:
        looking.look(
            session, "till", FromSqlite(), Asked(where=str(till.path)), by="moved_at", whole=True
        )
    assert "its rows have no column moved_at" in str(raised.value)
    assert "changed_at" in raised.value.hint


def test_a_hundred_thousand_records_at_first(system: System) -> None:
    system.importers = (Vendors,)
    system.records["vendors"] = vendors(*(f"v{n}" for n in range(100_000)))
    assert system.look().changed == 100_000
    assert system.bring_in().done == importing.ROWS
    assert system.look().changed == 0


def test_a_file_is_left_alone_until_it_is_written(
    new_database: Callable[[str], Engine], tmp_path: Path
) -> None:
    engine, path = new_database("poser"), tmp_path / "vendors.csv"
    (watch,) = watches(f"v every 1s: csv Vendor --from {path}", "here")
    turns = Turns(Watched.of(watch, ()), {"poser": engine})
    path.write_text("number,name\n1,Te")
    assert not turns.turn().any
    path.write_text("number,name\n1,Tea\n")
    long_ago = time.time() - SETTLES_S - 1
    os.utime(path, (long_ago, long_ago))
    assert turns.turn().done == 1
    assert rows(engine, VENDORS) == [("1", "Tea")]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("prices: csv Product", "cannot be read"),
        ("prices every 0s: csv Product", "cannot be read"),
        ("Prices every 5s: csv Product", "cannot be read"),
        ("prices every 5 days: csv Product", "cannot be read"),
        ("a every 5s: csv X\na every 6s: csv Y", "two systems are called a"),
        ("a every 5s: csv 'X", "No closing quotation"),
    ],
)
def test_a_line_that_says_too_little_is_named(lines: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        watches(lines, "poser.conf:3")


def test_lines_are_read() -> None:
    first, second = watches(
        "a every 5s by changed_at with network: northwind Product --from 'x y'\n\n"
        "  b every 2 min: csv Vendor --from /srv/b.csv",
        "here",
    )
    assert (first.every, first.by, first.network) == (timedelta(seconds=5), "changed_at", True)
    assert first.words == ("northwind", "Product", "--from", "x y")
    assert (second.every, second.by, second.network) == (timedelta(minutes=2), "", False)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("nothing --from x", "there is no import handler 'nothing'"),
        ("csv Vendor --from x --dry-run", "a dry run writes nothing"),
        ("csv Vendor --frm x", "--frm"),
    ],
)
def test_words_that_are_none_are_refused(words: str, said: str) -> None:
    (watch,) = watches(f"a every 5s: {words}", "here")
    with pytest.raises(Exception, match=said):
        Watched.of(watch, ())
