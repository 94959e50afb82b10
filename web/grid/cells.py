# SPDX-License-Identifier: Apache-2.0
"""From rows of the database to what stands in the cells of a grid."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from web.formats import day, moment, money, quantity
from web.grid.keyset import KEY_LABEL
from web.grid.subject import Column, Kind, Subject


class Cell(NamedTuple):
    """One cell: its text, and what makes it a link (`href`) or a time (`iso`)."""

    text: str
    css: str
    label: str
    href: str | None = None
    iso: str | None = None
    is_mark: bool = False

    @property
    def is_plain(self) -> bool:
        """Tell a bare text from a link, a time or a mark."""
        return self.href is None and self.iso is None and not self.is_mark


class GridRow(NamedTuple):
    """One row of a grid as the template takes it."""

    cells: Sequence[Cell]
    css: str | None = None


Write = Callable[[Any], str]


def _text(value: Any) -> str:  # noqa: ANN401 - straight from the database
    return "" if value is None else str(value)


def _flag(label: str) -> Write:
    return lambda value: label if value else ""


def writer(column: Column) -> Write:
    """Give the function that writes the values of a column as text."""
    match column.kind:
        case Kind.MONEY:
            return money
        case Kind.QUANTITY:
            return quantity
        case Kind.DATE:
            return day
        case Kind.FLAG:
            return _flag(column.label.lower())
    return column.write or _text


def css_of(column: Column) -> str:
    """Name the classes of a column's cells."""
    return f"{column.kind} {column.css}".strip()


def grid_rows(subject: Subject, rows: Iterable[Row[Any]], zone: ZoneInfo) -> list[GridRow]:
    """Write every row of a page."""
    plans = [
        (index, column, writer(column), css_of(column))
        for index, column in enumerate(subject.columns)
    ]
    return [
        GridRow([_cell(subject, row, plan, zone) for plan in plans], _row_css(subject, row))
        for row in rows
    ]


def _row_css(subject: Subject, row: Row[Any]) -> str | None:
    """Fade what is marked as void, discontinued and the like."""
    is_marked = any(row[i] for i, c in enumerate(subject.columns) if c.kind is Kind.FLAG)
    return "faded" if is_marked else None


def _cell(
    subject: Subject, row: Row[Any], plan: tuple[int, Column, Write, str], zone: ZoneInfo
) -> Cell:
    index, column, write, css = plan
    value = row[index]
    if column.kind is Kind.TIME:
        at = moment(value, zone)
        text, iso = (at.text, at.iso) if at else ("", None)
    else:
        text, iso = write(value), None
    if column.links:
        href = subject.record_path(row._mapping[KEY_LABEL])  # noqa: SLF001 - the public name
        return Cell(text or "(no text)", css, column.label, href)
    return Cell(text, css, column.label, None, iso, column.kind is Kind.FLAG and bool(text))
