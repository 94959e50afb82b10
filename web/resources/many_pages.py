# SPDX-License-Identifier: Apache-2.0
"""The pages that change or delete many records: choose, look at what will happen, do it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import falcon

from poser.db import transaction
from poser.db.refused import Refused
from web.flash import flash
from web.grid.filters import Option
from web.grid.reader import reader_of
from web.language import _
from web.refusals import told
from web.resources.choice import Choice, check_count, read_choice
from web.resources.facts import text_of
from web.resources.fields import Input
from web.resources.form import Form
from web.resources.many import Look, Moved, change_all, look_at_change, look_at_removal, remove_all
from web.resources.resource import Resource
from web.resources.undoing import way_back
from web.resources.writing import NotYours, Wish, Writing
from web.showing import show
from web.visits import Visit, visit

_ALONE = frozenset({Input.FILE, Input.JSON, Input.LIST})
"""Fields that are changed record by record: their values cannot be compared, or do not fit all."""

_NEVER = "\0"


class OldNew(NamedTuple):
    """One row of the look at what will happen."""

    path: str
    name: str
    old: str
    new: str


class _Many:
    """What the pages share."""

    def __init__(self, resource: Resource) -> None:
        self._resource = resource

    def _choice(self, req: falcon.Request) -> Choice:
        here = visit(req)
        here.place = self._resource.path
        return read_choice(self._resource, reader_of(here), req.context.form)

    def _writing(self, here: Visit, session: object) -> Writing:
        return Writing(
            session=session,  # type: ignore[arg-type] # of the transaction that is open
            resource=self._resource,
            visitor=here.visitor,
            zone=here.site.zone,
        )

    def _show(
        self,
        req: falcon.Request,
        resp: falcon.Response,
        choice: Choice,
        **more: Any,  # noqa: ANN401 - of any kind, for the template
    ) -> None:
        values: dict[str, Any] = {
            "resource": self._resource,
            "place_title": _(self._resource.title),
            "back": choice.back,
            "action": req.path,
            "hidden": choice.hidden(),
            "fields": [],
            "box": None,
            "look": None,
            "problem": "",
            "kept": [],
            "rows": [],
            "form_page": visit(req).site.templates["form.pt"],
        }
        show(req, resp, "many.pt", **(values | more))


class ManyEditPage(_Many):
    """Falcon resource: one field of many records, set to one value."""

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Ask for the field, then for its value, then show what will happen, then do it."""
        choice, form = self._choice(req), req.context.form
        here = visit(req)
        boxes = Form(here, self._resource)
        offered = {n: box for n, box in boxes.boxes.items() if box.field.input not in _ALONE}
        name = form.get("field", "")
        title = _("Change {many}").format(many=_(self._resource.many))
        if name not in offered:
            fields = [Option(n, box.label) for n, box in offered.items()]
            self._show(req, resp, choice, title=title, fields=fields)
            return
        boxes.boxes = {name: offered[name]}
        wish = self._wish(boxes, name, form)
        kept = [("field", name)]
        if wish is None:
            self._show(req, resp, choice, title=title, box=offered[name], kept=kept)
            return
        self._look_or_do(req, resp, choice, wish)

    def _wish(self, boxes: Form, name: str, form: Mapping[str, str]) -> Wish | None:
        """Read the value that was typed; None when none was asked for yet, or it is no good."""
        if f"was.{name}" not in form or form.get("look"):
            if form.get("look"):
                boxes.take(form, {})
                boxes.boxes[name].problem = ""
                boxes.look(name)
            return None
        boxes.take(form, {})
        boxes.boxes[name].was = _NEVER  # whatever the rows have now, it is what is wanted
        wishes = boxes.wishes()
        return wishes[0] if wishes and not boxes.has_problems else None

    def _look_or_do(
        self, req: falcon.Request, resp: falcon.Response, choice: Choice, wish: Wish
    ) -> None:
        here, form = visit(req), req.context.form
        problem = ""
        if form.get("do") == "execute" and form.get("expected", "").isdigit():
            problem = self._do(req, resp, choice, wish)
            if not problem:
                return
        session = here.read(self._resource.database)
        look = look_at_change(session, choice, wish)
        check_count(look.chosen)
        label = _(wish.field.label)
        new = text_of(here, wish.field, wish.value)
        if wish.field.input is Input.REFERENCE:
            new = form.get(wish.field.name, "") or new
        sent = [(n, v) for n, v in form.items() if n.partition(".")[2] == wish.field.name]
        kept = [("field", wish.field.name), (wish.field.name, form.get(wish.field.name, ""))]
        if wish.field.name not in form:
            kept.pop()
        kept += [*sent, *((n, v) for n, v in form.items() if n.startswith(wish.field.name + "."))]
        self._show(
            req,
            resp,
            choice,
            title=_("Change {label} of {many}").format(
                label=label.lower(), many=_(self._resource.many)
            ),
            look=look,
            sentence=_sentence(look, label, new),
            button=_("Change {count}").format(count=f"{look.many:,}"),
            old=_("{label} now").format(label=label),
            new=_("then"),
            rows=self._rows(here, look, wish, new),
            kept=kept,
            problem=problem,
        )

    def _rows(self, here: Visit, look: Look, wish: Wish, new: str) -> list[OldNew]:
        is_reference = wish.field.input is Input.REFERENCE
        return [
            OldNew(
                self._resource.record_path(row[0]),
                str(row[1] or _("(no text)")),
                str(row[2] or "") if is_reference else text_of(here, wish.field, row[2]),
                new,
            )
            for row in look.rows
        ]

    def _do(self, req: falcon.Request, resp: falcon.Response, choice: Choice, wish: Wish) -> str:
        """Do it and lead back to the grid; or say why not."""
        here, expected = visit(req), int(req.context.form["expected"])
        here.close()
        try:
            with transaction(here.site.engines[self._resource.database]) as session:
                count = change_all(self._writing(here, session), choice, wish, expected)
                undo = way_back(session, self._resource, here.visitor, count)
        except Moved:
            return _("The rows changed meanwhile. Nothing was done: look again.")
        except (Refused, NotYours) as refused:
            return told(refused)
        words = _("Changed {label} of {count} {many}.").format(
            label=_(wish.field.label).lower(), count=f"{count:,}", many=_(self._resource.many)
        )
        flash(resp, words, undo=undo)
        resp.status, resp.location = falcon.HTTP_SEE_OTHER, choice.back
        return ""


