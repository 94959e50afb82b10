# SPDX-License-Identifier: Apache-2.0
"""Long work runs beside the web app: taken at once, stopped when asked, never half-done."""

import os
import signal

import pytest
from sqlalchemy import func, select, text

from poser.db import transaction
from poser.errors import PoserError
from poser.importing.asked import Asked
from poser.importing.runs import asked_as_json
from poser.model import HistoryTransaction, ImportRun, Vendor
from poser.model.tasks import TaskFile, TaskStatus
from poser.tasks import CHANGES, cancel
from poser.tasks.asking import MOST_WAITING
from poser.tasks.queue import claim
from tests.db.tasks.conftest import Node, Service, start, until

pytestmark = pytest.mark.postgresql

CSV = "number,name\n1,Acme\n2,Best\n"


def imports(models: tuple[str, ...] = ("Vendor",), **asked: object) -> dict[str, object]:
    """Say what an import of a CSV file is asked to do."""
    wanted = Asked(models=models, command="a test", **asked)  # type: ignore[arg-type]
    return {"key": "csv", "asked": asked_as_json(wanted)}


def vendors(node: Node) -> int:
    with transaction(node.engine, read_only=True) as session:
        return session.scalar(select(func.count()).select_from(Vendor)) or 0


def test_an_import_is_done_as_who_asked_and_its_file_is_gone(node: Node, service: Service) -> None:
    service.says("READY=1")
    id_ = node.ask("import", imports(comment="new ones"), **{"vendors.csv": CSV})
    task = node.ended(id_)
    assert (task.status, task.message) == (TaskStatus.DONE, "2 rows changed.")
    with transaction(node.engine, read_only=True) as session:
        run = session.scalars(select(ImportRun)).one()
        assert (run.user_name, run.source, run.comment) == ("ada", "vendors.csv", "new ones")
        assert task.path == f"/imports/{run.id}"
        made = session.get_one(HistoryTransaction, run.transaction_ids[0])
        assert made.user_name == "ada"
        assert session.scalar(select(func.count()).select_from(TaskFile)) == 0
    assert vendors(node) == 2
    assert task.progress["step"] in {"reading", "comparing", "checking", "writing"}


def test_an_import_that_the_settings_name_is_done_as_its_timer_does_it(
    node: Node, service: Service
) -> None:
    service.says("READY=1")
    file = node.folder / "vendors.csv"
    file.write_text("number;name\n1;Acme\n2;Best\n3;Cole\n")
    words = f"csv Vendor --from {file} --delimiter ';'"
    with (node.folder / "poser.conf").open("a") as settings:
        settings.write(f"[import]\nschedules = nightly at 03:30: {words}\n")
        settings.write("    wrong at 04:30: csv Vendor --nothing\n")
    task = node.ended(node.ask("import_scheduled", {"name": "nightly"}))
    assert (task.status, task.message) == (TaskStatus.DONE, "3 rows changed.")
    with transaction(node.engine, read_only=True) as session:
        run = session.scalars(select(ImportRun)).one()
        assert (run.user_name, run.asked["schedule"]) == ("ada", "nightly")
    task = node.ended(node.ask("import_scheduled", {"name": "wrong"}))
    assert task.status == TaskStatus.FAILED
    assert "--nothing" in task.message
    assert vendors(node) == 3


def test_what_cannot_be_done_says_why(node: Node, service: Service) -> None:
    service.says("READY=1")
    wrong = node.ask("import", imports(("Nonsense",)), **{"v.csv": CSV})
    unknown = node.ask("dance", {})
    task = node.ended(wrong)
    assert task.status == TaskStatus.FAILED
    assert "Nonsense" in task.message
    task = node.ended(unknown)
    assert task.status == TaskStatus.FAILED
    assert task.hint


def test_an_import_is_taken_back(node: Node, service: Service) -> None:
    service.says("READY=1")
    node.ended(node.ask("import", imports(), **{"vendors.csv": CSV}))
    with transaction(node.engine, read_only=True) as session:
        number = session.scalars(select(ImportRun.number)).one()
    task = node.ended(node.ask("import_revert", {"run": number, "comment": "wrong file"}))
    assert task.status == TaskStatus.DONE
    assert vendors(node) == 0


