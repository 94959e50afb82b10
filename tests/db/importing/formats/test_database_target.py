# SPDX-License-Identifier: Apache-2.0
"""Rows go into a database that is none of this node's, and only what differs is written."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine

from poser.importing.asked import Asked
from poser.importing.fields import Field
from poser.importing.formats.database_target import DatabaseTarget
from poser.importing.from_csv import FromCsv
from poser.importing.importer import Importer
from poser.importing.result import RunResult, RunStatus
from poser.importing.running import run
from poser.importing.target import Target
from poser.model import Vendor
from tests.support.importers import counts, rows

pytestmark = pytest.mark.postgresql

TABLE = "CREATE TABLE vendors (number TEXT COLLATE NOCASE, name TEXT, discount_percent NUMERIC)"
KEPT = "SELECT number, name, discount_percent FROM vendors ORDER BY number COLLATE BINARY"


class Vendors(Importer):
    """Vendors for another system."""

    model = Vendor
    key = ("number",)
    fields = (Field("number"), Field("name"), Field("discount_percent"))


class There(FromCsv):
    """From a file into another database."""

    key = "there"
    importers = (Vendors,)

    def __init__(self, address: str) -> None:
        self._address = address

    def target(self, asked: Asked) -> Target:  # noqa: ARG002 - the same whatever is asked
        return DatabaseTarget(self._address)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Give an SQLite file of another system."""
    with closing(sqlite3.connect(tmp_path / "shop.sqlite")) as connection:
        connection.execute(TABLE)
        connection.executemany(
            "INSERT INTO vendors VALUES (?, ?, ?)",
            [("a", "Same", 2.5), ("B", "Old", None), ("Z", "Gone", None)],
        )
        connection.commit()
        yield connection


def sent(
    engine: Engine, folder: Path, lines: Sequence[str], asked: Asked | None = None, to: str = ""
) -> RunResult:
    """Write a file, and send what it has."""
    path = folder / "vendors.csv"
    path.write_text("\n".join(("number,name,discount_percent", *lines, "")))
    asked = asked or Asked(where=str(path), deletes=True, max_delete_share=Decimal(100))
    return run(There(to or str(folder / "shop.sqlite")), asked, {"poser": engine})


def test_what_differs_is_written_and_nothing_else(
    poser_db: Engine, tmp_path: Path, shop: sqlite3.Connection
) -> None:
    lines = ["b,Small,1.12345", "B,New,3.25", "a,Same,2.50", "Ä,Umlaut,"]
    done = sent(poser_db, tmp_path, lines)
    assert (done.status, done.why) == (RunStatus.DONE, "")
    assert counts(done) == {"created": 2, "updated": 1, "deleted": 1, "unchanged": 1}
    assert shop.execute(KEPT).fetchall() == [
        ("B", "New", 3.25), ("a", "Same", 2.5), ("b", "Small", 1.12345), ("Ä", "Umlaut", None),
    ]  # fmt: skip
    assert sent(poser_db, tmp_path, lines).changes == 0
    assert rows(poser_db, "SELECT count(*) FROM vendors") == [(0,)]


def test_an_error_there_keeps_everything_as_it_was(
    poser_db: Engine, tmp_path: Path, shop: sqlite3.Connection
) -> None:
    shop.execute("CREATE TRIGGER no AFTER DELETE ON vendors BEGIN SELECT RAISE(ABORT, 'no'); END")
    shop.commit()
    before = shop.execute(KEPT).fetchall()
    done = sent(poser_db, tmp_path, ["c,New,", "B,Other,"])
    assert done.status is RunStatus.FAILED
    assert "no" in done.why
    assert shop.execute(KEPT).fetchall() == before


def test_another_postgresql_is_a_target_too(
    poser_db: Engine, other_db: Engine, tmp_path: Path
) -> None:
    to = other_db.url.render_as_string(hide_password=False)
    lines = ["a,Ay,1.5", "B,Bee,", "_,Line,0"]
    done = sent(poser_db, tmp_path, lines, to=to)
    assert (done.status, done.why) == (RunStatus.DONE, "")
    done = sent(poser_db, tmp_path, ["a,Ay,1.50", "B,Be,"], to=to)
    assert counts(done) == {"updated": 1, "deleted": 1, "unchanged": 1}
    assert rows(other_db, "SELECT number, name FROM vendors ORDER BY name") == [
        ("a", "Ay"), ("B", "Be"),
    ]  # fmt: skip


def test_a_table_or_column_that_is_not_there_is_said(
    poser_db: Engine, tmp_path: Path, shop: sqlite3.Connection
) -> None:
    shop.execute("ALTER TABLE vendors DROP COLUMN discount_percent")
    shop.commit()
    assert "vendors lacks discount_percent" in sent(poser_db, tmp_path, ["a,b,"]).why
    shop.execute("DROP TABLE vendors")
    shop.commit()
    assert "there is no table vendors" in sent(poser_db, tmp_path, ["a,b,"]).why
