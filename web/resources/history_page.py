# SPDX-License-Identifier: Apache-2.0
"""The history tab: who changed a record, what it was at any time, and putting it back."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import falcon

from poser.history import as_of, changes_of, restore_field, restore_record
from poser.history.values import Change
from poser.importing.kinds import FieldProblem
from web.flash import flash
from web.language import _
from web.resources.doing import Button
from web.resources.fields import Field, Input
from web.resources.history import entries_of
from web.resources.kept import Kept, kept_text, names_for
from web.resources.reading import Record, fields_for, find_record, was_yours
from web.resources.record_page import frame_of
from web.resources.resource import Verb
from web.resources.typed import read_typed
from web.resources.undoing import is_recorded
from web.resources.writing import NotThere, NotYours, Writing, is_editable
from web.showing import show
from web.urls import with_query
from web.visits import Visit, visit

ROWS = 50
_A_MOMENT = timedelta(microseconds=1)
_MOMENT = Field(name="at", label="Time", input=Input.TIME)


class ThenLine(NamedTuple):
    """One field: what it was at the moment asked for, and what it is now."""

    label: str
    then: str
    now: str
    is_unsure: bool


class HistoryPage(Button):
    """Falcon resource: the history of one record."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, key: UUID) -> None:
        """Show it, newest first, also of a deleted record; `at` asks for one moment."""
        here, resource = visit(req), self._resource
        here.place = resource.path
        session = here.read()
        changes = changes_of(session, resource.table.name, key)
        record = self._record(here, key, changes)
        older = req.get_param_as_int("older", min_value=0, max_value=100_000) or 0
        upto = max(len(changes) - older, 0)
        part = changes[max(upto - ROWS, 0) : upto]
        seen = fields_for(resource, here.visitor)
        is_live = "is_gone" not in record
        frame = frame_of(here, resource, record, "history", is_live=is_live)
        editable = [n for n, f in seen.items() if is_editable(resource, f, here.visitor)]
        path = f"{resource.record_path(key)}/history"
        at, problem = self._moment(req, here)
        show(
            req,
            resp,
            "history.pt",
            title=_("History of {name}").format(name=frame.name),
            resource=resource,
            frame=frame,
            path=path,
            entries=entries_of(
                here, part, seen, editable if frame.edit else (), has_newest=older == 0
            ),
            can_restore=bool(frame.edit),
            changes=here.site.templates["history_parts.pt"],
            older=with_query(path, [("older", str(older + ROWS))]) if upto > ROWS else "",
            newer=with_query(path, [("older", str(max(older - ROWS, 0)))]) if older else "",
            is_recorded=is_recorded(session, resource.table.name),
            is_live=is_live,
            back=f"{resource.path}/deleted/{key}" if self._may_bring_back(here, record) else "",
            at=req.get_param("at") or "",
            then=self._then(here, key, at, seen) if at else None,
            moment=at.isoformat() if at else "",
            problem=problem,
            parts=here.site.templates["record_parts.pt"],
        )

    def on_post(self, req: falcon.Request, resp: falcon.Response, key: UUID) -> None:
        """Put a field, or all of the record, back to what it was."""
        here, resource = visit(req), self._resource
        if not (Verb.EDIT in resource.can and here.visitor.may(resource.permission(Verb.EDIT))):
            raise falcon.HTTPForbidden(description=_("You may see this history and no more."))
        form = req.context.form
        name = form.get("field", "")
        with self._writing(req) as writing:
            self._check(writing, key)  # first of all: what is not theirs is not there
            at = _exact(form.get("moment", ""))
            names = [name] if name else list(resource.form)
            done = self._restore(writing, key, names, at - _A_MOMENT if name else at)
            self._check(writing, key, is_after=True)
        labels = ", ".join(_(resource.form[n].label) for n in done if n in resource.form)
        flash(
            resp, _("Put back: {fields}").format(fields=labels) if done else _("It is so already.")
        )
        resp.status = falcon.HTTP_SEE_OTHER
        resp.location = f"{resource.record_path(key)}/history"

    def _restore(
        self, writing: Writing, key: UUID, names: list[str], at: datetime
    ) -> tuple[str, ...]:
        """Put back the fields that this visitor may change; at once, if those are all."""
        resource, table = self._resource, self._resource.table.name
        form = resource.form
        may = [n for n in names if n in form and is_editable(resource, form[n], writing.visitor)]
        guarded = {*resource.guarded, *resource.guarded_edit}
        if len(names) > 1 and guarded <= set(may):
            found = restore_record(writing.session, table, key, at)
            return found.fields if found else ()
        done: list[str] = []
        for name in may:
            one = restore_field(writing.session, table, key, name, at)
            done += one.fields if one else ()
        return tuple(done)

    def _check(self, writing: Writing, key: UUID, *, is_after: bool = False) -> None:
        """See that the record is one that this visitor may write, before and after."""
        resource = self._resource
        if not find_record(
            writing.session, resource, key, writing.visitor, verb=Verb.EDIT, lock=not is_after
        ):
            if is_after:
                raise NotYours(resource)
            raise NotThere("this record is not there")

    def _record(self, here: Visit, key: UUID, changes: list[Change]) -> Record:
        """Read the record, or what the history has of a deleted one."""
        resource = self._resource
        found = find_record(here.read(), resource, key, here.visitor)
        if found is not None:
            return found
        gone = changes[-1] if changes and changes[-1].kind == "delete" else None
        if gone is None or not was_yours(resource, here.visitor, gone.old):
            raise falcon.HTTPNotFound
        return {"id": key, "is_gone": True, **gone.old}

    def _may_bring_back(self, here: Visit, record: Record) -> bool:
        resource = self._resource
        may = Verb.DELETE in resource.can and here.visitor.may(resource.permission(Verb.DELETE))
        return may and "is_gone" in record

    def _moment(self, req: falcon.Request, here: Visit) -> tuple[datetime | None, str]:
        """Read the moment that was asked for, in the node's zone."""
        said = (req.get_param("at") or "").strip()
        if not said:
            return None, ""
        try:
            found = read_typed(_MOMENT, said, here.site.zone)
        except FieldProblem as problem:
            return None, problem.reason
        return (found, "") if isinstance(found, datetime) else (None, "")

    def _then(
        self, here: Visit, key: UUID, at: datetime, seen: dict[str, Field]
    ) -> list[ThenLine] | None:
        """Hold what the record was beside what it is; None when it did not exist."""
        session, table = here.read(), self._resource.table.name
        then = as_of(session, table, key, at)
        if then.fields is None:
            return []
        now = as_of(session, table, key, datetime.max.replace(tzinfo=at.tzinfo)).fields or {}
        both: list[tuple[Field, Kept]] = [
            (seen[n], v) for kept in (then.fields, now) for n, v in kept.items() if n in seen
        ]
        names = names_for(here, both)
        return [
            ThenLine(
                label=_(field.label),
                then=kept_text(here, field, then.fields.get(name), names),
                now=kept_text(here, field, now.get(name), names),
                is_unsure=name in then.unsure,
            )
            for name, field in seen.items()
            if name in then.fields
        ]


def _exact(text: str) -> datetime:
    """Read a moment that a page of ours wrote."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise falcon.HTTPBadRequest(description=_("This form does not say which moment it means."))
    return at
