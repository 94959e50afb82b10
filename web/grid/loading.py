# SPDX-License-Identifier: Apache-2.0
"""Reading one page of a grid: its rows, whether there are others, and how many in all."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select
from sqlalchemy.orm import Session

from web.grid.counting import Count, Counts
from web.grid.keyset import KEY_LABEL, Edge, Walk, walk_rows
from web.grid.several import label_of_step, walk_several
from web.grid.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The rows of one page in the order shown, and the ways on from here."""

    rows: Sequence[Row[Any]]
    has_previous: bool
    has_next: bool
    count: Count
    steps: int = 1

    @property
    def first(self) -> Edge:
        """The place of the first row."""
        return edge_of(self.rows[0], self.steps)

    @property
    def last(self) -> Edge:
        """The place of the last row."""
        return edge_of(self.rows[-1], self.steps)


def edge_of(row: Row[Any], steps: int = 1) -> Edge:
    """Give the place of a row in the order it was read in, by so many columns."""
    found = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    first, *more = [found[label_of_step(index)] for index in range(steps)]
    return Edge(value=first, more=tuple(more), key=UUID(found[KEY_LABEL]))


def rows_of(view: View, walk: Walk, conditions: Sequence[ColumnElement[bool]]) -> Select[Any]:
    """Select what the columns of the grid show, along a walk."""
    columns = [column.value.label(column.name) for column in view.columns]
    subject = view.subject
    if len(view.steps) == 1:
        return walk_rows(columns, conditions, view.steps[0].order, subject.key, walk)
    return walk_several(columns, conditions, view.steps, subject.key, walk)


def load_page(session: Session, counts: Counts, view: View) -> Page:
    """Read one page. A page before the first full one becomes the first page."""
    walk, conditions = view.walk, view.conditions()
    rows = list(session.connection().execute(rows_of(view, walk, conditions)))
    is_start = walk.backward and not view.at_end and len(rows) <= view.rows
    if is_start:
        walk = replace(walk, backward=False, edge=None)
        rows = list(session.connection().execute(rows_of(view, walk, conditions)))
    has_more = len(rows) > view.rows
    rows = rows[: view.rows]
    if walk.backward:
        rows.reverse()
    subject = view.subject
    total = subject.total.value if subject.total is not None else None
    return Page(
        rows=rows,
        has_previous=has_more if walk.backward else walk.edge is not None,
        has_next=has_more if not walk.backward else walk.edge is not None,
        count=counts.count(session, subject.table, conditions, total, asked=view.asked),
        steps=len(view.steps),
    )
