# SPDX-License-Identifier: Apache-2.0
"""Going on with a run that was interrupted or failed after its source was read."""

from collections.abc import Mapping
from time import monotonic
from uuid import UUID

from sqlalchemy import Engine, delete, text
from sqlalchemy.orm import Session

from poser.errors import PoserError
from poser.importing import runs
from poser.importing.asked import Asked
from poser.importing.concluding import conclude
from poser.importing.parts import Part
from poser.importing.result import ModelResult, RunResult, RunStatus
from poser.importing.running import connected, locked, recorded
from poser.importing.staging import stage_of
from poser.importing.watching import Watch, unwatched
from poser.model.importing import ImportRefusal, ImportRun

_ENDED = {RunStatus.FAILED, RunStatus.INTERRUPTED, RunStatus.RUNNING}


def resume(number: int, engines: Mapping[str, Engine], watch: Watch = unwatched) -> RunResult:
    """Go on with a run from its staging tables, as it was asked to be; its source is not read.

    What changed in the database meanwhile is compared anew. Raises PoserError for a run that
    cannot be resumed, and Unavailable while it still runs.
    """
    with connected(engines["poser"]) as session:
        key = runs.by_number(session, number).key
        session.rollback()
        with locked(session, key):
            run = runs.by_number(session, number)
            session.refresh(run)
            parts = _parts(session, run)
            asked = runs.asked_from(run.asked)
            written = {one["model"]: ModelResult(**one) for one in run.counts}
            result = _again(session, run)
            began = monotonic()
            with recorded(session, result):
                conclude(session, parts, asked, result, watch, already=written)
            result.seconds = monotonic() - began
            return result


def asked_of(session: Session, number: int) -> Asked:
    """Give what a run was asked to do."""
    return runs.asked_from(runs.by_number(session, number).asked)


def _parts(session: Session, run: ImportRun) -> list[Part]:
    """Give the parts of a run. Raises PoserError when nothing of it can be resumed."""
    if RunStatus(run.status) not in _ENDED:
        raise PoserError(
            f"run {run.number} is {run.status}", hint="only what was cut off can be resumed"
        )
    parts = runs.parts_of(run)
    for part in parts:
        found = session.execute(
            text("SELECT to_regclass(:stage) IS NOT NULL"), {"stage": stage_of(part)}
        ).scalar_one()
        # After a crash of the server tables that are not logged are empty.
        if (
            not found
            or not session.execute(
                text(f"SELECT EXISTS (SELECT FROM {stage_of(part)})")  # noqa: S608 - quoted
            ).scalar_one()
        ):
            parts = []
            break
    if not parts:
        raise PoserError(
            f"nothing is left of what run {run.number} had read",
            hint=f"run it again: poser import {run.key}",
        )
    return parts


def _again(session: Session, run: ImportRun) -> RunResult:
    """Set a run back to when its source was read; what it has written is counted already."""
    stage = run.stage or {}
    session.execute(
        delete(ImportRefusal).where(
            ImportRefusal.run_id == run.id, ImportRefusal.id > UUID(stage["refusals_upto"])
        )
    )
    run.status = RunStatus.RUNNING
    run.counts = stage["counts"]
    run.notes = [*stage["notes"], "resumed"]
    run.why = run.hint = ""
    session.commit()
    result = runs.result_of(run)
    result.models = [ModelResult(**one) for one in stage["counts"]]
    return result
