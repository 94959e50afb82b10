# SPDX-License-Identifier: Apache-2.0
"""Keyset pages in an order by several columns, each up or down; rows without a value last.

No index serves every such order, so this is for tables and filters that are not too large;
PostgreSQL stops what takes too long. The first column still narrows what is read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, literal, or_, select

from web.grid.keyset import ORDER_LABEL, Walk, shown_key
from web.grid.subject import Expression, Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One column of an order and its direction."""

    name: str
    order: Order
    descending: bool = False


def label_of_step(index: int) -> str:
    """Name the column of the result that holds the value of one step of the order."""
    return f"{ORDER_LABEL}_{index}" if index else ORDER_LABEL


def walk_several(
    columns: Sequence[ColumnElement[Any]],
    conditions: Sequence[ColumnElement[bool]],
    steps: Sequence[Step],
    key: Expression,
    walk: Walk,
) -> Select[Any]:
    """Select the rows of one walk, nearest to the edge first."""
    values = [step.order.by.label(label_of_step(index)) for index, step in enumerate(steps)]
    found = select(*columns, *values, shown_key(key)).where(*conditions)
    if walk.edge is not None:
        found = found.where(_beyond(steps, key, walk))
    for step in steps:
        found = found.order_by(_directed(step, walk))
    key_down = steps[-1].descending != walk.backward
    return found.order_by(key.desc() if key_down else key.asc()).limit(walk.limit)


def _directed(step: Step, walk: Walk) -> ColumnElement[Any]:
    is_down = step.descending != walk.backward
    by = step.order.by.desc() if is_down else step.order.by.asc()
    return by.nulls_first() if walk.backward else by.nulls_last()


def _beyond(steps: Sequence[Step], key: Expression, walk: Walk) -> ColumnElement[bool]:
    """Say what lies beyond the edge: further in a step, or equal and further in the next."""
    edge = walk.edge
    assert edge is not None  # noqa: S101 - asked only then
    values = (edge.value, *edge.more)
    key_down = steps[-1].descending != walk.backward
    there = literal(edge.key, key.type)
    found: ColumnElement[bool] = key < there if key_down else key > there
    for step, value in reversed(list(zip(steps, values, strict=True))):
        found = or_(_further(step, value, walk), and_(_equal(step, value), found))
    return found


def _equal(step: Step, value: object | None) -> ColumnElement[bool]:
    by = step.order.by
    return by.is_(None) if value is None else by == literal(value, by.type)


def _further(step: Step, value: object | None, walk: Walk) -> ColumnElement[bool]:
    by = step.order.by
    if value is None:
        return by.is_not(None) if walk.backward else false()
    there = literal(value, by.type)
    is_down = step.descending != walk.backward
    beyond: ColumnElement[bool] = by < there if is_down else by > there
    if step.order.nullable and not walk.backward:
        return or_(beyond, by.is_(None))
    return beyond
