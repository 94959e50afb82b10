# SPDX-License-Identifier: Apache-2.0
"""A POS log is imported by a handler, as a run that is recorded like any other."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from poser.cli.app import run as typed
from poser.db import transaction
from poser.importing.asked import Asked
from poser.importing.result import RunResult, RunStatus
from poser.importing.running import run
from poser.importing.showing import changes_of, refusals_of, shown
from poser.importing.sources.poslog import PosLog
from poser.model import ImportRun
from tests.support.extended import CHECKOUT
from tests.support.importers import rows
from tests.support.poslog import log, sale

pytestmark = pytest.mark.postgresql


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give the path of a log: one entry is whole, one has a price that is none."""
    path = tmp_path / "log.xml"
    path.write_text(log(sale(1), sale(2).replace(">2.50<", ">x<")), encoding="utf-8")
    return path


def bring(path: Path, engines: dict[str, Engine], **asked: object) -> RunResult:
    return run(PosLog(), Asked(where=str(path), **asked), engines)  # type: ignore[arg-type] # by name


def test_the_handler_is_one_short_page() -> None:
    page = CHECKOUT / "poser/importing/sources/poslog.py"
    assert len(page.read_text(encoding="utf-8").splitlines()) < 80


def test_a_log_is_a_run_with_its_counts_its_changes_and_what_it_kept_aside(
    path: Path, engines: dict[str, Engine]
) -> None:
    result = bring(path, engines, comment="first evening")
    assert (result.status, result.why) == (RunStatus.DONE, "")
    counts = {one.model: (one.created, one.refused) for one in result.models}
    assert counts["Product"] == (1, 0)
    assert counts["PosTransaction"] == (1, 1)
    with transaction(engines["poser"], read_only=True) as session:
        kept = session.scalars(select(ImportRun)).one()
        assert (kept.key, kept.status, kept.source) == ("poslog", "done", str(path))
        assert len(kept.transaction_ids) == 1
        changes = [(one.model, one.kind) for one in changes_of(session, shown(session, kept))]
        assert {"Store", "Department", "Product", "ProductPrice"} == {name for name, _ in changes}
        (refusal,) = refusals_of(session, shown(session, kept))
        assert (refusal.place, refusal.value) == (3, "x")
        assert "transaction 9/1/2026-11-20/2" in refusal.reason
    made = rows(
        engines["poser"],
        "SELECT source, via, comment FROM history_transactions ORDER BY id DESC LIMIT 1",
    )
    assert made == [("import", f"import poslog run {result.number}", "first evening")]


def test_a_dry_run_says_so_and_writes_nothing_but_its_record(
    path: Path, engines: dict[str, Engine]
) -> None:
    result = bring(path, engines, dry_run=True)
    assert (result.status, result.changes > 0) == (RunStatus.DRY, True)
    assert rows(engines["poser"], "SELECT count(*) FROM products") == [(0,)]
    assert rows(engines["trainwreck"], "SELECT count(*) FROM pos_transactions") == [(0,)]
    assert rows(engines["poser"], "SELECT status, transaction_ids FROM import_runs") == [
        ("dry", [])
    ]


def test_a_log_that_breaks_off_is_a_failed_run_that_says_what_is_in(
    path: Path, engines: dict[str, Engine]
) -> None:
    path.write_text(log(sale(1), sale(2))[:-60], encoding="utf-8")
    result = bring(path, engines)
    assert result.status is RunStatus.FAILED
    assert "the 1 POS transactions before that are in" in result.why
    (kept,) = rows(
        engines["poser"], "SELECT status, why, cardinality(transaction_ids) FROM import_runs"
    )
    assert kept == ("failed", result.why, 1)


def test_a_log_that_is_not_there_is_a_failed_run(
    tmp_path: Path, engines: dict[str, Engine]
) -> None:
    result = bring(tmp_path / "nothing.xml", engines)
    assert result.status is RunStatus.FAILED
    assert "No such file" in result.why


def test_the_command_records_a_run_for_each_log(
    path: Path, config: Path, engines: dict[str, Engine], capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["-c", str(config), "import", "poslog", "--system", "till", str(path), str(path)]
    assert typed(words) == 5
    assert "1 POS transactions new" in capsys.readouterr().out
    said = rows(
        engines["poser"], "SELECT number, command, asked -> 'options' -> 0 FROM import_runs"
    )
    assert [(number, option) for number, _, option in said] == [
        (1, ["system", "till"]),
        (2, ["system", "till"]),
    ]
    assert all("import poslog --system till" in str(command) for _, command, _ in said)
    assert typed(["-c", str(config), "import", "list"]) == 0
    assert "poslog" in capsys.readouterr().out
