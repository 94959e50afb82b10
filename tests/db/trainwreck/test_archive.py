# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: S608 - all names in statements are our own
"""Old months go to the archive and to files, and come back; nothing is lost on the way."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from poser.cli.app import run
from poser.db import archive_files, engine, leaves
from poser.db.archiving import Archives
from poser.db.upkeep import keep_up
from poser.errors import PoserError
from poser.importing.poslog.databases import Databases
from poser.importing.poslog.run import FileResult, Options, import_file
from poser.trainwreck import recount
from poser.trainwreck.model import TrainwreckModel
from tests.support.poslog import line, log, sale
from tests.support.postgresql import Server
from tests.support.sales import add_part, add_pos_transaction

pytestmark = pytest.mark.postgresql

OLD, OLDER, NOW = date(2024, 2, 29), date(2024, 1, 31), date(2026, 11, 20)
TABLES = ("pos_transactions", "pos_lines", "pos_discounts", "pos_taxes", "pos_tenders")
PARTS = TABLES[1:]


@pytest.fixture(scope="module")
def filled(postgresql: Server, templates: dict[str, str]) -> Iterator[str]:
    """Fill three months of a database once, to be cloned: there are hundreds of partitions."""
    name = postgresql.create(templates["trainwreck"])
    keep_up("trainwreck", postgresql.owner_url(name), TrainwreckModel.metadata, since=OLDER)
    connected = create_engine(postgresql.url(name))
    with connected.begin() as connection:
        for number, day in enumerate((OLDER, OLD, OLD, NOW)):
            key = add_pos_transaction(
                connection,
                number,
                business_date=day,
                cashier_name="Ro\tbin \\N\n'\"",
                subtotal=number,
            )
            for sequence, table in enumerate(PARTS, 1):
                add_part(connection, table, key, sequence)
    connected.dispose()
    yield name
    postgresql.drop(name)


@pytest.fixture
def trainwreck_db(postgresql: Server, filled: str) -> Iterator[Engine]:
    """Give a database with three months in it."""
    name = postgresql.create(filled)
    connected = engine(postgresql.url(name))
    yield connected
    connected.dispose()
    postgresql.drop(name)


@pytest.fixture
def owner_url(trainwreck_db: Engine, postgresql: Server) -> str:
    return postgresql.owner_url(str(trainwreck_db.url.database))


@pytest.fixture
def archives(owner_url: str) -> Archives:
    """Give the archive of those months."""
    return Archives(database="trainwreck", url=owner_url, metadata=TrainwreckModel.metadata)


def everything(connected: Engine) -> dict[str, list[str]]:
    with connected.begin() as connection:
        return {
            table: sorted(
                connection.execute(text(f"SELECT to_jsonb(t)::text FROM {table} t")).scalars()
            )
            for table in (*TABLES, "sales_by_day", "sales_by_department", "pos_transaction_keys")
        }


def days(connected: Engine) -> list[date]:
    with connected.begin() as connection:
        found = connection.execute(text("SELECT business_date FROM pos_lines ORDER BY 1"))
        return list(found.scalars())


def quiet(_moved: object) -> None:
    pass


def test_a_month_goes_and_comes_back_as_it_was(archives: Archives, trainwreck_db: Engine) -> None:
    before = everything(trainwreck_db)
    moved = archives.move(date(2024, 3, 1), None, quiet)
    assert [str(one.period) for one in moved] == ["2024-01", "2024-02"]
    assert days(trainwreck_db) == [NOW]
    kept = everything(trainwreck_db)
    for view in ("sales_by_day", "sales_by_department", "pos_transaction_keys"):
        assert kept[view] == before[view], "sums and keys stay"
    assert recount.compare(trainwreck_db) == []
    assert archives.move(date(2024, 3, 1), None, quiet) == []
    assert [(str(one.period), one.where) for one in archives.listed()] == [
        ("2024-01", "archive"), ("2024-02", "archive"),
    ]  # fmt: skip
    archives.attach(date(2024, 2, 1), None, quiet)
    archives.attach(date(2024, 1, 1), None, quiet)
    assert archives.listed() == []
    assert everything(trainwreck_db) == before
    with trainwreck_db.begin() as connection:
        connection.execute(text("DELETE FROM pos_transactions WHERE system_id = '1'"))
    assert recount.compare(trainwreck_db) == [], "triggers are back as well"


def test_a_month_goes_to_files_and_comes_back(
    archives: Archives, trainwreck_db: Engine, tmp_path: Path
) -> None:
    before = everything(trainwreck_db)
    archives.move(date(2024, 3, 1), tmp_path, quiet)
    assert days(trainwreck_db) == [NOW]
    assert (tmp_path / "pos_transactions_2024_02").stat().st_mode & 0o007 == 0
    assert {path.name for path in (tmp_path / "pos_transactions_2024_02").iterdir()} == {
        "manifest.json", *(f"{table}.copy.gz" for table in TABLES),
    }  # fmt: skip
    with trainwreck_db.begin() as connection:
        left = connection.execute(
            text("SELECT count(*) FROM pg_tables WHERE tablename ~ '2024_0[12]$'")
        ).scalar_one()
    assert left == 0
    assert [one.where for one in archives.listed()] == [str(tmp_path)] * 2
    assert recount.compare(trainwreck_db) == []
    # A late report of an archived month is taken in, and joins it when it is back.
    with trainwreck_db.begin() as connection:
        late = add_pos_transaction(connection, 99, business_date=OLD)
    archives.attach(date(2024, 2, 1), None, quiet)
    new_place = tmp_path / "elsewhere"
    new_place.mkdir()
    (tmp_path / "pos_transactions_2024_01").rename(new_place / "pos_transactions_2024_01")
    archives.attach(date(2024, 1, 1), new_place, quiet)
    assert recount.compare(trainwreck_db) == []
    with trainwreck_db.begin() as connection:
        connection.execute(text("DELETE FROM pos_transactions WHERE id = :id"), {"id": late})
    assert everything(trainwreck_db) == before


@pytest.mark.parametrize("word", ["DROP TABLE", "COMMIT", "COPY", "INSERT INTO archive"])
def test_a_cut_at_any_step_loses_nothing_and_a_second_run_goes_on(
    archives: Archives, trainwreck_db: Engine, tmp_path: Path, word: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    before = everything(trainwreck_db)
    _cut_at(word, monkeypatch)
    with pytest.raises(PoserError):
        archives.move(date(2024, 3, 1), tmp_path, quiet)
    monkeypatch.undo()
    archives.move(date(2024, 3, 1), tmp_path, quiet)
    assert days(trainwreck_db) == [NOW]
    for month in (1, 2):
        archives.attach(date(2024, month, 1), None, quiet)
    assert everything(trainwreck_db) == before


def _cut_at(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """End the connection, as a crash does, where one step begins."""

    def cut(connection: object) -> None:
        connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")  # type: ignore[attr-defined]

    original_book, original_write = leaves.write_book, archive_files.write

    def write_book(connection: object, cut_leaves: object, folder: str = "") -> None:
        if word == "INSERT INTO archive" or (folder and word == "DROP TABLE"):
            cut(connection)
        original_book(connection, cut_leaves, folder)  # type: ignore[arg-type]
        if folder and word == "COMMIT":
            cut(connection)

    def write(connection: object, cut_leaves: object, folder: Path) -> int:
        rows = original_write(connection, cut_leaves, folder)  # type: ignore[arg-type]
        if word == "COPY":
            cut(connection)
        return rows

    monkeypatch.setattr(leaves, "write_book", write_book)
    monkeypatch.setattr(archive_files, "write", write)


@pytest.mark.parametrize("is_in_files", [True, False])
def test_a_month_from_before_a_revision_comes_back(
    archives: Archives, trainwreck_db: Engine, owner_url: str, tmp_path: Path, *, is_in_files: bool
) -> None:
    before = days(trainwreck_db)
    archives.move(date(2024, 3, 1), tmp_path if is_in_files else None, quiet)
    owner = create_engine(owner_url)
    with owner.begin() as connection:
        connection.execute(text("ALTER TABLE pos_taxes ADD COLUMN exempt boolean DEFAULT false"))
        connection.execute(text("ALTER TABLE pos_lines DROP COLUMN entry"))
    owner.dispose()
    for month in (1, 2):
        archives.attach(date(2024, month, 1), None, quiet)
    assert days(trainwreck_db) == before
    with trainwreck_db.begin() as connection:
        exempt = connection.execute(text("SELECT DISTINCT exempt FROM pos_taxes")).scalar_one()
        connection.execute(text("DELETE FROM pos_transactions WHERE system_id = '1'"))
    assert exempt is False
    assert archives.listed() == []
    assert recount.compare(trainwreck_db) == []


@pytest.mark.parametrize("damage", ["changed", "missing", "no manifest", "manifest", "columns"])
def test_damaged_files_attach_nothing(
    archives: Archives, trainwreck_db: Engine, tmp_path: Path, damage: str
) -> None:
    archives.move(date(2024, 3, 1), tmp_path, quiet)
    place = tmp_path / "pos_transactions_2024_02"
    taxes = place / "pos_taxes.copy.gz"
    good = {path: path.read_bytes() for path in place.iterdir()}
    if damage == "changed":
        taxes.write_bytes(taxes.read_bytes()[:-9] + b"x" + taxes.read_bytes()[-8:])
    elif damage == "missing":
        taxes.unlink()
    elif damage == "no manifest":
        (place / "manifest.json").unlink()
    elif damage == "columns":
        evil = (place / "manifest.json").read_text().replace("description,", "x) FROM STDIN; --")
        (place / "manifest.json").write_text(evil)
    else:
        (place / "manifest.json").write_text('{"tables": [{"file": "/etc/passwd"}]}')
    with pytest.raises(PoserError):
        archives.attach(date(2024, 2, 1), None, quiet)
    assert days(trainwreck_db) == [NOW]
    for path, content in good.items():
        path.write_bytes(content)
    archives.attach(date(2024, 2, 1), None, quiet)
    assert OLD in days(trainwreck_db)


def test_a_folder_that_cannot_be_written_to_deletes_nothing(
    archives: Archives, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PoserError, match="cannot write the archive") as caught:
        archives.move(date(2024, 3, 1), tmp_path / "file" / "below", quiet)
    assert "nothing was deleted" in caught.value.hint
    assert [one.where for one in archives.listed()] == ["archive", "archive"]
    assert archives.attach(date(2024, 1, 1), None, quiet)


def test_what_is_being_written_now_cannot_be_archived(archives: Archives) -> None:
    with pytest.raises(PoserError, match="2999-01 has not begun"):
        archives.move(date(2999, 1, 1), None, quiet)
    with pytest.raises(PoserError, match="nothing of 2023-05 is in the archive"):
        archives.attach(date(2023, 5, 1), None, quiet)


@pytest.fixture
def bring(poser_db: Engine, trainwreck_db: Engine, tmp_path: Path) -> Callable[..., FileResult]:
    into = Databases(poser=poser_db, trainwreck=trainwreck_db)

    def run_import(content: str, *, replace: bool = False) -> FileResult:
        path = tmp_path / "log.xml"
        path.write_text(content)
        return import_file(str(path), into, Options(replace=replace), lambda _file: None)

    return run_import


def test_an_archived_log_changes_nothing_and_cannot_be_replaced(
    bring: Callable[..., FileResult], trainwreck_db: Engine, archives: Archives
) -> None:
    content = log(sale(1, date="2024-02-29"))
    assert bring(content).counts["created"] == 1
    archives.move(date(2024, 3, 1), None, quiet)
    assert not bring(content).has_changes
    corrected = log(sale(1, line(price="9.99"), date="2024-02-29"))
    refused = bring(corrected, replace=True)
    assert refused.counts["refused"] == 1
    assert "--attach 2024-02" in refused.rejects[0].reason
    archives.attach(date(2024, 2, 1), None, quiet)
    assert bring(corrected, replace=True).counts["replaced"] == 1
    assert recount.compare(trainwreck_db) == []


def test_the_command_says_what_it_did(
    archives: Archives, owner_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "poser.conf"
    config.write_text(
        f"[poser]\nnode = n\nrole = store\nrelease = r\n[db]\nurl = {owner_url}\n"
        f"[trainwreck]\nurl = {owner_url}\n"
    )
    command = ("-c", str(config), "db", "archive", "trainwreck")
    assert run((*command, "--before", "2024-02", "--json")) == 0
    assert json.loads(capsys.readouterr().out) == [
        {"table": "pos_transactions", "period": "2024-01", "where": "archive", "rows": 0}
    ]
    assert run((*command, "--list")) == 0
    assert "pos_transactions  2024-01  archive" in capsys.readouterr().out
    assert run((*command, "--attach", "2024-01")) == 0
    assert capsys.readouterr().out == "pos_transactions 2024-01: attached\n"
    assert run((*command, "--list")) == 0
    assert capsys.readouterr().out == "the archive is empty\n"
    for wrong in (("--before", "2024"), (), ("--to", "/x"), ("--list", "--attach", "2024-01")):
        assert run((*command, *wrong)) == 2
    assert run(("-c", str(config), "db", "recount")) == 0
    assert "0 sums differ" in capsys.readouterr().out
    del archives


def test_an_application_cannot_archive(trainwreck_db: Engine, archives: Archives) -> None:
    del archives
    url = trainwreck_db.url.render_as_string(hide_password=False)
    as_application = Archives(database="trainwreck", url=url, metadata=TrainwreckModel.metadata)
    with pytest.raises(PoserError, match="owner"):
        as_application.move(date(2024, 3, 1), None, quiet)
