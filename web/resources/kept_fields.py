# SPDX-License-Identifier: Apache-2.0
"""The fields of changed rows as people read them, for pages that show rows of many tables.

Fields have the labels that forms have, and their values the shape that grids give them. What
a visitor may not see of a record is not shown here either.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from web.language import _
from web.resources.fields import Field, Input, field_of
from web.resources.kept import Kept, Names, kept_text, names_for
from web.resources.resource import NOT_EDITED, Resource, Verb
from web.resources.words import label_of
from web.visits import Visit


class KeptRow(NamedTuple):
    """A changed row: its table, and its fields as they were and as they are now."""

    table: str
    old: Mapping[str, Kept]
    new: Mapping[str, Kept]


class ShownField(NamedTuple):
    """One field of a changed row; None where nothing was, or is."""

    name: str
    label: str
    old: str | None
    new: str | None


def shown_fields(here: Visit, rows: Sequence[KeptRow]) -> list[list[ShownField]]:
    """Show the fields of each row; what fields refer to is looked up for all rows at once."""
    known = {table: known_fields(here, table, names) for table, names in _by_table(rows).items()}
    names = names_for(here, _pairs(rows, known))
    return [_shown(here, row, known[row.table], names) for row in rows]


def may_see_rows(here: Visit, table: str) -> bool:
    """Tell whether a visitor may see whatever was changed in a table.

    Whoever sees the rows of some stores only does not: what a change kept may be of any store.
    A table without pages of its own is for those who have every right. Without a table it is
    the batch's own rows, which are for whoever may see the batch.
    """
    if not table:
        return True
    resource = here.site.resources.get(table)
    if resource is None or here.visitor.has_all:
        return here.visitor.has_all
    may = here.visitor.may(resource.permission(Verb.VIEW))
    return may and not resource.conditions_for(here.visitor)


def may_see_field(here: Visit, table: str, name: str) -> bool:
    """Tell whether a visitor who may see the rows of a table may see one of their fields."""
    resource = here.site.resources.get(table)
    return resource is None or resource.may_see(here.visitor, name)


def known_fields(here: Visit, table: str, names: Sequence[str]) -> dict[str, Field]:
    """Give the fields of a table that this visitor may see, of those with these names."""
    if not may_see_rows(here, table):
        return {}
    resource = here.site.resources.get(table)
    if resource is None:
        return {name: _unknown(name) for name in names}
    seen = (name for name in names if may_see_field(here, table, name))
    return {name: _field(resource, name) for name in seen if name not in NOT_EDITED}


def as_kept(value: Any, field: Field | None = None) -> Kept:  # noqa: ANN401 - of JSON
    """Write a value of JSON as the history keeps it."""
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, list) and (field is None or field.input is Input.LIST):
        return "{" + ",".join(json.dumps(str(each), ensure_ascii=False) for each in value) + "}"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return None if value is None else str(value)


def _by_table(rows: Sequence[KeptRow]) -> dict[str, list[str]]:
    found: dict[str, dict[str, None]] = {}
    for row in rows:
        found.setdefault(row.table, {}).update(dict.fromkeys((*row.old, *row.new)))
    return {table: list(names) for table, names in found.items()}


def _field(resource: Resource, name: str) -> Field:
    known = resource.form.get(name)
    if known is not None:
        return known
    return field_of(resource.table.c[name]) if name in resource.table.c else _unknown(name)


def _unknown(name: str) -> Field:
    return Field(name=name, label=label_of(name), input=Input.TEXT)


def _pairs(
    rows: Sequence[KeptRow], known: Mapping[str, Mapping[str, Field]]
) -> Iterator[tuple[Field, Kept]]:
    for row in rows:
        fields = known[row.table]
        for side in (row.old, row.new):
            yield from ((fields[name], value) for name, value in side.items() if name in fields)


def _shown(
    here: Visit, row: KeptRow, fields: Mapping[str, Field], names: Names
) -> list[ShownField]:
    def said(side: Mapping[str, Kept], field: Field) -> str | None:
        value = side.get(field.name)
        return None if value is None else kept_text(here, field, value, names)

    found = (
        ShownField(name, _(field.label), said(row.old, field), said(row.new, field))
        for name, field in fields.items()
        if name in row.old or name in row.new
    )
    is_update = bool(row.old and row.new)
    return [each for each in found if is_update or each.old or each.new]
