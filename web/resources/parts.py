# SPDX-License-Identifier: Apache-2.0
"""Parts that many declarations of resources are made of."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.orm import DeclarativeBase

from web.grid.subject import Column, Kind, Order
from web.permissions import Permission
from web.resources.fields import Field, field_of
from web.resources.resource import Verb
from web.rights import EDIT_COSTS, SEE_COSTS

_BELOW_MS = 80  # bits of a UUID version 7 below its milliseconds

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
    if "created_at" in columns:
        name, value, kind, write = "created_at", columns.created_at, Kind.DAY, None
    else:
        name, value, kind, write = "id", columns.id, Kind.TEXT, _day_of
    return Column(
        name=name,
        label=label,
        value=value,
        kind=kind,
        write=write,
        order=Order(by=columns.id, best_first=True),
        css="wide-only",
    )


def _day_of(key: UUID) -> str:
    """Read from an id of version 7 the day (UTC) on which it was made."""
    made = datetime.fromtimestamp((key.int >> _BELOW_MS) / 1000, UTC)
    return made.date().isoformat()


def read_only(model: type[DeclarativeBase], *names: str) -> dict[str, Field]:
    """Give fields that the record shows and no form takes."""
    columns = table_of(model).c
    return {name: replace(field_of(columns[name]), is_read_only=True) for name in names}


def seen_with_costs(model: type[DeclarativeBase]) -> Mapping[str, Permission]:
    """Let the fields that the model says be seen only by those who may see costs."""
    return _asking(model, "see", SEE_COSTS)


def changed_with_costs(model: type[DeclarativeBase]) -> Mapping[str, Permission]:
    """Let the fields that the model says be written only by those who may change costs."""
    return _asking(model, "change", EDIT_COSTS)


def _asking(
    model: type[DeclarativeBase], verb: str, permission: Permission
) -> Mapping[str, Permission]:
    named = (c.name for c in table_of(model).c if c.info.get(verb) == permission.name)
    return dict.fromkeys(named, permission)
