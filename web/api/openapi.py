# SPDX-License-Identifier: Apache-2.0
"""The description of the API as OpenAPI 3.1, made of the declarations of resources.

*Source:* OpenAPI Specification 3.1.1.
"""

from collections.abc import Iterable
from typing import Any

from web.api.names import list_path
from web.api.problems import PROBLEM
from web.api.schemas import name_of, read_schema, written_fields, written_schema
from web.grid.view import ROWS
from web.resources import Resource, Verb

Part = dict[str, Any]

_PROBLEM = {"$ref": "#/components/responses/Problem"}
_REFUSED = ("400", "401", "403")
"""How everything may be refused: a question that makes no sense, no token, no right."""
_NOT_THERE = ("404",)
_UNFIT = ("413", "415", "422")
_OTHER_VERSION = ("412", "428")
_KEY: Part = {"$ref": "#/components/parameters/Key"}
_MATCH: Part = {"$ref": "#/components/parameters/IfMatch"}
_ETAG: Part = {"ETag": {"schema": {"type": "string"}, "description": "Tag of this version."}}
_LOCATION: Part = {"Location": {"schema": {"type": "string"}, "description": "Its address."}}
_ABOUT = (
    "What the pages of this node show, for programs. Numbers with decimals are texts. Lists"
    " take the filters of the grids as NAME.VERB=VALUE, such as name.contains=oat."
)


def describe(resources: Iterable[Resource], *, release: str) -> Part:
    """Describe the API of some resources."""
    known = sorted(resources, key=lambda each: each.path)
    schemas: Part = {"Problem": _problem()}
    paths: Part = {}
    for each in known:
        schemas[name_of(each)] = read_schema(each)
        if _writes(each):
            schemas[f"{name_of(each)}Fields"] = written_schema(each)
        paths[list_path(each)] = _list_part(each)
        paths[list_path(each) + "/{key}"] = _record_part(each)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Poser", "version": release or "unknown", "description": _ABOUT},
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "tags": [{"name": each.title, "description": each.about} for each in known],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "parameters": _parameters(),
            "responses": {"Problem": _problem_response()},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _writes(resource: Resource) -> bool:
    return resource.database == "poser" and bool({Verb.CREATE, Verb.EDIT} & resource.can)


def _can(resource: Resource, verb: Verb) -> bool:
    return resource.database == "poser" and verb in resource.can


def _operation(resource: Resource, verb: Verb, word: str, answers: Part, **more: Any) -> Part:  # noqa: ANN401 - JSON
    """Describe what one method does; an answer of None is a refusal."""
    permission = resource.permission(verb)
    told = {**dict.fromkeys(_REFUSED), **answers}
    return {
        "operationId": f"{word}_{resource.noun}",
        "tags": [resource.title],
        "summary": permission.what,
        "description": f"Needs the permission {permission.name}.",
        **more,
        "responses": {status: told[status] or _PROBLEM for status in sorted(told)}
        | {"default": _PROBLEM},
    }


def _list_part(resource: Resource) -> Part:
    part = {
        "get": _operation(
            resource,
            Verb.VIEW,
            "list",
            {"200": _answer("A page of records.", _page_schema(resource))},
            parameters=[
                {"$ref": f"#/components/parameters/{name}"}
                for name in ("Search", "Sort", "Rows", "After", "Filters")
            ],
        )
    }
    if _can(resource, Verb.CREATE):
        part["post"] = _operation(
            resource,
            Verb.CREATE,
            "add",
            {
                "201": _record_answer(resource, "The record as it was added.", _LOCATION),
                **dict.fromkeys(_UNFIT),
            },
            requestBody=_body(resource, is_new=True),
        )
    return part


def _record_part(resource: Resource) -> Part:
    part: Part = {
        "parameters": [_KEY],
        "get": _operation(
            resource,
            Verb.VIEW,
            "read",
            {
                "200": _record_answer(resource, "The record."),
                "304": {"description": "It is as it was read before (If-None-Match)."},
                **dict.fromkeys(_NOT_THERE),
            },
        ),
    }
    if _can(resource, Verb.EDIT):
        part["patch"] = _operation(
            resource,
            Verb.EDIT,
            "change",
            {
                "200": _record_answer(resource, "The record as it is now."),
                **dict.fromkeys((*_NOT_THERE, *_OTHER_VERSION, *_UNFIT)),
            },
            parameters=[_MATCH],
            requestBody=_body(resource, is_new=False),
        )
    if _can(resource, Verb.DELETE):
        gone = {
            "204": {"description": "It is deleted."},
            **dict.fromkeys((*_NOT_THERE, *_OTHER_VERSION, "422")),
        }
        part["delete"] = _operation(resource, Verb.DELETE, "delete", gone, parameters=[_MATCH])
    return part


def _answer(words: str, schema: Part) -> Part:
    return {"description": words, "content": {"application/json": {"schema": schema}}}


def _record_answer(resource: Resource, words: str, headers: Part | None = None) -> Part:
    return {**_answer(words, _ref(name_of(resource))), "headers": {**_ETAG, **(headers or {})}}


def _ref(name: str) -> Part:
    return {"$ref": f"#/components/schemas/{name}"}


def _body(resource: Resource, *, is_new: bool) -> Part:
    schema = _ref(f"{name_of(resource)}Fields")
    required = [n for n, field in written_fields(resource).items() if field.is_required]
    if is_new and required:
        schema = {"allOf": [schema], "required": required}
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _page_schema(resource: Resource) -> Part:
    return {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": _ref(name_of(resource))},
            "count": {
                "type": "object",
                "properties": {"number": {"type": "integer"}, "is_exact": {"type": "boolean"}},
                "required": ["number", "is_exact"],
            },
            "next": {"type": ["string", "null"], "description": "Address of the next page."},
        },
        "required": ["items", "count", "next"],
    }


def _parameters() -> Part:
    return {
        "Key": _parameter("key", "path", "The id of the record.", {"format": "uuid"}),
        "IfMatch": _parameter(
            "If-Match", "header", "The ETag of the record as it was read, or *.", {}
        ),
        "Search": _parameter("q", "query", "Words that must occur.", {}),
        "Sort": _parameter(
            "sort", "query", "Names to order by, with - in front for the greatest first.", {}
        ),
        "Rows": {
            "name": "rows",
            "in": "query",
            "description": "How many records a page has.",
            "schema": {"type": "integer", "enum": list(ROWS)},
        },
        "After": _parameter("after", "query", "The place after which the page begins.", {}),
        "Filters": {
            "name": "filters",
            "in": "query",
            "description": "Any number of NAME.VERB=VALUE, such as name.contains=oat.",
            "style": "form",
            "explode": True,
            "schema": {"type": "object", "additionalProperties": {"type": "string"}},
        },
    }


def _parameter(name: str, place: str, words: str, more: Part) -> Part:
    return {
        "name": name,
        "in": place,
        "required": place != "query",
        "description": words,
        "schema": {"type": "string", **more},
    }


def _problem() -> Part:
    return {
        "type": "object",
        "description": "What went wrong (RFC 9457).",
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "reference": {"type": "string", "description": "Finds the line in the node's log."},
            "fields": {
                "type": "object",
                "additionalProperties": {"type": "string"},
                "description": "What is wrong with each field.",
            },
        },
        "required": ["type", "title", "status", "detail", "reference"],
    }


def _problem_response() -> Part:
    schema = {"schema": _ref("Problem")}
    return {"description": "It did not work.", "content": {PROBLEM: schema}}
