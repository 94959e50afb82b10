# SPDX-License-Identifier: Apache-2.0
"""The description of the API: whole in itself, and true of what the API does."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.web.conftest import Browser, Shop

METHODS = {"get", "post", "patch", "delete"}


@pytest.fixture
def described(ada: Browser) -> Any:  # noqa: ANN401 - JSON
    """Give the description as a program reads it."""
    result = ada.get("/api/openapi.json")
    assert result.status_code == 200
    return result.json


def references(part: object) -> Iterator[str]:
    """List every reference inside a part."""
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for each in part.values():
            yield from references(each)
    elif isinstance(part, list):
        for each in part:
            yield from references(each)


def test_every_reference_leads_to_a_part(described: Any) -> None:  # noqa: ANN401
    assert described["openapi"] == "3.1.0"
    found = set(references(described))
    assert len(found) > 50
    for reference in found:
        part = described
        for name in reference.removeprefix("#/").split("/"):
            part = part[name]


def test_operations_have_names_of_their_own_and_answers(described: Any) -> None:  # noqa: ANN401
    names = []
    for path, item in described["paths"].items():
        for method in METHODS & set(item):
            operation = item[method]
            names.append(operation["operationId"])
            assert set(operation["responses"]) > {"default"}, (path, method)
            assert all("description" in r or "$ref" in r for r in operation["responses"].values())
    assert len(names) == len(set(names)) > 200
    keys = {"parameters" in item for path, item in described["paths"].items() if "{key}" in path}
    assert keys == {True}


def test_all_that_is_described_is_there_and_nothing_else(
    described: Any,  # noqa: ANN401
    shop: Shop,
    ada: Browser,
) -> None:
    paths = {f"/api/v1{resource.path}" for resource in shop.site.resources.values()}
    described_paths = {re.sub(r"/\{key\}$", "", path) for path in described["paths"]}
    assert described_paths == paths
    for path in sorted(paths)[:10]:
        assert ada.get(path).status_code == 200


def test_a_record_is_as_its_schema_says(described: Any, ada: Browser) -> None:  # noqa: ANN401
    schema = described["components"]["schemas"]["Product"]
    item = ada.get("/api/v1/products").json["items"][0]
    assert set(item) == set(schema["properties"])
    assert set(schema["required"]) <= set(item)
    assert schema["properties"]["kind"]["enum"][0] == "goods"
