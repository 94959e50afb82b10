# SPDX-License-Identifier: Apache-2.0
"""Records as the API gives and takes them: their fields, and tags of their versions."""

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import falcon

from poser.importing.kinds import FieldProblem
from web.api.problems import Unfit
from web.api.values import as_json, from_json
from web.resources import Resource
from web.resources.fields import Field, Input
from web.resources.reading import Record, fields_for
from web.resources.writing import is_editable
from web.visits import Visitor

Json = dict[str, object]
STAMPS = ("id", "created_at", "modified_at")
"""Columns that every record shows and nobody writes."""


def names_for(resource: Resource, visitor: Visitor) -> list[str]:
    """Name the columns that a visitor gets of a record; the contents of files are left out."""
    fields = fields_for(resource, visitor).values()
    shown = [field.name for field in fields if field.input is not Input.FILE]
    stamps = [name for name in STAMPS if name in resource.table.c and name not in shown]
    return ["id", *shown, *(name for name in stamps if name != "id")]


def record_json(names: list[str], record: Record) -> Json:
    """Write a record."""
    return {name: as_json(record[name]) for name in names}


def tag_of(record: Json) -> str:
    """Give the tag of a record's version, for If-Match: it differs when a field does."""
    text = json.dumps(record, sort_keys=True, default=str)
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def read_body(req: falcon.Request) -> Json:
    """Read the object that a request brings. Raises falcon.HTTPError for anything else."""
    kind = (req.content_type or "").partition(";")[0].strip().lower()
    if kind not in {"application/json", "application/merge-patch+json"}:
        raise falcon.HTTPUnsupportedMediaType(
            title="The API takes JSON", description="Send application/json."
        )
    try:
        body = json.loads(
            req.bounded_stream.read().decode(),
            parse_float=Decimal,
            parse_constant=_no_number,
            object_pairs_hook=_once_each,
        )
    except (ValueError, RecursionError) as error:
        raise falcon.HTTPBadRequest(
            title="This is not JSON", description=f"The body cannot be read: {error}."
        ) from error
    if not isinstance(body, dict):
        raise falcon.HTTPBadRequest(
            title="This is not an object", description="Send an object with the fields to write."
        )
    return body


def values_of(resource: Resource, visitor: Visitor, body: Json) -> dict[str, object]:
    """Read the fields of a body as the database keeps them. Raises Unfit."""
    values: dict[str, object] = {}
    problems: dict[str, str] = {}
    for name, value in body.items():
        field = resource.form.get(name)
        if field is None or not resource.may_see(visitor, name):
            problems[name] = f"is no field of {resource.many}"
        elif field.input is Input.FILE or not is_editable(resource, field, visitor):
            problems[name] = _why_not(resource, field, visitor)
        else:
            try:
                values[name] = from_json(field, value)
            except FieldProblem as problem:
                problems[name] = problem.reason
    if problems:
        raise Unfit(problems)
    return values


def with_needed(resource: Resource, visitor: Visitor, values: Mapping[str, object]) -> None:
    """See that a new record has what it needs. Raises Unfit."""
    missing = {
        name: "is needed"
        for name, field in resource.form.items()
        if field.is_required and name not in values and is_editable(resource, field, visitor)
    }
    if missing:
        raise Unfit(missing)


def _why_not(resource: Resource, field: Field, visitor: Visitor) -> str:
    need = resource.guarded_edit.get(field.name)
    if need is not None and not visitor.may(need):
        return f"needs a right that you do not have: {need.what} ({need.name})"
    return "is not written by the API"


def _once_each(pairs: list[tuple[str, Any]]) -> Json:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number")
