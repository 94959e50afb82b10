# SPDX-License-Identifier: Apache-2.0
"""Keyset pages: the rows after or before a place in an order, read along an index.

The order is total: by value, then by id; rows without a value come last. A page is found
in the same time however deep it lies, and rows that come or go elsewhere do not shift it.
`web.grid.several` does the same for an order by several columns.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, cast, literal, select, tuple_, union_all

from web.grid.subject import Expression, Order

ORDER_LABEL = "order_value"
KEY_LABEL = "row_key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A place in an order: the value and id of a row, which need not exist any more.

    `more` are the values that the row has in the second column of the order and on.
    """

    value: object | None
    key: UUID
    more: tuple[object | None, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """Which rows to read: from `edge` (or an end) forwards or backwards, at most `limit`."""

    descending: bool = False
    backward: bool = False
    edge: Edge | None = None
    limit: int | None = None

    @property
    def is_upward(self) -> bool:
        """Tell whether the index is read from small to great."""
        return self.descending == self.backward


def walk_rows(
    columns: Sequence[ColumnElement[Any]],
    conditions: Sequence[ColumnElement[bool]],
    order: Order,
    key: Expression,
    walk: Walk,
) -> Select[Any]:
    """Select the rows of one walk, nearest to the edge first.

    Walking backwards gives them in reverse: the caller turns them round.
    """
    shown = (*columns, order.by.label(ORDER_LABEL))
    if not order.nullable:
        plain = select(*shown, shown_key(key)).where(*conditions)
        return _along(plain, order.by, key, walk, edge=walk.edge)
    base = select(*shown, key.label(KEY_LABEL)).where(*conditions)
    parts = _parts(base, order, key, walk)
    both = union_all(*parts).subquery()
    value, row_key = both.c[ORDER_LABEL], both.c[KEY_LABEL]
    last = value.is_(None)
    return (
        select(*(c for c in both.c if c is not row_key), shown_key(row_key))
        .order_by(last.desc() if walk.backward else last)
        .order_by(*_directed(walk, value, row_key))
        .limit(walk.limit)
    )


def shown_key(key: ColumnElement[Any]) -> ColumnElement[str]:
    """Give the key of a row as text: addresses are made of it, and an object for each is dear."""
    return cast(key, Text).label(KEY_LABEL)


def _parts(base: Select[Any], order: Order, key: Expression, walk: Walk) -> list[Select[Any]]:
    """Split a walk in rows with a value and rows without: each follows the index."""
    with_value = base.where(order.by.is_not(None))
    without = base.where(order.by.is_(None))
    edge = walk.edge
    parts = []
    if edge is None or edge.value is not None or walk.backward:
        at = edge if edge is not None and edge.value is not None else None
        parts.append(_along(with_value, order.by, key, walk, edge=at))
    if edge is None or edge.value is None or not walk.backward:
        at = edge if edge is not None and edge.value is None else None
        rest = without if at is None else without.where(_beyond(walk, key, at.key))
        # Ordering by the empty value, too, lets PostgreSQL follow the same index.
        parts.append(rest.order_by(*_directed(walk, order.by, key)).limit(walk.limit))
    return parts


def _along(
    base: Select[Any], by: Expression, key: Expression, walk: Walk, *, edge: Edge | None
) -> Select[Any]:
    if edge is not None:
        here = tuple_(by, key)
        there = tuple_(literal(edge.value, by.type), literal(edge.key, key.type))
        base = base.where(here > there if walk.is_upward else here < there)
    return base.order_by(*_directed(walk, by, key)).limit(walk.limit)


def _beyond(walk: Walk, column: Expression, value: object) -> ColumnElement[bool]:
    there = literal(value, column.type)
    return column > there if walk.is_upward else column < there


def _directed(walk: Walk, *columns: Any) -> list[ColumnElement[Any]]:  # noqa: ANN401 - SQL
    return [c.asc() if walk.is_upward else c.desc() for c in columns]
