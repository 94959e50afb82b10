# SPDX-License-Identifier: Apache-2.0
"""From rows of the database to what stands in the cells of a grid.

The columns of a subject never change while the app runs, so its rows get a template of
their own, made at the start with all classes and labels in place. What is left to do for
each cell is its value, which makes a page several times cheaper than a loop over columns.
"""

from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from chameleon import PageTemplate
from sqlalchemy import Row

from web.formats import day, moment, money, quantity
from web.grid.subject import Column, Kind, Subject

Write = Callable[[Any], str]
Cells = Sequence[object]
"""The values of one row as its template takes them: its class, its link, then its cells."""

_TIME = '<time tal:condition="{value}" datetime="${{{value}[0]}}">${{{shown}}}</time>'
_CSS, _LINK, _FIRST = 0, 1, 2


def _text(value: Any) -> str:  # noqa: ANN401 - straight from the database
    return "" if value is None else str(value)


def writer(column: Column) -> Write:
    """Give the function that writes the values of a column as text."""
    match column.kind:
        case Kind.MONEY:
            return money
        case Kind.QUANTITY:
            return quantity
        case Kind.DATE:
            return day
    return column.write or _text


def css_of(column: Column) -> str:
    """Name the classes of a column's cells."""
    return f"{column.kind} {column.css}".strip()


class RowTemplate:
    """How the rows of one subject are shown, on its grid and wherever else they stand."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        cells = "".join(
            _cell(column, f"c[{index}]") for index, column in enumerate(subject.columns, _FIRST)
        )
        self.macro = PageTemplate(
            f'<tr tal:repeat="c rows" role="row" class="${{c[{_CSS}]}}">{cells}</tr>'
        )
        self._flags = [i for i, c in enumerate(subject.columns) if c.kind is Kind.FLAG]

    def cells(self, rows: Iterable[Row[Any]], zone: ZoneInfo) -> list[Cells]:
        """Write the values of every row; what the template can write itself stays as it is."""
        writers = [
            (index, write)
            for index, column in enumerate(self._subject.columns, _FIRST)
            if (write := _writer(column, zone)) is not None
        ]
        found: list[Cells] = []
        for row in rows:
            # What is void, discontinued and the like stands back. The key is the last value.
            faded = "faded" if any(row[flag] for flag in self._flags) else None
            cells = [faded, f"{self._subject.path}/{row[-1]}", *row]
            for index, write in writers:
                cells[index] = write(cells[index])
            found.append(cells)
        return found


def _writer(column: Column, zone: ZoneInfo) -> Callable[[Any], object] | None:
    if column.links:
        write = writer(column)
        return lambda value: write(value) or "(no text)"
    match column.kind:
        case Kind.TIME | Kind.DAY:
            return lambda value: moment(value, zone)
        case Kind.TEXT | Kind.CODE | Kind.FLAG:
            return column.write
    return writer(column)


def _cell(column: Column, value: str) -> str:
    """Write the template of one cell; labels are ours and hold nothing to fill in."""
    label = escape(column.label)
    match column.kind:
        case Kind.TIME:
            inner = _TIME.format(value=value, shown=f"{value}[1]")
        case Kind.DAY:
            inner = _TIME.format(value=value, shown=f"{value}[0][:10]")
        case Kind.FLAG:
            inner = f'<span tal:condition="{value}" class="mark">{label.lower()}</span>'
        case _:
            inner = f"${{{value}}}"
    if column.links:
        inner = f'<a href="${{safe_url(c[{_LINK}])}}" dir="auto">{inner}</a>'
    return f'<td role="cell" class="{css_of(column)}" data-label="{label}">{inner}</td>'
