# SPDX-License-Identifier: Apache-2.0
"""What every grid costs, and what it keeps from those who may not see it."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import false

from poser.model import Vendor
from tests.web.conftest import Browser, Shop
from tests.web.test_grid import MOST_STATEMENTS
from web.grid.filters import BadQuery
from web.grid.reader import Reader
from web.grid.view import read_view
from web.permissions import Permission
from web.resources import Area, Resource
from web.visits import Visitor

SECRET = Permission("costs.view", "See what goods cost")
ASKED = ("", "?q=a", "?rows=25&end=1")


def test_every_page_of_every_grid_takes_few_statements(
    shop: Shop, ada: Browser, statements: list[str]
) -> None:
    for resource in shop.site.resources.values():
        for query in ASKED:
            statements.clear()
            assert ada.get(resource.path + query).status_code == 200, resource.path + query
            told = "\n".join(statements)
            assert len(statements) <= MOST_STATEMENTS, f"{resource.path}{query}\n{told}"


@pytest.fixture
def guarded() -> Resource:
    return Resource(
        model=Vendor, path="/x", title="Vendors", one="vendor", many="vendors", icon="truck",
        area=Area.BUYING, about="x", empty="x", label="name", order="name", is_small=True,
        columns=("name", "discount_percent", "number"),
        guarded={"discount_percent": SECRET, "terms": SECRET},
    )  # fmt: skip


def reader(*permissions: str) -> Reader:
    visitor = Visitor(user_id=UUID(int=1), permissions=frozenset(permissions))
    return Reader(visitor=visitor, today=date(2026, 11, 22))


def test_a_guarded_column_is_not_there_without_its_right(guarded: Resource) -> None:
    view = read_view(guarded.grid, {}, reader())
    assert [column.name for column in view.columns] == ["name", "number"]
    assert not {"discount_percent", "terms"} & set(view.offered)
    chosen = read_view(guarded.grid, {"cols": "terms,number"}, reader())
    assert [column.name for column in chosen.columns] == ["number"]


@pytest.mark.parametrize(
    "given",
    [
        {"sort": "discount_percent"}, {"discount_percent.over": "1"}, {"terms.empty": "1"},
        {"or1.terms.contains": "net"}, {"cols": "terms"}, {"sort": "-terms,name"},
    ],
)  # fmt: skip
def test_a_guarded_column_is_not_asked_about_without_its_right(
    guarded: Resource, given: dict[str, str]
) -> None:
    with pytest.raises(BadQuery):
        read_view(guarded.grid, given, reader())
    assert read_view(guarded.grid, given, reader("costs.view")).offered


def test_rows_out_of_reach_are_in_no_page(guarded: Resource) -> None:
    limited = replace(guarded, scopes=lambda _visitor: [false()])
    conditions = read_view(limited.grid, {"name.contains": "a"}, reader()).conditions()
    assert "false" in [str(condition) for condition in conditions]
