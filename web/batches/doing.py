# SPDX-License-Identifier: Apache-2.0
"""What buttons of a batch's page do: each a POST, each says what came of it on the next page."""

from collections.abc import Callable, Container, Mapping
from uuid import UUID

import falcon
from sqlalchemy import select
from sqlalchemy.orm import Session

from poser.batch import moving, purging
from poser.batch.batch_type import BatchType
from poser.batch.rows import change, held_row, take_out
from poser.db import transaction
from poser.errors import PoserError
from poser.model.batches import Batch, BatchRow, BatchStatus
from poser.tasks import ask
from web.batches.page import PATH, found_batch, type_of
from web.batches.rows import editable_names, shown_rows, text_of
from web.flash import flash
from web.language import _
from web.showing import show
from web.site import Site
from web.tasks.page import PATH as TASKS
from web.visits import visit

Step = Callable[[Session, BatchType, Batch], str]
"""Does something with a batch and says what; an address instead of words is gone to."""


class Do:
    """Falcon resource: one button of a batch."""

    def __init__(self, site: Site, step: Step) -> None:
        self._site = site
        self._step = step

    def on_post(self, req: falcon.Request, resp: falcon.Response, key: UUID) -> None:
        """Do it, unless the batch is not as the page had it, and go on from there."""
        resp.status, resp.location = falcon.HTTP_SEE_OTHER, f"{PATH}/{key}"
        try:
            with transaction(self._site.engines["poser"]) as session:
                batch = found_batch(session, key)
                type_ = _known(self._site, batch)
                seen = req.context.form.get("edits", "")
                moving.held(session, batch.number, int(seen) if seen.isdecimal() else None)
                said = self._step(session, type_, batch)
        except PoserError as error:
            flash(resp, _words(error))
            return
        if said.startswith("/"):
            resp.location = said
        elif said:
            flash(resp, said)


def freeze(session: Session, type_: BatchType, batch: Batch) -> str:
    """Freeze a batch, for somebody to approve."""
    moving.complete(session, type_, batch)
    return _("The batch is frozen. It can be executed when somebody has approved it.")


def approve(session: Session, type_: BatchType, batch: Batch) -> str:
    """Approve a batch."""
    moving.approve(session, type_, batch)
    return _("The batch is approved.")


def reopen(session: Session, _type: BatchType, batch: Batch) -> str:
    """Let people work on a batch again."""
    moving.reopen(session, batch)
    return _("The batch can be changed again.")


def delete(session: Session, _type: BatchType, batch: Batch) -> str:
    """Delete a batch; what it changed stays."""
    purging.delete(session, batch)
    return PATH


def execute(session: Session, type_: BatchType, batch: Batch) -> str:
    """Freeze a batch if it is open, and begin the task that executes it."""
    if batch.status == BatchStatus.OPEN:
        moving.complete(session, type_, batch)
    return _begin(session, batch, "batch_execute", _("Execute batch {number}"))


def undo(session: Session, _type: BatchType, batch: Batch) -> str:
    """Begin the task that takes back what a batch did."""
    return _begin(session, batch, "batch_undo", _("Take back batch {number}"))


def _begin(session: Session, batch: Batch, kind: str, title: str) -> str:
    params = {"batch": batch.number, "path": f"{PATH}/{batch.id}"}
    id_ = ask(session, kind, title=title.format(number=batch.number), params=params)
    return f"{TASKS}/{id_}"


class TakeOut:
    """Falcon resource: takes a row out of a batch, or puts it back."""

    def __init__(self, site: Site, *, out: bool) -> None:
        self._site = site
        self._out = out

    def on_post(self, req: falcon.Request, resp: falcon.Response, key: UUID, number: int) -> None:
        """Do it, and go back to the same rows."""
        resp.status = falcon.HTTP_SEE_OTHER
        resp.location = f"{PATH}/{key}?show={_list(req)}#row-{number}"
        try:
            with transaction(self._site.engines["poser"]) as session:
                batch = moving.held(session, found_batch(session, key).number)
                row = held_row(session, batch, number)
                take_out(session, batch, row, out=self._out)
        except PoserError as error:
            flash(resp, _words(error))


