# SPDX-License-Identifier: Apache-2.0
"""From rows of the database to the cells of a grid.

Each column gets a function that writes its cells, with all that never changes (classes,
labels) written once for the page. A page of fifty rows costs well under a millisecond that
way, and a table of fifty columns no template of its own.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from web.formats import day, moment, money, quantity, span
from web.grid.subject import Column, Kind
from web.language import _
from web.markup import Markup
from web.urls import safe_url

Write = Callable[[Any], str]
_SPECIAL = re.compile("[&<>\"']").search


def _text(value: Any) -> str:  # noqa: ANN401 - straight from the database
    return "" if value is None else str(value)


def writer(column: Column) -> Write:
    """Give the function that writes the values of a column as text."""
    if column.write is not None:
        return column.write
    match column.kind:
        case Kind.MONEY:
            return money
        case Kind.QUANTITY:
            return quantity
        case Kind.DATE:
            return day
    return _text


def css_of(column: Column) -> str:
    """Name the classes of a column's cells."""
    return f"{column.kind} {column.css}".strip()


_OVER = ("void", "discontinued", "archived", "deleted", "disabled", "hidden", "invalid")


def is_over(column: Column) -> bool:
    """Tell whether a flag says that a row matters less now: it stands back then."""
    return column.kind is Kind.FLAG and column.name.removeprefix("is_") in _OVER


def mark_css(column: Column) -> str:
    """Name the classes of a flag's mark: a warning, or a plain word."""
    return "mark" if is_over(column) or column.name in _WARNS else "mark calm"


_WARNS = frozenset({"is_flagged", "needs_price_check", "is_out_of_stock"})


def table_rows(
    columns: Sequence[Column],
    rows: Iterable[Row[Any]],
    path: str,
    zone: ZoneInfo,
    *,
    can_choose: bool = False,
) -> Markup:
    """Write rows of a grid; the id of each row is its last value, and `path`/id its page.

    `can_choose` puts a box in front of each row, by which people choose rows.
    """
    line = _line(columns, can_choose=can_choose)
    inside = [_inside(column, zone) for column in columns]
    flags = [index for index, column in enumerate(columns) if is_over(column)]
    start = escape(safe_url(f"{path}/") or "")
    found: list[str] = []
    for row in rows:
        key = str(row[-1])
        href = start + key
        # What is void, discontinued and the like stands back.
        faded = ' class="faded"' if any(row[flag] for flag in flags) else ""
        cells = [write(value, href) for write, value in zip(inside, row, strict=False)]
        found.append(line % ((key, faded, key, *cells) if can_choose else (key, faded, *cells)))
    return Markup("".join(found))


def _line(columns: Sequence[Column], *, can_choose: bool) -> str:
    """Write what all rows have in common, with %s for what they have not."""
    choice = _CHOICE.format(label=_fixed(_("Choose this row"))) if can_choose else ""
    cells = "".join(
        f'<td role="cell" class="{_fixed(css_of(c))}" data-label="{_fixed(_(c.label))}">%s</td>'
        for c in columns
    )
    return f'<tr role="row" data-key="%s"%s>{choice}{cells}</tr>'


def _fixed(text: str) -> str:
    return escape(text).replace("%", "%%")


_CHOICE = (
    '<td role="cell" class="choose"><label><input type="checkbox" form="chosen" name="key-%s"'
    ' value="1" aria-label="{label}"/></label></td>'
)
_Inside = Callable[[Any, str], str]


def _escaped(text: str) -> str:
    """Escape, which most texts need not: looking first takes half the time."""
    return escape(text) if _SPECIAL(text) else text


def _plain(value: Any, _href: str) -> str:  # noqa: ANN401 - straight from the database
    """Write the value of a column that says nothing special: most cells of most grids."""
    if value is None:
        return ""
    text = str(value)
    return escape(text) if _SPECIAL(text) else text


def _inside(column: Column, zone: ZoneInfo) -> _Inside:
    """Give what writes the inside of one cell, from its value and the address of its record."""
    match column.kind:
        case Kind.TIME | Kind.DAY if not column.links:
            length = 10 if column.kind is Kind.DAY else None
            return lambda value, _href: _time(value, zone, length)
        case Kind.FLAG if column.write is None:
            css = mark_css(column)
            mark = f'<span class="{css}">{escape(_(column.label).lower())}</span>'
            return lambda value, _href: mark if value else ""
        case Kind.SPAN if not column.links:
            return lambda value, _href: span(value, zone)
    write = writer(column) if column.kind not in {Kind.TIME, Kind.DAY} else _moment_text(zone)
    if column.links:
        nothing = escape(_("(no text)"))
        return lambda value, href: (
            f'<a href="{href}" dir="auto">{_escaped(write(value)) or nothing}</a>'
        )
    return _plain if write is _text else lambda value, _href: _escaped(write(value))


def _moment_text(zone: ZoneInfo) -> Write:
    def write(value: Any) -> str:  # noqa: ANN401 - straight from the database
        found = moment(value, zone)
        return found.text if found else ""

    return write


def _time(value: Any, zone: ZoneInfo, length: int | None) -> str:  # noqa: ANN401
    found = moment(value, zone)
    return f'<time datetime="{found[0]}">{found[1][:length]}</time>' if found else ""
