# SPDX-License-Identifier: Apache-2.0
"""Values as the history keeps them, shown as people read them.

The history keeps what PostgreSQL writes. A reference is shown by how its record is called
now, all of them looked up together.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg2.extensions import STRINGARRAY
from sqlalchemy import select

from web.language import _
from web.resources.columns import called
from web.resources.facts import text_of
from web.resources.fields import Field, Input
from web.resources.typed import read_range
from web.visits import Visit

Kept = str | None
Names = Mapping[tuple[str, str], str]
"""How records are called, by their table and id."""


def names_for(here: Visit, kept: Iterable[tuple[Field, Kept]]) -> Names:
    """Look up how the records are called that some kept values refer to."""
    wanted: dict[str, set[UUID]] = {}
    for field, value in kept:
        if field.input is Input.REFERENCE and value and (id_ := _id(value)):
            wanted.setdefault(field.refers_to, set()).add(id_)
    found: dict[tuple[str, str], str] = {}
    for name, ids in wanted.items():
        target = here.site.resources.get(name)
        if target is None:
            continue
        table = target.table
        rows = (
            here.read(target.database)
            .connection()
            .execute(
                select(table.c.id, called(table, table.c.id)).where(
                    table.c.id.in_(ids),
                    *target.conditions_for(here.visitor),
                )
            )
        )
        found.update({(name, str(key)): str(text or _("(no name)")) for key, text in rows})
    return found


def kept_text(here: Visit, field: Field, value: Kept, names: Names) -> str:
    """Write a kept value as people read it; what cannot be read stays as it is kept."""
    if value is None:
        return ""
    if field.input is Input.REFERENCE:
        if not _id(value):
            return value  # what the other system calls it
        return names.get((field.refers_to, value)) or _("gone since ({id})").format(id=value[-6:])
    if field.input is Input.FILE:
        return _("a file")
    try:
        return text_of(here, field, _value(field, value))
    except (ValueError, ArithmeticError):  # kept by an older shape of the table
        return value


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _value(field: Field, text: str) -> Any:  # noqa: ANN401 - of any column
    if field.input is Input.SPAN:
        return read_range(field, text)
    return _READ.get(field.input, str)(text)


_READ: Mapping[Input, Callable[[str], Any]] = {
    Input.FLAG: lambda text: text in {"t", "true"},
    Input.TIME: datetime.fromisoformat,
    Input.DATE: date.fromisoformat,
    Input.MONEY: Decimal,
    Input.WHOLE: Decimal,
    Input.DECIMAL: Decimal,
    Input.JSON: json.loads,
    Input.LIST: lambda text: STRINGARRAY(text, None),
}
