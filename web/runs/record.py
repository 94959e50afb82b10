# SPDX-License-Identifier: Apache-2.0
"""The page of one import run: what it did, old and new beside each other, page by page."""

from typing import NamedTuple
from uuid import UUID

import falcon
from sqlalchemy.orm import Session

from poser.errors import PoserError
from poser.importing.result import Kind, ModelResult, RunStatus
from poser.importing.showing import changes_of, refusals_of, run_numbered, run_of, unrecorded
from poser.importing.shown import ChangeShown, RefusalShown, RunShown
from web.formats import count
from web.language import _
from web.permissions import Permission
from web.resources import Verb
from web.resources.kept_fields import (
    KeptRow,
    ShownField,
    known_fields,
    may_see_rows,
    shown_fields,
)
from web.runs.words import DID, ENDED, took
from web.showing import show
from web.urls import with_query
from web.visits import Visit, visit

PATH = "/imports"
PAGE = 50
LONGEST = 300
HIDDEN = "…"
"""Stands for what a visitor may not see."""
REVERT = Permission("imports.revert", "Take back what an import run changed")
RESUME = Permission("imports.resume", "Go on with an import run that was cut off")


class ShownChange(NamedTuple):
    """One change: what it is, of which record, and its fields."""

    word: str
    css: str
    model: str
    key: str
    path: str | None
    fields: list[ShownField]


class ShownRefusal(NamedTuple):
    """One record that was kept aside."""

    place: str
    model: str
    field: str
    value: str
    reason: str


class Choice(NamedTuple):
    """One way to narrow what is shown; `is_on` marks the one that holds."""

    text: str
    path: str
    is_on: bool


class RunPage:
    """Falcon resource: one import run."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, key: UUID) -> None:
        """Show the run with a page of its changes, or of what it kept aside."""
        here = visit(req)
        here.place = PATH
        session = here.read()
        run = found_run(session, key)
        asked = Asked(req, run)
        changes, aside = asked.read(session)
        more = (changes or aside)[-1].cursor if len(changes or aside) == PAGE else ""
        word, css = ENDED[run.status]
        show(
            req,
            resp,
            "import_run.pt",
            title=_("Run {number} of {key}").format(number=run.number, key=run.key),
            run=run,
            status=_(word),
            status_css=css,
            began=here.moment(run.began_at),
            took=took(run.seconds),
            counts=[_counts(one) for one in run.models],
            asked=asked,
            changes=_changes(here, changes),
            aside=[_aside(here, run, one) for one in aside],
            without=unrecorded(session, run),
            next_page=asked.path(after=more) if more else None,
            first_page=asked.path() if asked.after else None,
            may_revert=run.status is RunStatus.DONE and here.visitor.may(REVERT),
            may_resume=run.can_resume and here.visitor.may(RESUME),
            others=_others(run),
        )


class Asked:
    """What of a run the address asks for: its changes or what was kept aside, and which."""

    def __init__(self, req: falcon.Request, run: RunShown) -> None:
        self.run = run
        self.base = f"{PATH}/{run.id}"
        self.show_aside = req.get_param("show") == "aside"
        kind = req.get_param("kind") or ""
        self.kind = Kind(kind) if kind in set(Kind) else None
        models = {one.model for one in run.models}
        model = req.get_param("model") or ""
        self.model = model if model in models else ""
        self.after = req.get_param("after") or ""

    def read(self, session: Session) -> tuple[list[ChangeShown], list[RefusalShown]]:
        """Read the page that is asked for. Raises falcon.HTTPBadRequest for a bad place."""
        try:
            if self.show_aside:
                return [], refusals_of(
                    session, self.run, model=self.model or None, after=self.after, limit=PAGE
                )
            return changes_of(
                session,
                self.run,
                kind=self.kind,
                model=self.model or None,
                after=self.after or None,
                limit=PAGE,
            ), []
        except PoserError as error:
            raise falcon.HTTPBadRequest(description=f"{error}.") from error

    def path(self, **other: str) -> str:
        """Give the address of this page with something else asked."""
        said = {
            "show": "aside" if self.show_aside else "",
            "kind": self.kind or "",
            "model": self.model,
            **other,
        }
        return with_query(self.base, said.items())

    @property
    def tabs(self) -> list[Choice]:
        """The two lists of a run."""
        run = self.run
        changes = _("Changes") if run.wrote else _("Would change")
        return [
            Choice(f"{changes} {count(run.changes)}", self.base, not self.show_aside),
            Choice(
                _("Kept aside {number}").format(number=count(run.refused)),
                with_query(self.base, [("show", "aside")]),
                self.show_aside,
            ),
        ]

    @property
    def kinds(self) -> list[Choice]:
        """The ways to narrow changes by what was done."""
        every = Choice(_("all"), self.path(kind=""), self.kind is None)
        return [
            every,
            *(Choice(_(DID[one][0]), self.path(kind=one), self.kind is one) for one in Kind),
        ]

    @property
    def models(self) -> list[Choice]:
        """The ways to narrow by model, where there are several."""
        if len(self.run.models) <= 1:
            return []
        every = Choice(_("all"), self.path(model=""), not self.model)
        return [
            every,
            *(
                Choice(one.model, self.path(model=one.model), self.model == one.model)
                for one in self.run.models
            ),
        ]


def found_run(session: Session, key: UUID) -> RunShown:
    """Find a run. Raises falcon.HTTPNotFound."""
    run = run_of(session, key)
    if run is None:
        raise falcon.HTTPNotFound
    return run


class RunNumbered:
    """Falcon resource: the short address of a run, as mails and people call it."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, number: int) -> None:
        """Send on to the run's page."""
        run = run_numbered(visit(req).read(), number)
        if run is None:
            raise falcon.HTTPNotFound
        resp.status, resp.location = falcon.HTTP_SEE_OTHER, f"{PATH}/{run.id}"


