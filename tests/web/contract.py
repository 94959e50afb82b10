# SPDX-License-Identifier: Apache-2.0
"""The description of the API as a measure: answers held against it, bodies made of it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from falcon import testing
from hypothesis import strategies as st
from jsonschema import (  # type: ignore[import-untyped]
    Draft202012Validator,
    FormatChecker,
)

Json = Mapping[str, Any]

_JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=12), st.lists(st.integers()),
    st.just({}), st.floats(allow_nan=False, allow_infinity=False),
)  # fmt: skip
_EXACT: Mapping[str, st.SearchStrategy[Any]] = {
    "uuid": st.uuids().map(str),
    "date": st.dates().map(str),
    "date-time": st.datetimes().map(lambda at: at.isoformat() + "Z"),
    "decimal": st.decimals(allow_nan=False, allow_infinity=False).map(str),
}


class Operation(NamedTuple):
    """One thing that the API does: its path, its method, and what the description says."""

    path: str
    method: str
    said: Json


def operations(described: Json, *methods: str) -> Iterator[Operation]:
    """List what the description offers, by those methods."""
    for path, item in described["paths"].items():
        for method in methods:
            if method in item:
                yield Operation(path, method, item[method])


def check_answer(described: Json, operation: Operation, result: testing.Result) -> None:
    """See that an answer is one that the description names, and of the shape that it says."""
    where = f"{operation.method} {operation.path}: {result.status_code} {result.text[:300]}"
    said = operation.said["responses"].get(str(result.status_code))
    assert said is not None, f"not declared: {where}"
    said = _part(described, said)
    for name in said.get("headers", {}):
        assert name in result.headers, f"no header {name}: {where}"
    if "content" not in said:
        assert not result.content, where
        return
    kind = (result.headers["content-type"] or "").partition(";")[0]
    assert kind in said["content"], f"{kind} is not declared: {where}"
    check_value(described, said["content"][kind]["schema"], result.json, where)


def check_value(described: Json, schema: Json, value: object, where: str) -> None:
    """See that a value is as a schema of the description says."""
    whole = {**schema, "components": described["components"]}
    validator = Draft202012Validator(whole, format_checker=FormatChecker())
    wrong = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]
    assert not wrong, f"{where}\n" + "\n".join(wrong)


def least_body(described: Json, operation: Operation) -> Json:
    """Make a body with nothing but what a new record needs."""
    schema = operation.said["requestBody"]["content"]["application/json"]["schema"]
    fields = _part(described, schema.get("allOf", [schema])[0])["properties"]
    return {name: _plain(fields[name]) for name in schema.get("required", [])}


def _plain(schema: Json) -> object:
    if "enum" in schema:
        return schema["enum"][0]
    by_format = {"date": "2026-11-22", "date-time": "2026-11-22T08:00:00Z", "decimal": "1.00"}
    by_kind: Mapping[str, object] = {"integer": 1, "boolean": True, "array": [], "object": {}}
    text = by_format.get(schema.get("format", ""), "One")
    return by_kind.get(str(schema.get("type")), text)


def bodies(described: Json, operation: Operation) -> st.SearchStrategy[str]:
    """Make bodies for an operation: most as the description says, some with junk in a field."""
    schema = operation.said["requestBody"]["content"]["application/json"]["schema"]
    needed = schema.get("required", [])
    fields = _part(described, schema.get("allOf", [schema])[0])["properties"]
    made = {name: st.one_of(values(each), values(each), _JUNK) for name, each in fields.items()}
    must = {name: made[name] for name in needed}
    may = {name: each for name, each in made.items() if name not in must}
    return st.fixed_dictionaries(must, optional=may).map(json.dumps)


def values(schema: Json) -> st.SearchStrategy[Any]:
    """Make values that fit the schema of a field."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kinds = schema.get("type", "any")
    return st.one_of(
        [_of_kind(kind, schema) for kind in ([kinds] if kinds == str(kinds) else kinds)]
    )


def _of_kind(kind: str, schema: Json) -> st.SearchStrategy[Any]:
    plain: Mapping[str, st.SearchStrategy[Any]] = {
        "null": st.none(),
        "boolean": st.booleans(),
        "integer": st.integers(),
        "array": st.lists(st.text(max_size=5), max_size=3),
        "object": st.fixed_dictionaries(
            {}, optional=dict.fromkeys(schema.get("properties", {}), _JUNK)
        ),
        "string": _EXACT.get(schema.get("format", ""), st.text(max_size=40)),
    }
    return plain.get(kind, _JUNK)


def _part(described: Json, part: Json) -> Json:
    """Follow a reference."""
    found = part
    if "$ref" in part:
        found = described
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
    return found
