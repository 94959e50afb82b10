# SPDX-License-Identifier: Apache-2.0
"""The pages with a record's form: a new one, a copy, and one that is changed.

A form that cannot be saved comes back with everything that was typed, and says beside each box
what is wrong. What somebody else changed meanwhile is shown beside what was typed, to choose.
"""

from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

import falcon
from sqlalchemy import UniqueConstraint, select

from poser.db import transaction
from poser.db.refused import Refused
from poser.history import last_change
from poser.model.history import RecordedTable
from web.flash import flash
from web.language import _
from web.refusals import told
from web.resources.boxes import Box
from web.resources.facts import text_of
from web.resources.form import MOST_FILE_BYTES, Form
from web.resources.reading import Record, find_record, name_of, read_record, was_once_yours
from web.resources.resource import Resource, Verb
from web.resources.typed import typed
from web.resources.writing import ChangedMeanwhile, NotThere, NotYours, Wish, Writing
from web.showing import show
from web.urls import is_local
from web.visits import Visit, visit

_REST_OF_FORM = 1 << 20


class FormSection(NamedTuple):
    """Boxes that stand together."""

    title: str
    boxes: list[Box]


class _Write:
    """How a form is written; `key` is the record's, `done` what was changed."""

    def __init__(self, key: UUID | None = None) -> None:
        self.key = key
        self.is_new = key is None
        self.done: tuple[str, ...] = ()

    def run(self, writing: Writing, wishes: list[Wish]) -> None:
        """Write it, in the transaction of `writing`."""
        if self.key is None:
            self.key = writing.create({wish.field.name: wish.value for wish in wishes})
        else:
            self.done = writing.change(self.key, wishes)


class _Page:
    """What the pages with a form share."""

    most_bytes = MOST_FILE_BYTES + _REST_OF_FORM

    def __init__(self, resource: Resource) -> None:
        self._resource = resource

    def _take(self, req: falcon.Request, record: Record | None = None) -> Form:
        """Read the form, and what a reference could be, where that was asked for by a button."""
        sent: Mapping[str, str] = req.context.form
        form = Form(visit(req), self._resource)
        form.hold(record or {})
        form.take(sent, req.context.files)
        if sent.get("look"):
            for box in form.boxes.values():
                box.problem = ""
            form.look(sent["look"])
        return form

    def _show(self, req: falcon.Request, resp: falcon.Response, form: Form, title: str) -> None:
        here = visit(req)
        here.place = self._resource.path
        sections = [
            FormSection(
                _(section.title) if section.title else "",
                [form.boxes[n] for n in section.fields if n in form.boxes],
            )
            for section in self._resource.all_sections
        ]
        sent = req.context.form if req.method == "POST" else req.params
        back = str(sent.get("next") or "")
        show(
            req,
            resp,
            "form.pt",
            title=title,
            resource=self._resource,
            place_title=_(self._resource.title),
            form=form,
            sections=[section for section in sections if section.boxes],
            action=req.path,
            next=back if is_local(back) else "",
            cancel=back if is_local(back) else self._way_back(req),
            has_files=any(box.field.input == "file" for box in form.boxes.values()),
            problems=[box for box in form.boxes.values() if box.problem],
            conflicts=[box for box in form.boxes.values() if box.theirs is not None],
        )

    def _way_back(self, req: falcon.Request) -> str:  # noqa: ARG002 - others need it
        return self._resource.path

    def _write(self, req: falcon.Request, form: Form, write: _Write) -> bool:
        """Write what the form says; False when it was refused, and the form says why."""
        here = visit(req)
        wishes = form.wishes(is_new=write.is_new)
        if form.has_problems:
            return False
        here.close()  # this thread needs no second connection
        try:
            with transaction(here.site.engines[self._resource.database]) as session:
                write.run(
                    Writing(
                        session=session,
                        resource=self._resource,
                        visitor=here.visitor,
                        zone=here.site.zone,
                    ),
                    wishes,
                )
        except Refused as refused:
            form.blame(told(refused), refused.fields)
        except NotYours as refused:
            form.blame(f"{refused}: {refused.hint}.", (self._resource.store,))
        return not form.has_problems


