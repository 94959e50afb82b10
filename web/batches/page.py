# SPDX-License-Identifier: Apache-2.0
"""The page of a batch: how far it is, its rows to review, and one sentence of what it will do."""

import logging
from uuid import UUID

import falcon
from sqlalchemy import select
from sqlalchemy.orm import Session

from poser.batch.batch_type import BatchType
from poser.errors import PoserError
from poser.model.batches import Batch, BatchExecution, BatchStatus
from poser.model.importing import ImportRun
from poser.model.tasks import Task, TaskStatus
from web.batches import rights
from web.batches.rows import (
    ALL,
    PAGE,
    PROBLEMS,
    REMOVED,
    Counts,
    counts_of,
    page_of,
    shown_rows,
    tabs_of,
)
from web.batches.words import STATUS, STEPS, sentence, step_of
from web.formats import count
from web.language import _, several
from web.showing import show
from web.site import Site
from web.urls import with_query
from web.visits import Visit, visit

log = logging.getLogger(__name__)

PATH = "/batches"
_EXECUTABLE = (BatchStatus.OPEN, BatchStatus.COMPLETE, BatchStatus.APPROVED, BatchStatus.FAILED)


class BatchPage:
    """Falcon resource: one batch."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, key: UUID) -> None:
        """Show it with a page of its rows."""
        here = visit(req)
        here.place = PATH
        session = here.read()
        batch = found_batch(session, key)
        type_ = type_of(here.site, batch)
        counts = counts_of(session, type_, batch)
        chosen = _tab(req, counts)
        after = req.get_param_as_int("after", min_value=0, default=0)
        rows = page_of(session, type_, batch, chosen, after)
        base = f"{PATH}/{batch.id}"
        word, css = STATUS[BatchStatus(batch.status)]
        last = rows[-1].number if len(rows) == PAGE else 0
        show(
            req,
            resp,
            "batch.pt",
            title=_("Batch {number}").format(number=batch.number),
            batch=batch,
            base=base,
            kind=type_.title if type_ else batch.key,
            status=_(word),
            status_css=css,
            steps=[_(step) for step in STEPS],
            step=step_of(batch.status),
            created=here.moment(batch.created_at),
            executed=here.moment(batch.executed_at),
            sentence=sentence(counts.by_status, counts.removed),
            tabs=tabs_of(base, type_, counts, chosen),
            rows=shown_rows(here, type_, batch, rows),
            chosen=chosen,
            next_page=with_query(base, [("show", chosen), ("after", str(last))]) if last else None,
            first_page=with_query(base, [("show", chosen)]) if after else None,
            may=_may(here, session, type_, batch, counts),
            executions=_executions(here, session, batch),
            task=_running(session, batch),
            aside=_aside(session, batch),
        )


def found_batch(session: Session, key: UUID) -> Batch:
    """Find a batch. Raises falcon.HTTPNotFound."""
    batch = session.get(Batch, key)
    if batch is None:
        raise falcon.HTTPNotFound
    return batch


def type_of(site: Site, batch: Batch) -> BatchType | None:
    """Find the type of a batch; None when no program here knows it any more."""
    from poser.batch.found import batch_type  # noqa: PLC0415 - types load what they import
    from poser.extensions.configured import extensions  # noqa: PLC0415

    try:
        return batch_type(batch.key, extensions(site.config))
    except PoserError as error:
        log.warning("batch of an unknown type", extra={"key": batch.key, "reason": str(error)})
        return None


def _tab(req: falcon.Request, counts: Counts) -> str:
    """Say which rows are shown: what is asked for, else problems where there are any."""
    asked = req.get_param("show") or ""
    if asked in {ALL, PROBLEMS, REMOVED, *counts.by_status}:
        return asked
    return PROBLEMS if counts.problems else ALL


def _may(
    here: Visit, session: Session, type_: BatchType | None, batch: Batch, counts: Counts
) -> dict[str, bool]:
    """Tell which buttons this visitor gets for a batch as it is."""
    is_known = type_ is not None
    status = batch.status
    needs = type_ is not None and type_.needs_approval(session, batch)
    is_approved = bool(batch.approved_by_id or batch.approved_by_name)
    can_execute = is_known and status in _EXECUTABLE and counts.rows > 0
    return {
        "edit": is_known and status == BatchStatus.OPEN and here.visitor.may(rights.EDIT),
        "execute": can_execute
        and not (needs and not is_approved)
        and here.visitor.may(rights.EXECUTE),
        "freeze": can_execute
        and needs
        and status == BatchStatus.OPEN
        and here.visitor.may(rights.EDIT),
        "approve": needs
        and not is_approved
        and status == BatchStatus.COMPLETE
        and here.visitor.may(rights.APPROVE),
        "reopen": status in {BatchStatus.COMPLETE, BatchStatus.APPROVED, BatchStatus.FAILED}
        and here.visitor.may(rights.EDIT),
        "undo": type_ is not None
        and type_.can_undo
        and status == BatchStatus.EXECUTED
        and here.visitor.may(rights.UNDO),
        "delete": status not in {BatchStatus.EXECUTING, BatchStatus.POPULATING}
        and here.visitor.may(rights.DELETE),
    }


def _executions(here: Visit, session: Session, batch: Batch) -> list[dict[str, object]]:
    """Give the executions of a batch, oldest first."""
    wanted = select(BatchExecution).where(BatchExecution.batch_id == batch.id)
    return [
        {
            "at": here.moment(one.began_at),
            "who": one.user_name,
            "why": one.why,
            "counts": ", ".join(f"{n:,} {word}" for word, n in one.counts.items() if n),
            "notes": one.notes,
        }
        for one in session.scalars(wanted.order_by(BatchExecution.began_at))
    ]


def _aside(session: Session, batch: Batch) -> str:
    """Say how many records its import kept aside, which are no rows of it; empty for none."""
    if not batch.params.get("run_id"):
        return ""
    wanted = select(ImportRun.counts).where(ImportRun.id == batch.params["run_id"])
    many = sum(int(one.get("refused", 0)) for one in session.scalar(wanted) or ())
    if not many:
        return ""
    return several(
        many,
        "{count} record was kept aside by the import and is not among these rows.",
        "{count} records were kept aside by the import and are not among these rows.",
    ).format(count=count(many))


def _running(session: Session, batch: Batch) -> UUID | None:
    """Find the task that works on a batch just now."""
    wanted = select(Task.id).where(
        Task.status.in_([TaskStatus.WAITING, TaskStatus.RUNNING]),
        Task.kind.in_(["batch_execute", "batch_undo"]),
        Task.params["batch"].as_integer() == batch.number,
    )
    return session.scalars(wanted.limit(1)).one_or_none()
