# SPDX-License-Identifier: Apache-2.0
"""Runs are kept while they can be taken back, and for a time; upkeep lets go of the others."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from poser.cli.app import run as poser
from poser.importing.asked import Asked
from poser.importing.reverting import revert
from tests.support.importers import Vendors, imported, rows, vendors
from tests.support.postgresql import OWNER

pytestmark = pytest.mark.postgresql

Upkeep = Callable[[], int]

NUMBERS = "SELECT number FROM import_runs ORDER BY number"


@pytest.fixture
def upkeep(config: Path, tmp_path: Path) -> Upkeep:
    """Give a function that types `poser db upkeep` as the owner of the databases does."""
    path = tmp_path / "owner.conf"
    path.write_text(config.read_text(encoding="utf-8").replace("//poser@", f"//{OWNER}@"))
    return lambda: poser(["-c", str(path), "db", "upkeep", "poser"])


def aged(engine: Engine, days: int, *numbers: int) -> None:
    """Let runs have ended so many days ago."""
    with engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE import_runs SET ended_at = now() - make_interval(days => :days)"
                " WHERE number = ANY (:numbers)"
            ),
            {"days": days, "numbers": list(numbers)},
        )


def test_old_runs_go_but_not_those_that_can_be_taken_back(
    engines: dict[str, Engine], upkeep: Upkeep, capsys: pytest.CaptureFixture[str]
) -> None:
    db = engines["poser"]
    done = imported(db, Vendors, vendors("Acme")).number
    dry = imported(db, Vendors, vendors("Ace"), Asked(dry_run=True)).number
    young = imported(db, Vendors, vendors("Ace"), Asked(dry_run=True)).number
    taken = imported(db, Vendors, vendors("Ace")).number
    back = revert(taken, {"poser": db}).number
    batch = imported(db, Vendors, vendors("Ace"), Asked(make_batch=True)).number
    nothing = imported(db, Vendors, vendors("Acme")).number
    aged(db, 401, done, dry, taken, back, batch, nothing)
    aged(db, 399, young)
    assert upkeep() == 0
    assert "runs of importers that are old: 3" in capsys.readouterr().out
    assert rows(db, NUMBERS) == [(done,), (young,), (back,), (batch,)]
    assert rows(db, "SELECT count(*) FROM import_changes WHERE run_id NOT IN"
                    " (SELECT id FROM import_runs)") == [(0,)]  # fmt: skip
    assert revert(done, {"poser": db}).changes == 1


def test_a_run_goes_when_its_history_is_gone(engines: dict[str, Engine], upkeep: Upkeep) -> None:
    db = engines["poser"]
    done = imported(db, Vendors, vendors("Acme")).number
    aged(db, 401, done)
    with db.begin() as connection:
        connection.execute(text("UPDATE import_runs SET transaction_ids = ARRAY[uuid7()]"))
    assert upkeep() == 0
    assert rows(db, NUMBERS) == []


def test_how_long_is_a_setting(engines: dict[str, Engine], upkeep: Upkeep) -> None:
    db = engines["poser"]
    dry = imported(db, Vendors, vendors("Acme"), Asked(dry_run=True)).number
    aged(db, 20, dry)
    assert upkeep() == 0
    assert rows(db, NUMBERS) == [(dry,)]
    with db.begin() as connection:
        connection.execute(
            text("INSERT INTO settings (name, value) VALUES ('import.keep_days', '19')")
        )
    assert upkeep() == 0
    assert rows(db, NUMBERS) == []


def test_upkeep_lets_go_of_batches_that_are_over(
    engines: dict[str, Engine], config: Path, upkeep: Upkeep, capsys: pytest.CaptureFixture[str]
) -> None:
    db = engines["poser"]
    imported(db, Vendors, vendors("Acme"), Asked(make_batch=True))
    for word in ("complete", "execute"):
        assert poser(["-c", str(config), "batch", word, "1"]) == 0
    assert upkeep() == 0
    assert "batches that are over: 0" in capsys.readouterr().out
    with db.begin() as connection:
        connection.execute(text("UPDATE batches SET executed_at = now() - interval '91 days'"))
    assert upkeep() == 0
    assert "batches that are over: 1" in capsys.readouterr().out
    assert rows(db, "SELECT count(*) FROM batches") == [(0,)]