class NewPage(_Page):
    """Falcon resource: the form of a new record."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Show it, with what the address says already filled in."""
        form = Form(visit(req), self._resource)
        form.propose({n: v if isinstance(v, str) else v[-1] for n, v in req.params.items()})
        self._show(req, resp, form, self._title())

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Add the record."""
        form = self._take(req)
        write = _Write()
        if req.context.form.get("look") or not self._write(req, form, write):
            resp.status = _status_of(form)
            self._show(req, resp, form, self._title())
            return
        back = req.context.form.get("next") or ""
        assert write.key is not None  # noqa: S101 - it was written
        flash(resp, _("Added: {what}").format(what=_(self._resource.one)))
        resp.status = falcon.HTTP_SEE_OTHER
        resp.location = back if is_local(back) else self._resource.record_path(write.key)

    def _title(self) -> str:
        return _("New {what}").format(what=_(self._resource.one))


class CopyPage(NewPage):
    """Falcon resource: the form of a new record with the values of another one."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, key: UUID) -> None:  # type: ignore[override] # the address has a key
        """Show it; what no two records may share is left empty."""
        here = visit(req)
        record = read_record(here.read(self._resource.database), self._resource, key, here.visitor)
        form = Form(here, self._resource)
        form.fill({**record, **dict.fromkeys(_alone(self._resource))})
        for box in form.boxes.values():
            box.text = "" if box.field.input == "file" else box.text
            box.was = ""
        title = _("Copy of {name}").format(name=name_of(self._resource, record))
        self._show(req, resp, form, title)

    def on_post(self, req: falcon.Request, resp: falcon.Response, key: UUID) -> None:  # type: ignore[override] # the address has a key
        """Add the copy, of a record that the visitor may see."""
        here = visit(req)
        read_record(here.read(self._resource.database), self._resource, key, here.visitor)
        super().on_post(req, resp)


class EditPage(_Page):
    """Falcon resource: the form of a record that is there."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, key: UUID) -> None:
        """Show it as it is."""
        here = visit(req)
        record = self._read(here, key)
        form = Form(here, self._resource)
        form.fill(record)
        self._show(req, resp, form, _title(self._resource, name_of(self._resource, record)))

    def on_post(self, req: falcon.Request, resp: falcon.Response, key: UUID) -> None:
        """Write what was changed, and nothing else."""
        here = visit(req)
        session = here.read(self._resource.database)
        found = find_record(session, self._resource, key, here.visitor, verb=Verb.EDIT)
        if found is None and not was_once_yours(session, self._resource, key, here.visitor):
            raise falcon.HTTPNotFound
        form = self._take(req, found)
        name = name_of(self._resource, found) if found else _(self._resource.one)
        write = _Write(key)
        if req.context.form.get("look") or not self._try(req, form, write):
            resp.status = _status_of(form)
            self._show(req, resp, form, _title(self._resource, name))
            return
        if write.done:
            labels = ", ".join(_(self._resource.form[n].label) for n in write.done)
            flash(resp, _("Saved: {fields}").format(fields=labels))
        else:
            flash(resp, _("Nothing was changed."))
        back = req.context.form.get("next") or ""
        resp.status = falcon.HTTP_SEE_OTHER
        resp.location = back if is_local(back) else self._resource.record_path(key)

    def _read(self, here: Visit, key: UUID) -> Mapping[str, object]:
        session = here.read(self._resource.database)
        return read_record(session, self._resource, key, here.visitor, verb=Verb.EDIT)

    def _way_back(self, req: falcon.Request) -> str:
        return req.path.removesuffix("/edit")

    def _try(self, req: falcon.Request, form: Form, write: _Write) -> bool:
        try:
            return self._write(req, form, write)
        except ChangedMeanwhile as changed:
            self._show_theirs(visit(req), form, write, changed)
        except NotThere:
            form.problem = _(
                "This record was deleted meanwhile. What you typed is still here: bring the"
                " record back from the list of deleted ones, then save again."
            )
        return False

    def _show_theirs(
        self, here: Visit, form: Form, write: _Write, changed: ChangedMeanwhile
    ) -> None:
        """Put what somebody else wrote beside what was typed."""
        session = here.read(self._resource.database)
        table = self._resource.table.name
        known = select(RecordedTable.id).where(RecordedTable.name == table)
        is_recorded = session.execute(known).first() is not None
        for name in changed.fields:
            box = form.boxes[name]
            box.was = typed(box.field, changed.record[name], here.site.zone)
            called = changed.record.get(f"{name}.called")
            box.theirs = str(called or text_of(here, box.field, changed.record[name]))
            assert write.key is not None  # noqa: S101 - of a record that is there
            last = last_change(session, table, write.key, name) if is_recorded else None
            at = here.moment(last.at) if last else None
            if last and at:
                who = last.made.user_name or _("nobody known")
                box.by = _("{who} at {time}").format(who=who, time=at.text)


def _title(resource: Resource, name: str) -> str:
    return _("Edit {what} {name}").format(what=_(resource.one), name=name)


def _status_of(form: Form) -> str:
    if any(box.theirs is not None for box in form.boxes.values()):
        return falcon.HTTP_CONFLICT
    return falcon.HTTP_UNPROCESSABLE_ENTITY if form.has_problems else falcon.HTTP_OK


def _alone(resource: Resource) -> set[str]:
    """Name the columns whose values no two records share."""
    return {
        next(iter(rule.columns)).name
        for rule in resource.table.constraints
        if isinstance(rule, UniqueConstraint) and len(rule.columns) == 1
    }
