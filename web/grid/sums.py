# SPDX-License-Identifier: Apache-2.0
"""Sums below the columns of a grid: of all rows that match, not of the page alone."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from web.formats import money, quantity
from web.grid.cells import css_of
from web.grid.subject import Column, Kind
from web.grid.view import View
from web.language import _


class SumCell(NamedTuple):
    """One cell of the line of sums; empty below what is not added up."""

    text: str
    css: str
    label: str


def can_sum(columns: Sequence[Column]) -> bool:
    """Tell whether any of the columns can be added up."""
    return any(column.sums for column in columns)


def sum_cells(session: Session, view: View) -> list[SumCell]:
    """Add up every column that can be; what takes too long is stopped as too broad."""
    summed = [column for column in view.columns if column.sums]
    values: dict[str, Any] = {}
    if summed:
        rows = (
            select(*(column.value.label(column.name) for column in summed))
            .select_from(view.subject.table)
            .where(*view.conditions())
            .subquery()
        )
        found = select(*(func.sum(rows.c[column.name]).label(column.name) for column in summed))
        values = dict(session.connection().execute(found).one()._mapping)  # noqa: SLF001
    return [_cell(column, values.get(column.name)) for column in view.columns]


def _cell(column: Column, value: Decimal | None) -> SumCell:
    text = "" if value is None else money(value) if column.kind is Kind.MONEY else quantity(value)
    label = _("Sum of {label}").format(label=_(column.label).lower())
    return SumCell(text, css_of(column), label if text else "")
