# SPDX-License-Identifier: Apache-2.0
"""The page of one record: its fields by section, each with what it means."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

import falcon
from sqlalchemy import Row, select

from web.formats import day, moment, money, quantity
from web.resources.columns import called
from web.resources.fields import Field, Input
from web.resources.resource import Resource
from web.showing import show
from web.visits import Visit, visit


class Fact(NamedTuple):
    """One field as the page shows it; `path` leads to the record that it refers to."""

    field: Field
    text: str
    path: str | None


class RecordPage:
    """Falcon resource: one record of a resource."""

    def __init__(self, resource: Resource, resources: Mapping[str, Resource]) -> None:
        self._resource = resource
        self._resources = resources

    def on_get(self, req: falcon.Request, resp: falcon.Response, key: UUID) -> None:
        """Show the record, or say that there is none with this id."""
        resource = self._resource
        here = visit(req)
        here.place = resource.path
        row = _read(here, resource, key)
        facts = {name: self._fact(here, field, row) for name, field in resource.form.items()}
        name = str(row._mapping[resource.label])  # noqa: SLF001 - SQLAlchemy's public name for it
        show(
            req,
            resp,
            "record.pt",
            title=name,
            resource=resource,
            key=key,
            sections=[(s.title, [facts[n] for n in s.fields]) for s in resource.all_sections],
        )

    def _fact(self, here: Visit, field: Field, row: Row[Any]) -> Fact:
        value = row._mapping[field.name]  # noqa: SLF001
        if field.input is not Input.REFERENCE:
            return Fact(field, text_of(here, field, value), None)
        other = self._resources.get(field.refers_to)
        may = other is not None and here.visitor.may(other.grid.permission)
        path = other.record_path(value) if other is not None and value and may else None
        return Fact(field, row._mapping[f"{field.name}.called"] or "", path)  # noqa: SLF001


def text_of(here: Visit, field: Field, value: Any) -> str:  # noqa: ANN401 - of any column
    """Write the value of a field as people read it."""
    if value is None:
        return ""
    if field.input is Input.TIME:
        found = moment(value, here.site.zone)
        return found.text if found else ""
    write = _WRITTEN.get(field.input)
    if write is not None:
        return write(value)
    return next((label for word, label in field.options if word == value), str(value))


_WRITTEN: dict[Input, Callable[[Any], str]] = {
    Input.FLAG: lambda value: "yes" if value else "no",
    Input.MONEY: money,
    Input.WHOLE: quantity,
    Input.DECIMAL: quantity,
    Input.DATE: day,
}


def _read(here: Visit, resource: Resource, key: UUID) -> Row[Any]:
    table = resource.table
    more = [
        called(resource_table, table.c[name]).label(f"{name}.called")
        for name, field in resource.form.items()
        if field.input is Input.REFERENCE
        for resource_table in [next(iter(table.c[name].foreign_keys)).column.table]
    ]
    session = here.read(resource.database)
    row = session.connection().execute(select(table, *more).where(table.c.id == key)).one_or_none()
    if row is None:
        raise falcon.HTTPNotFound
    return row
