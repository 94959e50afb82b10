# SPDX-License-Identifier: Apache-2.0
"""The fields of a record as people read them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from web.formats import day, money, quantity, span
from web.language import _
from web.resources.fields import Field, Input
from web.resources.reading import Record, fields_for
from web.resources.resource import Resource
from web.resources.typed import typed
from web.visits import Visit

_KIB = 1024


class Fact(NamedTuple):
    """One field as the page shows it; `path` leads to the record that it refers to."""

    label: str
    help: str
    text: str
    path: str | None
    css: str = ""


class FactSection(NamedTuple):
    """Facts that stand together."""

    title: str
    facts: Sequence[Fact]


def sections_of(
    here: Visit, resource: Resource, record: Record, *, path: str = ""
) -> list[FactSection]:
    """Give what a visitor may see of a record, section by section."""
    seen = fields_for(resource, here.visitor)
    found = [
        FactSection(
            _(section.title) if section.title else "",
            [fact_of(here, seen[name], record, path) for name in section.fields if name in seen],
        )
        for section in resource.all_sections
    ]
    return [section for section in found if section.facts]


def fact_of(here: Visit, field: Field, record: Record, path: str = "") -> Fact:
    """Show one field of a record."""
    value = record[field.name]
    label, sense = _(field.label), _(field.help) if field.help else ""
    if field.input is Input.FILE:
        where = f"{path}/file/{field.name}" if value and path else None
        return Fact(label, sense, text_of(here, field, value), where)
    if field.input is not Input.REFERENCE:
        css = _CSS.get(field.input, "")
        return Fact(label, sense, text_of(here, field, value), None, css)
    other = here.site.resources.get(field.refers_to)
    may = other is not None and here.visitor.may(other.grid.permission)
    leads = other.record_path(value) if other is not None and value and may else None
    return Fact(label, sense, record.get(f"{field.name}.called") or "", leads)


def text_of(here: Visit, field: Field, value: Any) -> str:  # noqa: ANN401 - of any column
    """Write the value of a field as people read it."""
    if value is None:
        return ""
    if field.input in _IN_ZONE:
        return _IN_ZONE[field.input](here, field, value)
    if field.input in _WRITTEN:
        return f"{_WRITTEN[field.input](value)} {field.unit}".strip()
    return next((_(label) for word, label in field.options if word == value), str(value))


def _time(here: Visit, _field: Field, value: Any) -> str:  # noqa: ANN401
    found = here.moment(value)
    return found.text if found else ""


def _size(size: int) -> str:
    if size < _KIB:
        return f"{size} B"
    return f"{size / _KIB:,.0f} KiB" if size < _KIB * _KIB else f"{size / _KIB / _KIB:,.1f} MiB"


_CSS: Mapping[Input, str] = {Input.JSON: "source", Input.LONG_TEXT: "source", Input.LIST: "source"}
_IN_ZONE: Mapping[Input, Callable[[Visit, Field, Any], str]] = {
    Input.TIME: _time,
    Input.SPAN: lambda here, _field, value: span(value, here.site.zone),
    Input.JSON: lambda here, field, value: typed(field, value, here.site.zone),
    Input.LIST: lambda here, field, value: typed(field, value, here.site.zone),
}
_WRITTEN: Mapping[Input, Callable[[Any], str]] = {
    Input.FLAG: lambda value: _("yes") if value else _("no"),
    Input.FILE: lambda value: _size(int(str(value).partition(" ")[0])),
    Input.MONEY: money,
    Input.WHOLE: quantity,
    Input.DECIMAL: quantity,
    Input.DATE: day,
}
