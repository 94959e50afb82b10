# SPDX-License-Identifier: Apache-2.0
"""`poser batch`, typed on a node: from an import to executed and undone."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from poser.cli.app import run
from poser.db import transaction
from poser.model import User
from tests.support.extended import write_extension

pytestmark = pytest.mark.postgresql

TYPE = '''
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from poser.batch.batch_type import BatchType, Executed, NewRow, RowField, Watch
from poser.model import Batch, BatchRow, Brand


class Stickers(BatchType):
    """Brands of stickers."""

    key = "stickers"
    fields = (RowField("name", str, "Name"),)

    def populate(self, session: Session, batch: Batch) -> Iterable[NewRow]:
        for name in batch.params["names"].split("+"):
            yield NewRow(data={"name": name}, label=name)

    def needs_approval(self, session: Session, batch: Batch) -> bool:
        return True

    def execute(self, session: Session, batch: Batch, watch: Watch) -> Executed:
        rows = session.scalars(select(BatchRow).where(BatchRow.batch_id == batch.id)).all()
        session.add_all(Brand(name=row.data["name"]) for row in rows)
        return Executed(counts={"created": len(rows)})
'''
FILE = "number,name,terms\n1,Acme Ltd,30 days\n3,Coil,\n"

Typed = Callable[..., int]


@pytest.fixture
def typed(config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """Give a function that types a line behind `poser`; anna types."""
    folder = tmp_path / "installed"
    files = {"batches/__init__.py": '"""Types."""\n', "batches/stickers.py": TYPE}
    write_extension(folder, "poser_sticky", files)
    monkeypatch.syspath_prepend(str(folder))
    for name in [one for one in sys.modules if one.startswith("poser_sticky")]:
        monkeypatch.delitem(sys.modules, name)
    said = config.read_text(encoding="utf-8") + "[poser]\nextensions = poser_sticky\n"
    config.write_text(said, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SUDO_USER", "anna")
    return lambda line: run(["-c", str(config), *line.split()])


@pytest.fixture
def made(typed: Typed, engines: dict[str, Engine], tmp_path: Path) -> None:
    """Import a file into a batch: one vendor is new, one differs, one is gone."""
    with transaction(engines["poser"]) as session:
        session.execute(text("INSERT INTO vendors (number, name) VALUES (1, 'Acme'), (2, 'Bolt')"))
    (tmp_path / "vendors.csv").write_text(FILE, encoding="utf-8")
    options = "--delete --max-delete-share 100 --make-batch"
    assert typed(f"import csv Vendor --from vendors.csv {options}") == 0


def names(engines: dict[str, Engine]) -> list[str]:
    with transaction(engines["poser"], read_only=True) as session:
        return list(session.scalars(text("SELECT name FROM vendors ORDER BY number")))


@pytest.mark.usefixtures("made")
def test_a_batch_is_listed_and_shown(typed: Typed, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert typed("batch list") == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0].split() == ["batch", "type", "status", "rows", "made", "by", "made", "at", "what"]
    assert out[1].split()[:5] == ["1", "importer", "open", "3", "anna"]
    assert typed("batch show 1") == 0
    shown = capsys.readouterr().out
    assert "batch 1: import csv from vendors.csv (importer), 3 rows, open\n" in shown
    assert "  1 create Vendor\n  1 update Vendor\n  1 delete Vendor\n" in shown
    assert "     2  update Vendor 1\n        name   Acme -> Acme Ltd\n" in shown
    assert "        terms  '' -> 30 days\n" in shown
    assert typed("batch show 1 --status delete --json") == 0
    (row,) = json.loads(capsys.readouterr().out)["rows"]
    assert (row["number"], row["label"], row["old"]["name"]) == (3, "2", "Bolt")


@pytest.mark.usefixtures("made")
def test_a_batch_goes_from_changed_to_executed_to_undone(
    typed: Typed, engines: dict[str, Engine], capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed("batch take-out 1 3") == 0
    assert typed("batch edit 1 1 name=Coils") == 0
    assert typed("batch execute 1 --preview") == 3
    assert "1 created, 1 updated; nothing is kept" in capsys.readouterr().out
    assert names(engines) == ["Acme", "Bolt"]
    assert typed("batch execute 1") == 1
    assert "batch 1 is open, not complete or approved" in capsys.readouterr().err
    assert typed("batch complete 1 --comment looked") == 0
    assert typed("batch execute 1") == 0
    assert "batch 1 is executed: 1 created, 1 updated\n" in capsys.readouterr().out
    assert names(engines) == ["Acme Ltd", "Bolt", "Coils"]
    assert typed("batch list") == 0
    assert capsys.readouterr().out == "no batch waits for anybody\n"
    assert typed("batch undo 1") == 0
    assert "2 records are what they were" in capsys.readouterr().out
    assert names(engines) == ["Acme", "Bolt"]
    assert typed("batch show 1") == 0
    assert "complete  anna “looked”\n" in capsys.readouterr().out


@pytest.mark.usefixtures("made")
def test_rows_that_are_stale_are_left_out_and_told_by_the_exit_code(
    typed: Typed, engines: dict[str, Engine], capsys: pytest.CaptureFixture[str]
) -> None:
    with transaction(engines["poser"]) as session:
        session.execute(text("UPDATE vendors SET name = 'Theirs' WHERE number = '1'"))
    assert typed("batch complete 1") == 0
    assert typed("batch execute 1") == 5
    told = capsys.readouterr()
    assert "1 created, 1 deleted, 1 stale" in told.out
    assert "1 row is left out: their records changed since" in told.err
    assert typed("batch show 1 --outcome stale") == 0
    assert "update Vendor 1: stale, changed since: name" in capsys.readouterr().out
    assert names(engines) == ["Theirs", "Coil"]


def test_a_type_of_an_extension_is_made_approved_by_another_user_and_executed(
    typed: Typed, engines: dict[str, Engine], capsys: pytest.CaptureFixture[str]
) -> None:
    with transaction(engines["poser"]) as session:
        session.add(User(name="berta"))
    assert typed("batch types") == 0
    assert "stickers     Brands of stickers\n" in capsys.readouterr().out
    assert typed("batch make stickers names=Sun+Moon --description Sky") == 0
    assert "batch 1: Sky (stickers), 2 rows, open\n" in capsys.readouterr().out
    assert typed("batch complete 1") == 0
    assert typed("batch execute 1") == 1
    assert "hint: somebody else: `poser batch approve 1`" in capsys.readouterr().err
    assert typed("batch approve 1") == 1
    assert typed("batch approve 1 --as-user bertha") == 1
    assert "this node has no user 'bertha'" in capsys.readouterr().err
    assert typed("batch approve 1 --as-user berta") == 0
    assert typed("batch execute 1") == 0
    with transaction(engines["poser"], read_only=True) as session:
        found = set(session.scalars(text("SELECT name FROM brands")))
    assert found == {"Sun", "Moon"}


@pytest.mark.usefixtures("made")
def test_what_cannot_be_typed_is_said(typed: Typed, capsys: pytest.CaptureFixture[str]) -> None:
    for line, code, says in (
        ("batch show 7", 1, "there is no batch 7"),
        ("batch edit 1 1 name", 2, "'name' is not NAME=VALUE"),
        ("batch edit 1 9 name=x", 1, "batch 1 has no row 9"),
        ("batch edit 1 3 name=x", 1, "row 3 deletes 2: it has no fields to be changed"),
        ("batch make stickets", 1, "did you mean stickers?"),
        ("batch take-out 1 1 99", 1, "batch 1 has no row 99"),
    ):
        capsys.readouterr()
        assert typed(line) == code, line
        assert says in capsys.readouterr().err
    assert typed("batch show 1") == 0
    assert "3 rows, open" in capsys.readouterr().out  # nothing is taken out by half


@pytest.mark.usefixtures("made")
def test_batches_are_deleted_and_purged(
    typed: Typed, engines: dict[str, Engine], capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed("batch complete 1") == 0
    assert typed("batch execute 1") == 0
    assert typed("batch purge --days 0 --dry-run") == 0
    assert "importer     1 would go" in capsys.readouterr().out
    assert typed("batch purge") == 0
    assert "importer     0 deleted" in capsys.readouterr().out
    assert typed("batch delete 1") == 0
    assert names(engines) == ["Acme Ltd", "Coil"]
    assert typed("batch show 1") == 1