def _counts(one: ModelResult) -> list[str]:
    names = ("model", "read", "created", "updated", "deleted", "unchanged", "refused")
    values = [getattr(one, name) for name in names]
    return [value if isinstance(value, str) else count(value) for value in values]


def _others(run: RunShown) -> list[tuple[str, str]]:
    """Give words and addresses of the runs that took this one back, or were taken back by it."""
    words = [(_("It took back run {number}"), run.reverts)] if run.reverts else []
    words += [(_("Run {number} took it back"), number) for number in run.reverted_by]
    return [(text.format(number=number), f"/runs/{number}") for text, number in words]


def _changes(here: Visit, changes: list[ChangeShown]) -> list[ShownChange]:
    rows = [KeptRow(one.table, one.old, one.new) for one in changes]
    found = zip(changes, shown_fields(here, rows), strict=True)
    return [_change(here, one, fields) for one, fields in found]


def _change(here: Visit, one: ChangeShown, fields: list[ShownField]) -> ShownChange:
    word, css = DID[one.kind]
    resource = here.site.resources.get(one.table)
    path = None
    if resource and one.row_id and one.kind is not Kind.DELETE:
        may = here.visitor.may(resource.permission(Verb.VIEW))
        path = resource.record_path(one.row_id) if may else None
    cut = [field._replace(old=_cut(field.old), new=_cut(field.new)) for field in fields]
    key = one.key if may_see_rows(here, one.table) else HIDDEN
    return ShownChange(_(word), css, one.model, key, path, cut)


def _aside(here: Visit, run: RunShown, one: RefusalShown) -> ShownRefusal:
    """Name the field of a record that was kept aside as its form does, if it may be seen."""
    table = {each.model: each.table for each in run.models}.get(one.model, one.model)
    if not may_see_rows(here, table):
        return ShownRefusal(str(one.place), one.model, one.field, HIDDEN, HIDDEN)
    if not one.field:
        return ShownRefusal(str(one.place), one.model, "", one.value, one.reason)
    field = known_fields(here, table, [one.field]).get(one.field)
    if field is None:  # a reason may say the value
        return ShownRefusal(str(one.place), one.model, one.field, HIDDEN, HIDDEN)
    return ShownRefusal(str(one.place), one.model, _(field.label), one.value, one.reason)


def _cut(value: str | None) -> str | None:
    if value is None or len(value) <= LONGEST:
        return value
    return value[: LONGEST - 1] + "…"
