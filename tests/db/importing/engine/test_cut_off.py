# SPDX-License-Identifier: Apache-2.0
"""A run that is cut off changes nothing, or whole slices, and goes on from where it was."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, text

from poser.db import engine as connect
from poser.db.base import Model
from poser.db.upkeep import keep_up
from poser.errors import ImportFailed, PoserError
from poser.importing.asked import Asked
from poser.importing.result import RunStatus
from poser.importing.resuming import resume
from poser.importing.running import run
from poser.importing.watching import Progress, Step
from tests.support.importers import Codes, Vendors, counts, imported, rows, vendors
from tests.support.importing import handler
from tests.support.postgresql import Server

pytestmark = pytest.mark.postgresql

NAMES = [f"Vendor {n}" for n in range(20)]
ALL = "SELECT count(*) FROM vendors"
STAGES = "SELECT relname FROM pg_class WHERE relnamespace = 'importing'::regnamespace"


@contextmanager
def locked(engine: Engine, table: str) -> Iterator[None]:
    """Hold a table as a migration would."""
    with engine.connect() as other:
        other.execute(text(f"LOCK TABLE {table} IN SHARE MODE"))
        yield


class Interruption:
    """Watches a run and interrupts it at a step, as Ctrl-C would."""

    def __init__(self, step: Step, *, after: int = 0) -> None:
        self._step = step
        self._after = after

    def __call__(self, progress: Progress) -> None:
        if progress.step is self._step and progress.done >= self._after:
            raise KeyboardInterrupt


def test_a_source_that_dies_half_way_changes_nothing(poser_db: Engine) -> None:
    dies = ImportFailed("the line broke at row 3", hint="try again")
    done = imported(poser_db, Vendors, vendors(*NAMES), breaks=dies)
    assert (done.status, done.why, done.hint) == (
        RunStatus.FAILED, "the line broke at row 3", "try again",
    )  # fmt: skip
    assert rows(poser_db, ALL) == [(0,)]
    assert rows(poser_db, STAGES) == []


def test_an_interruption_while_writing_changes_nothing_and_the_run_is_resumed(
    poser_db: Engine,
) -> None:
    source = handler({"vendors": vendors(*NAMES, "")}, Vendors)
    with pytest.raises(KeyboardInterrupt):
        run(source, Asked(), {"poser": poser_db}, Interruption(Step.WRITING))
    assert rows(poser_db, ALL) == [(0,)]
    assert rows(poser_db, "SELECT number, status FROM import_runs") == [(1, "interrupted")]
    assert len(rows(poser_db, STAGES)) == 1
    done = resume(1, {"poser": poser_db})
    assert (done.number, done.status) == (1, RunStatus.DONE)
    assert counts(done) == {"created": 20, "refused": 1}
    assert rows(poser_db, ALL) == [(20,)]
    assert rows(poser_db, "SELECT count(*) FROM import_refusals") == [(1,)]
    assert rows(poser_db, STAGES) == []
    with pytest.raises(PoserError, match="run 1 is done"):
        resume(1, {"poser": poser_db})


def test_an_interruption_while_reading_leaves_nothing(poser_db: Engine) -> None:
    source = handler({"vendors": vendors(*NAMES)}, Vendors)
    with pytest.raises(KeyboardInterrupt):
        run(source, Asked(), {"poser": poser_db}, Interruption(Step.READING))
    assert rows(poser_db, STAGES) == []
    with pytest.raises(PoserError, match="nothing is left") as error:
        resume(1, {"poser": poser_db})
    assert error.value.hint == "run it again: poser import test"


def test_slices_that_were_committed_stay_and_the_rest_follows(poser_db: Engine) -> None:
    source = handler({"vendors": vendors(*NAMES, "")}, Vendors)
    with pytest.raises(KeyboardInterrupt):
        run(source, Asked(batch_size=6), {"poser": poser_db}, Interruption(Step.WRITING, after=12))
    assert rows(poser_db, ALL) == [(12,)]
    ((counted, ids),) = rows(poser_db, "SELECT counts, transaction_ids FROM import_runs")
    assert (counted[0]["created"], len(ids)) == (12, 2)
    done = resume(1, {"poser": poser_db})
    assert done.status is RunStatus.DONE
    assert counts(done) == {"created": 20, "refused": 1}
    assert rows(poser_db, "SELECT count(*) FROM import_refusals") == [(1,)]
    assert rows(poser_db, ALL) == [(20,)]
    ((ids,),) = rows(poser_db, "SELECT transaction_ids FROM import_runs")
    made = rows(
        poser_db,
        "SELECT count(*), count(DISTINCT transaction_id) FROM versions"
        " WHERE transaction_id IN (SELECT id FROM history_transactions WHERE source = 'import')",
    )
    assert (len(ids), made) == (4, [(20, 4)])


def test_slices_keep_a_refused_record_aside_and_go_on(poser_db: Engine) -> None:
    imported(poser_db, Codes, [{"item_number": "x", "description": "X", "gtin": "4006381333931"}])
    records = [
        {"item_number": str(n), "description": "Milk", "gtin": "4006381333931" if n == 3 else ""}
        for n in range(10)
    ]
    done = imported(poser_db, Codes, records, Asked(batch_size=4))
    assert counts(done) == {"created": 9, "refused": 1}


def test_a_locked_table_gives_one_clear_error_and_nothing_is_written(
    poser_db: Engine, postgresql: Server
) -> None:
    assert poser_db.url.database
    impatient = connect(postgresql.url(poser_db.url.database), pool_size=1, lock_timeout_ms=200)
    with locked(poser_db, "vendors"):
        done = imported(impatient, Vendors, vendors(*NAMES))
    assert done.status is RunStatus.FAILED
    assert "locked by somebody else" in done.why
    assert "nothing is written" in done.hint
    assert counts(done) == {}
    assert rows(poser_db, ALL) == [(0,)]
    assert counts(resume(1, {"poser": impatient})) == {"created": 20}
    impatient.dispose()


def test_a_row_that_is_changed_meanwhile_is_compared_again(poser_db: Engine) -> None:
    imported(poser_db, Vendors, vendors(*NAMES))
    changed = [f"New {name}" for name in NAMES]
    times: list[Step] = []

    def meddle(progress: Progress) -> None:
        times.append(progress.step)
        if progress.step is Step.WRITING and times.count(Step.WRITING) == 1:
            with poser_db.begin() as other:
                other.execute(text("UPDATE vendors SET name = 'New Vendor 0' WHERE number = '1'"))

    source = handler({"vendors": vendors(*changed)}, Vendors)
    done = run(source, Asked(), {"poser": poser_db}, meddle)
    assert done.status is RunStatus.DONE
    assert counts(done) == {"updated": 19, "unchanged": 1}
    assert times.count(Step.COMPARING) == 2


def test_a_server_that_dies_while_writing_changes_nothing(
    poser_db: Engine, postgresql: Server
) -> None:
    name = str(poser_db.url.database)

    def kill(progress: Progress) -> None:
        if progress.step is Step.WRITING:
            thread = threading.Thread(target=postgresql.end_connections, args=(name,))
            thread.start()
            thread.join()

    source = handler({"vendors": vendors(*NAMES)}, Vendors)
    done = run(source, Asked(), {"poser": poser_db}, kill)
    assert done.status is RunStatus.FAILED
    assert done.why.startswith("the database went away")
    poser_db.dispose()
    assert rows(poser_db, ALL) == [(0,)]
    assert counts(resume(1, {"poser": poser_db})) == {"created": 20}


def test_a_run_that_died_is_noticed_by_the_next(poser_db: Engine) -> None:
    with poser_db.begin() as connection:
        connection.execute(text("INSERT INTO import_runs (key, status) VALUES ('test', 'running')"))
    imported(poser_db, Vendors, vendors("Acme"))
    assert rows(poser_db, "SELECT status FROM import_runs ORDER BY number") == [
        ("interrupted",),
        ("done",),
    ]


def test_staging_tables_that_nobody_resumed_are_swept(poser_db: Engine, postgresql: Server) -> None:
    source = handler({"vendors": vendors(*NAMES)}, Vendors)
    with pytest.raises(KeyboardInterrupt):
        run(source, Asked(), {"poser": poser_db}, Interruption(Step.WRITING))
    owner = postgresql.owner_url(str(poser_db.url.database))
    swept = "staging tables that nobody resumed"
    assert keep_up("poser", owner, Model.metadata).steps[swept] == 0
    assert len(rows(poser_db, STAGES)) == 1
    with poser_db.begin() as connection:
        connection.execute(text("UPDATE import_runs SET began_at = now() - interval '8 days'"))
    assert keep_up("poser", owner, Model.metadata).steps[swept] == 1
    assert rows(poser_db, STAGES) == []
    with pytest.raises(PoserError, match="nothing is left"):
        resume(1, {"poser": poser_db})
