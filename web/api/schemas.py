# SPDX-License-Identifier: Apache-2.0
"""Fields as JSON Schema, as OpenAPI 3.1 has it."""

from collections.abc import Mapping
from typing import Any

from web.api.records import STAMPS
from web.resources import Resource
from web.resources.fields import Field, Input, field_of

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_NUMBER: Schema = {"type": "string", "format": "decimal", "examples": ["12.50"]}
_END: Schema = {"type": ["string", "null"]}
_SHAPES: Mapping[Input, Schema] = {
    Input.WHOLE: {"type": "integer"},
    Input.DECIMAL: _NUMBER,
    Input.MONEY: _NUMBER,
    Input.FLAG: {"type": "boolean"},
    Input.DATE: {"type": "string", "format": "date"},
    Input.TIME: {"type": "string", "format": "date-time"},
    Input.SPAN: {"type": "object", "properties": {"from": _END, "until": _END}},
    Input.REFERENCE: {"type": "string", "format": "uuid"},
    Input.LIST: {"type": "array", "items": _TEXT},
    Input.JSON: {},
}
_STAMPS: Mapping[str, Schema] = {
    "id": {"type": "string", "format": "uuid"},
    "created_at": {"type": "string", "format": "date-time"},
    "modified_at": {"type": "string", "format": "date-time"},
}


def name_of(resource: Resource) -> str:
    """Name the schema of a resource's records, such as Vendor."""
    return resource.model.__name__


def read_schema(resource: Resource) -> Schema:
    """Describe a record as it is read; guarded fields are there for those who may see them."""
    fields = {n: field for n, field in resource.form.items() if field.input is not Input.FILE}
    stamps = [name for name in STAMPS if name in resource.table.c and name not in fields]
    properties = {name: _stamp(resource, name) for name in stamps}
    properties |= {name: field_schema(field) for name, field in fields.items()}
    needed = [name for name in properties if name not in resource.guarded]
    return {
        "type": "object",
        "description": resource.about,
        "properties": properties,
        "required": needed,
    }


def written_schema(resource: Resource) -> Schema:
    """Describe the fields that can be written; of a new record some are required elsewhere."""
    fields = written_fields(resource)
    return {
        "type": "object",
        "properties": {name: field_schema(field) for name, field in fields.items()},
        "additionalProperties": False,
    }


def written_fields(resource: Resource) -> Mapping[str, Field]:
    """Give the fields that the API takes, by name."""
    return {
        name: field
        for name, field in resource.form.items()
        if not field.is_read_only and field.input is not Input.FILE
    }


def field_schema(field: Field) -> Schema:
    """Describe one field."""
    shape = dict(_SHAPES.get(field.input, _TEXT))
    if field.options:
        shape["enum"] = [option.value for option in field.options]
    if field.takes_none and "type" in shape:
        shape["type"] = [shape["type"], "null"]
        if "enum" in shape:
            shape["enum"] = [*shape["enum"], None]
    words = field.help
    if field.refers_to:
        words = f"{words} The id of one of {field.refers_to}.".strip()
    if words:
        shape["description"] = words
    if field.is_read_only:
        shape["readOnly"] = True
    return shape


def _stamp(resource: Resource, name: str) -> Schema:
    words = field_of(resource.table.c[name]).help
    return {**_STAMPS[name], "description": words, "readOnly": True}
