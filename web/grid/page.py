# SPDX-License-Identifier: Apache-2.0
"""The page of a grid: search, filters, table and the ways to other pages."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import falcon

from web.formats import money
from web.grid.builder import builder, column_choice, letter, new_address, orderings
from web.grid.cells import table_rows
from web.grid.counting import Count
from web.grid.direct import record_of_code
from web.grid.edges import write_edge
from web.grid.filters import Chip, Field
from web.grid.headings import headings, sorted_by
from web.grid.loading import Page, load_page
from web.grid.named import Named, usual, views_of_grid
from web.grid.reader import reader_of
from web.grid.subject import Subject
from web.grid.sums import can_sum, sum_cells
from web.grid.view import ROWS, USUAL_ROWS, Given, View, read_view
from web.grid.view_tabs import view_tabs
from web.language import _
from web.rights import SEE_IMPORTS
from web.showing import show
from web.visits import Visit, visit


class Turn(NamedTuple):
    """One way to another page; without `href` there is none."""

    text: str
    icon: str
    rel: str
    title: str
    href: str | None


class GridPage:
    """Falcon resource: the index page of a subject."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Show the page of the grid that the address asks for."""
        here = visit(req)
        here.place = self._subject.path
        view = read_view(self._subject, req.params, reader_of(here))
        elsewhere = self._found(here, view) if "go" in req.params else None
        elsewhere = elsewhere or new_address(view, req.params)
        views = [] if elsewhere else views_of_grid(here.read(), here.visitor, self._subject.path)
        if not req.params and (found := usual(views)):
            elsewhere = found.address
        if elsewhere:
            resp.status, resp.location = falcon.HTTP_SEE_OTHER, elsewhere
            return
        self._show(req, resp, view, views)

    def _found(self, here: Visit, view: View) -> str:
        """Tell where the search leads: to the record with this code, else to what it finds."""
        session = here.read(self._subject.database)
        key = record_of_code(session, self._subject, view.search, view.reader)
        return self._subject.record_path(key) if key else view.link_with({})

    def _show(
        self, req: falcon.Request, resp: falcon.Response, view: View, views: Sequence[Named]
    ) -> None:
        here, subject = visit(req), self._subject
        session = here.read(subject.database)
        page = load_page(session, here.site.counts, view)
        fields = [f for one in subject.filters for f in one.fields(session, view.given)]
        may_edit = bool(subject.edit and here.visitor.may(subject.edit))
        may_delete = bool(subject.delete and here.visitor.may(subject.delete))
        can_choose = may_edit or may_delete
        is_kept = subject.is_kept_there(here.visitor)
        show(
            req,
            resp,
            "grid.pt",
            title=_(subject.title),
            subject=subject,
            search=view.search,
            hint=_(subject.search_hint),
            find=view.search,
            fields=fields,
            chips=_chips(view, fields),
            kept=_kept(view),
            counted=_counted(subject, page.count),
            words=[*_words(view), *([_("kept at head office")] if is_kept else [])],
            headings=headings(view),
            sorted_by=sorted_by(view),
            rows=table_rows(
                view.columns, page.rows, subject.path, here.site.zone, can_choose=can_choose
            ),
            can_choose=can_choose,
            may_edit=may_edit,
            may_delete=may_delete,
            views=view_tabs(here.visitor, view, views),
            **_tools(view, req.params),
            total=_total(view, page.count),
            sums=sum_cells(session, view) if view.has_sums and page.rows else None,
            can_sum=can_sum(view.columns),
            sums_link=view.link_with({"sums": "" if view.has_sums else "1"}),
            pager=_pager(view, page),
            lengths=[_length(view, rows) for rows in ROWS],
            csv=_file(here, view, ".csv"),
            xlsx=_file(here, view, ".xlsx"),
            new=_new(here, subject),
            deleted=_deleted(here, subject),
            narrowed=view.is_narrowed,
            clear=view.link_with({"view": "none", "q": ""} | _no_filters(view)),
            nothing=_nothing(view),
            advice="" if view.is_narrowed else _advice(subject, is_kept=is_kept),
            begin=None if view.is_narrowed or page.rows or is_kept else _begin(here, subject),
        )


def _tools(view: View, given: Given) -> dict[str, Any]:
    """Fill in the one form that is open; forms that nobody looks at are not written."""
    tool = "filter" if "f" in given else given.get("tool")
    return {
        "here_plain": view.link_with({}),
        "kept_all": [pair for pair in view.pairs() if pair[1]],
        "tools": {name: view.link_with({"tool": name}) for name in ("filter", "columns", "order")},
        "builder": builder(view, given) if tool == "filter" else None,
        "column_choice": column_choice(view) if tool == "columns" else None,
        "orderings": orderings(view) if tool == "order" else None,
    }


