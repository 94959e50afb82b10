# SPDX-License-Identifier: Apache-2.0
"""Parts that many declarations of resources are made of."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sqlalchemy import Table
from sqlalchemy.orm import DeclarativeBase

from web.grid.subject import Column, Kind, Order
from web.permissions import Permission
from web.resources.fields import Field, field_of
from web.resources.resource import Verb
from web.rights import EDIT_COSTS, SEE_COSTS

READ_ONLY = frozenset({Verb.VIEW, Verb.EXPORT})
"""The verbs of a table that is written elsewhere."""

WITH_MERGE = frozenset(Verb)
"""All verbs: two records of the table may turn out to be one."""


def table_of(model: type[DeclarativeBase]) -> Table:
    """Give the bare table of a model: a grid reads rows, and many of them."""
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101 - no model here maps anything else
    return table


def added(model: type[DeclarativeBase], label: str = "Added") -> Column:
    """Show when rows were added, the last first; their ids ascend with it and have the index."""
    columns = table_of(model).c
    return Column(
        name="created_at",
        label=label,
        value=columns.created_at,
        kind=Kind.DAY,
        order=Order(by=columns.id, best_first=True),
        css="wide-only",
    )


def read_only(model: type[DeclarativeBase], *names: str) -> dict[str, Field]:
    """Give fields that the record shows and no form takes."""
    columns = table_of(model).c
    return {name: replace(field_of(columns[name]), is_read_only=True) for name in names}


def seen_with_costs(names: Iterable[str]) -> Mapping[str, Permission]:
    """Let fields be seen only by those who may see costs."""
    return dict.fromkeys(names, SEE_COSTS)


def changed_with_costs(names: Iterable[str]) -> Mapping[str, Permission]:
    """Let fields be written only by those who may change costs."""
    return dict.fromkeys(names, EDIT_COSTS)
