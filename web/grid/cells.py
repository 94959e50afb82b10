# SPDX-License-Identifier: Apache-2.0
"""From rows of the database to the cells of a grid.

Each column gets a function that writes its cells, with all that never changes (classes,
labels) written once for the page. A page of fifty rows costs well under a millisecond that
way, and a table of fifty columns no template of its own.
"""

from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from web.formats import day, moment, money, quantity
from web.grid.subject import Column, Kind
from web.language import _
from web.urls import safe_url

Write = Callable[[Any], str]


class Markup:
    """HTML that was made here, with everything of others in it escaped; templates keep it."""

    __slots__ = ("_html",)

    def __init__(self, html: str) -> None:
        self._html = html

    def __html__(self) -> str:
        """Give the HTML, as Chameleon asks for it."""
        return self._html

    def __bool__(self) -> bool:
        """Tell whether there is any."""
        return bool(self._html)


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
    before = [
        f'<td role="cell" class="{css_of(c)}" data-label="{escape(_(c.label))}">' for c in columns
    ]
    inside = [_inside(column, zone) for column in columns]
    flags = [index for index, column in enumerate(columns) if column.kind is Kind.FLAG]
    found: list[str] = []
    for row in rows:
        key = row[-1]
        # What is void, discontinued and the like stands back.
        faded = ' class="faded"' if any(row[flag] for flag in flags) else ""
        found.append(f'<tr role="row" data-key="{key}"{faded}>')
        if can_choose:
            found.append(_CHOICE.format(key=key, label=escape(_("Choose this row"))))
        href = escape(safe_url(f"{path}/{key}") or "")
        for index, start in enumerate(before):
            found.append(start)
            found.append(inside[index](row[index], href))
            found.append("</td>")
        found.append("</tr>")
    return Markup("".join(found))


_CHOICE = (
    '<td role="cell" class="choose"><label><input type="checkbox" form="chosen" name="key-{key}"'
    ' value="1" aria-label="{label}"/></label></td>'
)
_Inside = Callable[[Any, str], str]


def _inside(column: Column, zone: ZoneInfo) -> _Inside:
    """Give what writes the inside of one cell, from its value and the address of its record."""
    match column.kind:
        case Kind.TIME | Kind.DAY if not column.links:
            length = 10 if column.kind is Kind.DAY else None
            return lambda value, _href: _time(value, zone, length)
        case Kind.FLAG if column.write is None:
            mark = f'<span class="mark">{escape(_(column.label).lower())}</span>'
            return lambda value, _href: mark if value else ""
    write = writer(column) if column.kind not in {Kind.TIME, Kind.DAY} else _moment_text(zone)
    if column.links:
        nothing = escape(_("(no text)"))
        return lambda value, href: (
            f'<a href="{href}" dir="auto">{escape(write(value)) or nothing}</a>'
        )
    return lambda value, _href: escape(write(value))


def _moment_text(zone: ZoneInfo) -> Write:
    def write(value: Any) -> str:  # noqa: ANN401 - straight from the database
        found = moment(value, zone)
        return found.text if found else ""

    return write


def _time(value: Any, zone: ZoneInfo, length: int | None) -> str:  # noqa: ANN401
    found = moment(value, zone)
    return f'<time datetime="{found.iso}">{found.text[:length]}</time>' if found else ""