def test_a_running_task_stops_at_a_safe_point_and_changes_nothing(
    node: Node, service: Service
) -> None:
    service.says("READY=1")
    with node.engine.connect() as holding:
        # The import waits for this lock while it writes; it is asked to stop meanwhile.
        holding.execute(text("LOCK TABLE vendors IN SHARE MODE"))
        id_ = node.ask("import", imports(), **{"vendors.csv": CSV})
        until(lambda: node.task(id_).progress.get("step") == "writing")
        with transaction(node.engine) as session:
            task = session.get_one(type(node.task(id_)), id_)
            assert cancel(session, task)
        holding.rollback()
    task = node.ended(id_)
    assert task.status == TaskStatus.CANCELLED
    assert vendors(node) == 0
    with transaction(node.engine, read_only=True) as session:
        assert session.scalars(select(ImportRun.status)).one() == "interrupted"


def test_a_task_whose_process_is_killed_has_failed_and_nothing_is_half_done(
    node: Node, service: Service
) -> None:
    service.says("READY=1")
    with node.engine.connect() as holding:
        holding.execute(text("LOCK TABLE vendors IN SHARE MODE"))
        id_ = node.ask("import", imports(), **{"vendors.csv": CSV})
        until(lambda: node.task(id_).progress.get("step") == "writing")
        for child in service.children():
            os.kill(child, signal.SIGKILL)
        task = node.ended(id_)
        holding.rollback()
    assert task.status == TaskStatus.FAILED
    assert "Its program ended" in task.message
    assert vendors(node) == 0
    # Its successor takes the next one.
    assert node.ended(node.ask("import", imports(), **{"v.csv": CSV})).status == TaskStatus.DONE


def test_a_task_that_a_dead_service_left_behind_is_found(node: Node) -> None:
    id_ = node.ask("import", imports(), **{"vendors.csv": CSV})
    with transaction(node.engine) as session:
        assert claim(session) == id_
        assert claim(session) is None
    service = start(node)
    try:
        assert node.ended(id_).status == TaskStatus.FAILED
    finally:
        assert service.stop() == 0
        service.line.close()


def test_what_waits_is_stopped_at_once_and_what_ended_is_not(node: Node) -> None:
    id_ = node.ask("import", imports(), **{"vendors.csv": CSV})
    with transaction(node.engine) as session:
        task = session.get_one(type(node.task(id_)), id_)
        assert cancel(session, task)
        assert task.status == TaskStatus.CANCELLED
        assert not cancel(session, task)
        assert claim(session) is None


def test_nobody_fills_the_queue(node: Node) -> None:
    for _ in range(MOST_WAITING):
        node.ask("dance", {})
    with pytest.raises(PoserError, match="waiting already"):
        node.ask("dance", {})


def test_large_files_are_kept_in_pieces_and_put_together(node: Node, service: Service) -> None:
    lines = "".join(f"{n},Vendor {n} {'x' * 80}\n" for n in range(1, 25_001))
    id_ = node.ask("import", imports(), **{"vendors.csv": "number,name\n" + lines})
    with transaction(node.engine, read_only=True) as session:
        assert (session.scalar(select(func.count()).select_from(TaskFile)) or 0) >= 2
    service.says("READY=1")
    assert node.ended(id_).message == "25,000 rows changed."


def test_changes_of_a_task_are_told(node: Node, service: Service) -> None:
    service.says("READY=1")
    with node.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as listening:
        listening.execute(text(f"LISTEN {CHANGES}"))
        id_ = node.ask("import", imports(), **{"vendors.csv": CSV})
        node.ended(id_)
        driver = listening.connection.driver_connection
        assert driver is not None
        driver.poll()
        assert f"task {id_}" in [one.payload for one in driver.notifies]


def test_the_service_stops_when_it_is_told(service: Service) -> None:
    service.says("READY=1")
    assert service.stop() == 0
