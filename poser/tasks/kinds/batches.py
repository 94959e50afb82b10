# SPDX-License-Identifier: Apache-2.0
"""Executing a batch, and taking back what that did."""

from poser.batch.batch_type import BatchType
from poser.batch.executing import execute, undo
from poser.batch.found import batch_type
from poser.batch.moving import by_number
from poser.db import transaction
from poser.extensions.models import load_models
from poser.model.tasks import TaskStatus
from poser.tasks.work import Came, Work


def run(work: Work) -> Came:
    """Execute a batch once, all of it or nothing."""
    number, type_ = _batch(work)

    def watch(done: int, total: int | None) -> None:
        work.tell({"step": "executing", "done": done, "total": total, "unit": "rows"})

    try:
        executed = execute(work.engines["poser"], type_, number, watch)
    except KeyboardInterrupt:
        return Came(
            status=TaskStatus.CANCELLED,
            message="It was stopped. Nothing of it was kept.",
            path=work.params["path"],
        )
    counts = ", ".join(f"{count:,} {word}" for word, count in executed.counts.items() if count)
    return Came(message=f"{counts or 'Nothing changed'}.", path=work.params["path"])


def take_back(work: Work) -> Came:
    """Take back what executing a batch did, whole or not at all."""
    number, type_ = _batch(work)
    restored = undo(work.engines["poser"], type_, number)
    return Came(
        message=f"{restored:,} {'record was' if restored == 1 else 'records were'} restored.",
        path=work.params["path"],
    )


WORK = {"batch_execute": run, "batch_undo": take_back}


def _batch(work: Work) -> tuple[int, BatchType]:
    load_models(work.extensions)
    number = int(work.params["batch"])
    with transaction(work.engines["poser"], read_only=True) as session:
        key = by_number(session, number).key
    return number, batch_type(key, work.extensions)
