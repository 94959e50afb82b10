# SPDX-License-Identifier: Apache-2.0
"""The page of a grid: search, filters, table and the ways to other pages."""

from collections.abc import Sequence
from typing import NamedTuple

import falcon

from web.formats import money
from web.grid.cells import RowTemplate, css_of
from web.grid.counting import Count
from web.grid.filters import Chip, Field
from web.grid.loading import Page, load_page
from web.grid.subject import Kind, Subject
from web.grid.view import ROWS, USUAL_ROWS, View, read_view, write_edge
from web.showing import show
from web.visits import visit


class Heading(NamedTuple):
    """The head of one column; with `href` it orders the grid."""

    label: str
    css: str
    href: str | None
    title: str | None
    sorted: str | None
    icon: str | None
    is_unseen: bool = False


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
        self._rows = RowTemplate(subject)

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Show the page of the grid that the address asks for."""
        here = visit(req)
        here.place = self._subject.path
        view = read_view(self._subject, single_params(req))
        session = here.read(self._subject.database)
        page = load_page(session, here.site.counts, view)
        fields = [f for one in self._subject.filters for f in one.fields(session, view.given)]
        show(
            req,
            resp,
            "grid.pt",
            title=self._subject.title,
            subject=self._subject,
            search=view.search,
            find=view.search,
            fields=fields,
            chips=_chips(view, fields),
            kept=[(n, v) for n, v in view.pairs() if n in {"sort", "rows"} and v],
            counted=_counted(self._subject, page.count),
            words=_words(view),
            headings=[_heading(view, i) for i in range(len(self._subject.columns))],
            sorted_by=_sorted_by(view),
            rows=self._rows.cells(page.rows, here.site.zone),
            row_macro=self._rows.macro,
            total=_total(self._subject, page.count),
            pager=_pager(view, page),
            lengths=[_length(view, rows) for rows in ROWS],
            csv=view.link_with({"rows": ""}, self._subject.path + ".csv"),
            narrowed=view.is_narrowed,
            nothing=_nothing(view),
            advice="" if view.is_narrowed else self._subject.empty,
        )


def single_params(req: falcon.Request) -> dict[str, str]:
    """Give the parameters of an address; of several with one name the last counts."""
    return {
        name: value if isinstance(value, str) else value[-1] for name, value in req.params.items()
    }


def _counted(subject: Subject, count: Count) -> str:
    return f"{count} {subject.one if count.is_exact and count.number == 1 else subject.many}"


def _words(view: View) -> list[str]:
    """Say what the list leaves out by itself, such as "discontinued hidden"."""
    return [word for one in view.subject.filters if (word := one.usual_word(view.given))]


def _chips(view: View, fields: Sequence[Field]) -> list[tuple[str, str]]:
    """Say which filters are on, each with the address that takes it away."""
    found = [Chip(f"Contains: {view.search}", ("q",))] if view.search else []
    for one in view.subject.filters:
        found += one.chips(view.given, fields)
    return [(chip.text, view.link_with(dict.fromkeys(chip.names, ""))) for chip in found]


def _heading(view: View, index: int) -> Heading:
    column = view.subject.columns[index]
    css = css_of(column)
    if column.order is None:
        is_mark = column.kind is Kind.FLAG
        return Heading(column.label, css, None, None, None, None, is_mark)
    is_sorted = view.sort == column.name
    downward = not view.descending if is_sorted else column.order.best_first
    href = view.link_with({"sort": ("-" if downward else "") + column.name})
    title = f"Order by {column.label.lower()}, {_direction(column.kind, downward=downward)}"
    if not is_sorted:
        return Heading(column.label, css, href, title, None, None)
    sorted_ = "descending" if view.descending else "ascending"
    return Heading(column.label, css, href, title, sorted_, "down" if view.descending else "up")


def _direction(kind: Kind, *, downward: bool) -> str:
    match kind:
        case Kind.TIME | Kind.DAY | Kind.DATE:
            return "newest first" if downward else "oldest first"
        case Kind.MONEY | Kind.QUANTITY:
            return "greatest first" if downward else "smallest first"
    return "Z to A" if downward else "A to Z"


def _sorted_by(view: View) -> str:
    column = next(c for c in view.subject.columns if c.name == view.sort)
    return f"{column.label.lower()}, {_direction(column.kind, downward=view.descending)}"


class _TotalRow(NamedTuple):
    label: str
    text: str
    span: int
    rest: int


def _total(subject: Subject, count: Count) -> _TotalRow | None:
    """Give the sum below its own column, when every row was counted."""
    total = subject.total
    if total is None or not count.is_exact or not count.number or count.total is None:
        return None
    at = next(i for i, column in enumerate(subject.columns) if column.name == total.column)
    label = f"{total.label} of {_counted(subject, count)}"
    return _TotalRow(label, money(count.total), at, len(subject.columns) - at - 1)


def _pager(view: View, page: Page) -> list[Turn]:
    if not (page.has_previous or page.has_next):
        return []
    back = view.link_with({"before": write_edge(page.first)}) if page.has_previous else None
    onward = view.link_with({"after": write_edge(page.last)}) if page.has_next else None
    return [
        Turn("First", "first", "first", "First page", view.link_with({}) if back else None),
        Turn("Previous", "previous", "prev", "Previous page", back),
        Turn("Next", "next", "next", "Next page", onward),
        Turn("Last", "last", "last", "Last page", view.link_with({"end": "1"}) if onward else None),
    ]


class _Length(NamedTuple):
    text: str
    href: str | None


def _length(view: View, rows: int) -> _Length:
    if rows == view.rows:
        return _Length(str(rows), None)
    return _Length(str(rows), view.link_with({"rows": "" if rows == USUAL_ROWS else str(rows)}))


def _nothing(view: View) -> str:
    many = view.subject.many
    return f"No {many} match this." if view.is_narrowed else f"No {many} yet."
