# SPDX-License-Identifier: Apache-2.0
"""Running an import, taking one back, and going on with one that was cut off."""

from dataclasses import replace

from sqlalchemy import select

from poser.db import transaction
from poser.errors import PoserError
from poser.extensions.models import load_models
from poser.importing import runs
from poser.importing.asked import Asked
from poser.importing.found import found, handler
from poser.importing.result import RunResult, RunStatus
from poser.importing.resuming import resume
from poser.importing.reverting import revert
from poser.importing.running import run
from poser.importing.schedules import named
from poser.importing.watching import Progress, Watch
from poser.model.importing import ImportRun
from poser.model.tasks import TaskStatus
from poser.tasks.work import Came, Work

PATH = "/imports"
_FINE = (RunStatus.DONE, RunStatus.DRY, RunStatus.BATCH, RunStatus.REVERTED)


def start(work: Work) -> Came:
    """Run an import handler as it is asked to, on the file that came with the task."""
    key = work.params["key"]
    asked = runs.asked_from(work.params["asked"])
    for name in work.files:
        asked = replace(asked, where=name)
    made = handler(key, work.extensions)()
    try:
        result = run(made, asked, work.engines, _watch(work))
    except KeyboardInterrupt:
        return _stopped(work, key)
    return _came(result)


def scheduled(work: Work) -> Came:
    """Run an import that the settings name, as its timer does."""
    from poser.importing.words import asked_by_words  # noqa: PLC0415 - slow

    load_models(work.extensions)
    schedule = named(work.config, work.params["name"])
    key, *words = schedule.words
    listed = found(work.extensions)
    if key not in listed:
        raise PoserError(f"import {schedule.name}: there is no import handler {key!r}")
    asked = asked_by_words(listed[key], words, schedule=schedule.name)
    try:
        return _came(run(listed[key].load()(), asked, work.engines, _watch(work)))
    except KeyboardInterrupt:
        return _stopped(work, key)


def take_back(work: Work) -> Came:
    """Take back what a run changed."""
    load_models(work.extensions)
    asked = Asked(comment=work.params.get("comment", ""), command="taken back in the web app")
    number = work.params["run"]
    try:
        return _came(revert(number, work.engines, _watch(work), asked))
    except KeyboardInterrupt:
        return Came(status=TaskStatus.CANCELLED, message="It was stopped. Nothing was taken back.")


def go_on(work: Work) -> Came:
    """Go on with a run whose source is read already."""
    load_models(work.extensions)
    try:
        return _came(resume(work.params["run"], work.engines, _watch(work)))
    except KeyboardInterrupt:
        return Came(
            status=TaskStatus.CANCELLED,
            message="It was stopped. Nothing of what it did now was kept.",
        )


WORK = {
    "import": start,
    "import_scheduled": scheduled,
    "import_revert": take_back,
    "import_resume": go_on,
}


def _watch(work: Work) -> Watch:
    def watch(progress: Progress) -> None:
        work.tell(
            {
                "step": progress.step,
                "model": progress.model,
                "done": progress.done,
                "total": progress.total,
                "unit": progress.unit,
                "records": progress.records,
            }
        )

    return watch


def _came(result: RunResult) -> Came:
    path = f"{PATH}/{result.run_id}"
    if result.status not in _FINE:
        return Came(status=TaskStatus.FAILED, message=result.why, hint=result.hint, path=path)
    verb = "would change" if result.status in {RunStatus.DRY, RunStatus.BATCH} else "changed"
    message = f"{_count(result.changes, 'row', 'rows')} {verb}"
    if result.refused:
        message += f", {_count(result.refused, 'record', 'records')} kept aside"
    if len(result.batches) == 1:
        path = f"/batches/{result.batches[0]}"
    return Came(message=f"{message}.", path=path)


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _stopped(work: Work, key: str) -> Came:
    """Say that a run was stopped, and find its record: it is the newest of its handler."""
    newest = select(ImportRun.id).where(ImportRun.key == key).order_by(ImportRun.number.desc())
    with transaction(work.engines["poser"], read_only=True) as session:
        id_ = session.scalars(newest.limit(1)).first()
    return Came(
        status=TaskStatus.CANCELLED,
        message="It was stopped. Nothing was changed.",
        path=f"{PATH}/{id_}" if id_ else "",
    )