class RowPage:
    """Falcon resource: the form of one row."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def on_get(self, req: falcon.Request, resp: falcon.Response, key: UUID, number: int) -> None:
        """Show the fields of the row."""
        with transaction(self._site.engines["poser"], read_only=True) as session:
            batch = found_batch(session, key)
            row = _row(session, batch, number)
            values = {name: text_of(value) for name, value in row.data.items()}
            self._show(req, resp, batch, row, values)

    def on_post(self, req: falcon.Request, resp: falcon.Response, key: UUID, number: int) -> None:
        """Write the fields that were changed, unless somebody else changed the row meanwhile."""
        form = req.context.form
        seen = form.get("edits", "")
        typed = {name[2:]: value for name, value in form.items() if name.startswith("f.")}
        try:
            with transaction(self._site.engines["poser"]) as session:
                batch = moving.held(session, found_batch(session, key).number)
                row = held_row(session, batch, number, int(seen) if seen.isdecimal() else None)
                new = {
                    name: value
                    for name, value in typed.items()
                    if value != text_of(row.data.get(name))
                }
                _check(editable_names(visit(req), batch, row), new)
                if new:
                    change(session, _known(self._site, batch), batch, row, new)
        except PoserError as error:
            with transaction(self._site.engines["poser"], read_only=True) as session:
                batch = found_batch(session, key)
                row = _row(session, batch, number)
                resp.status = falcon.HTTP_CONFLICT
                self._show(req, resp, batch, row, typed, problem=_words(error))
            return
        flash(resp, _("Row {number} is saved.").format(number=number))
        resp.status = falcon.HTTP_SEE_OTHER
        resp.location = f"{PATH}/{key}?show=all#row-{number}"

    def _show(
        self,
        req: falcon.Request,
        resp: falcon.Response,
        batch: Batch,
        row: BatchRow,
        values: dict[str, str],
        *,
        problem: str = "",
    ) -> None:
        here = visit(req)
        here.place = PATH
        type_ = type_of(self._site, batch)
        show(
            req,
            resp,
            "batch_row.pt",
            title=_("Row {number} of batch {batch}").format(number=row.number, batch=batch.number),
            batch=batch,
            row=shown_rows(here, type_, batch, [row])[0],
            labels=editable_names(here, batch, row),
            base=f"{PATH}/{batch.id}",
            values=values,
            problem=problem,
        )


def _check(may: Container[str], new: Mapping[str, str]) -> None:
    """Refuse fields that this visitor may not write. Raises PoserError."""
    for name in new:
        if name not in may:
            raise PoserError(_("you may not change {field}").format(field=name))


def _row(session: Session, batch: Batch, number: int) -> BatchRow:
    """Find a row. Raises falcon.HTTPNotFound."""
    wanted = select(BatchRow).where(BatchRow.batch_id == batch.id, BatchRow.number == number)
    row = session.scalars(wanted).one_or_none()
    if row is None:
        raise falcon.HTTPNotFound
    return row


def _known(site: Site, batch: Batch) -> BatchType:
    type_ = type_of(site, batch)
    if type_ is None:
        raise PoserError(
            f"no program here knows batches of the type {batch.key}",
            hint="is the extension that made it still installed?",
        )
    return type_


def _list(req: falcon.Request) -> str:
    return "".join(c for c in req.context.form.get("show", "") if c.isalnum() or c in "-_") or "all"


def _words(error: PoserError) -> str:
    text = f"{error.message[:1].upper()}{error.message[1:]}."
    return f"{text} {error.hint[:1].upper()}{error.hint[1:]}." if error.hint else text