def _file(here: Visit, view: View, ending: str) -> str | None:
    """Give the address of the same view as a file, if the visitor may take it away."""
    need = view.subject.export
    if need is not None and not here.visitor.may(need):
        return None
    return view.link_with({"rows": "", "view": "", "sums": ""}, view.subject.path + ending)


def _new(here: Visit, subject: Subject) -> str | None:
    may = subject.create is not None and here.visitor.may(subject.create)
    return f"{subject.path}/new" if may else None


def _advice(subject: Subject, *, is_kept: bool) -> str:
    """Say how rows come here."""
    return (
        _("They are added at head office and come here by themselves.")
        if is_kept
        else _(subject.empty)
    )


def _begin(here: Visit, subject: Subject) -> str | None:
    """Give the address where imports are started, if that is how rows come and the visitor may."""
    may = subject.is_imported and here.visitor.may(SEE_IMPORTS)
    return "/imports/start" if may else None


def _deleted(here: Visit, subject: Subject) -> str | None:
    """Give the address of the deleted ones, if the visitor may see them."""
    may = subject.history is not None and here.visitor.may(subject.history)
    return f"{subject.path}/deleted" if may else None


def _no_filters(view: View) -> dict[str, str]:
    return dict.fromkeys((*view.given, *(one.name for one in view.where)), "")


def _kept(view: View) -> list[tuple[str, str]]:
    """Give what the form of the search does not ask for and must not lose."""
    asked = {"q", *view.given}
    return [(name, value) for name, value in view.pairs() if value and name not in asked]


def _counted(subject: Subject, count: Count) -> str:
    one = count.is_exact and count.number == 1
    return f"{count} {_(subject.one) if one else _(subject.many)}"


def _words(view: View) -> list[str]:
    """Say what the list leaves out by itself, such as "discontinued hidden"."""
    return [word for one in view.subject.filters if (word := one.usual_word(view.given))]


def _chips(view: View, fields: Sequence[Field]) -> list[tuple[str, str]]:
    """Say which filters are on, each with the address that takes it away."""
    search = _("Contains: {words}").format(words=view.search)
    found = [Chip(search, ("q",))] if view.search else []
    for one in view.subject.filters:
        found += one.chips(view.given, fields)
    chips = [(chip.text, view.link_with(dict.fromkeys(chip.names, ""))) for chip in found]
    for condition in sorted(view.where, key=lambda one: one.group):
        words = condition.words()
        if condition.group:
            words = _("{letter}: {words}").format(letter=letter(condition.group), words=words)
        chips.append((words, view.link_without(condition)))
    return chips


class _TotalRow(NamedTuple):
    label: str
    text: str
    span: int
    rest: int


def _total(view: View, count: Count) -> _TotalRow | None:
    """Give the sum below its own column, when every row was counted."""
    total = view.subject.total
    if total is None or not count.is_exact or not count.number or count.total is None:
        return None
    at = next((i for i, column in enumerate(view.columns) if column.name == total.column), 0)
    if not at:
        return None
    label = _("{label} of {counted}").format(
        label=_(total.label), counted=_counted(view.subject, count)
    )
    return _TotalRow(label, money(count.total), at, len(view.columns) - at - 1)


def _pager(view: View, page: Page) -> list[Turn]:
    if not (page.has_previous or page.has_next):
        return []
    back = view.link_with({"before": write_edge(page.first)}) if page.has_previous else None
    onward = view.link_with({"after": write_edge(page.last)}) if page.has_next else None
    start = view.link_with({}) if back else None
    end = view.link_with({"end": "1"}) if onward else None
    return [
        Turn(_("First"), "first", "first", _("First page"), start),
        Turn(_("Previous"), "previous", "prev", _("Previous page"), back),
        Turn(_("Next"), "next", "next", _("Next page"), onward),
        Turn(_("Last"), "last", "last", _("Last page"), end),
    ]


class _Length(NamedTuple):
    text: str
    href: str | None


def _length(view: View, rows: int) -> _Length:
    if rows == view.rows:
        return _Length(str(rows), None)
    return _Length(str(rows), view.link_with({"rows": "" if rows == USUAL_ROWS else str(rows)}))


def _nothing(view: View) -> str:
    words = _("No {many} match this.") if view.is_narrowed else _("No {many} yet.")
    return words.format(many=_(view.subject.many))