class ManyDeletePage(_Many):
    """Falcon resource: deletes many records."""

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Show what will go, then delete it."""
        choice, form, here = self._choice(req), req.context.form, visit(req)
        problem = ""
        if form.get("do") == "execute" and form.get("expected", "").isdigit():
            problem = self._do(req, resp, choice)
            if not problem:
                return
        look = look_at_removal(here.read(self._resource.database), choice)
        check_count(look.chosen)
        many = _(self._resource.many)
        words = _("{count} {many} will be deleted.").format(count=f"{look.many:,}", many=many)
        self._show(
            req,
            resp,
            choice,
            title=_("Delete {many}").format(many=many),
            look=look,
            sentence=words,
            button=_("Delete {count}").format(count=f"{look.many:,}"),
            old="",
            new="",
            rows=[
                OldNew(self._resource.record_path(row[0]), str(row[1] or _("(no text)")), "", "")
                for row in look.rows
            ],
            problem=problem,
        )

    def _do(self, req: falcon.Request, resp: falcon.Response, choice: Choice) -> str:
        here, expected = visit(req), int(req.context.form["expected"])
        here.close()
        try:
            with transaction(here.site.engines[self._resource.database]) as session:
                count = remove_all(self._writing(here, session), choice, expected)
                undo = way_back(session, self._resource, here.visitor, count)
        except Moved:
            return _("The rows changed meanwhile. Nothing was done: look again.")
        except Refused as refused:
            return told(refused)
        many = _(self._resource.many)
        flash(resp, _("Deleted: {name}").format(name=f"{count:,} {many}"), undo=undo)
        resp.status, resp.location = falcon.HTTP_SEE_OTHER, choice.back
        return ""


def _sentence(look: Look, label: str, new: str) -> str:
    """Say in one sentence with numbers what will happen."""
    words = _("{label} becomes {value} in {count} rows.").format(
        label=label, value=f"“{new}”" if new else _("empty"), count=f"{look.many:,}"
    )
    same = look.chosen - look.many
    if not same:
        return words
    return words + " " + _("{count} have it already.").format(count=f"{same:,}")
