# SPDX-License-Identifier: Apache-2.0
"""What a row keeps of another one beside its id goes with the reference."""

import pytest
from sqlalchemy import Engine

from poser.importing.asked import Asked
from poser.importing.fields import Field, Find
from poser.importing.importer import Importer
from poser.importing.running import run
from poser.model import Department, Product
from tests.support.importers import Departments, counts, rows
from tests.support.importing import handler

pytestmark = pytest.mark.postgresql

NAMES = "SELECT item_number, department_name FROM products ORDER BY item_number"


class Products(Importer):
    """Products whose departments are known by numbers alone."""

    model = Product
    key = ("item_number",)
    fields = (
        Field("item_number"),
        Field("description", "item_number"),
        Field("department_id", "department", find=Find(Department, "number")),
        Field("department_name", "department", find=Find(Department, "number", "name")),
    )


def imported(engine: Engine, departments: dict[int, str], **products: object) -> dict[str, int]:
    """Import departments and products together, and count what came of products."""
    records = {
        "departments": [{"number": number, "name": name} for number, name in departments.items()],
        "products": [{"item_number": item, "department": of} for item, of in products.items()],
    }
    done = run(handler(records, Departments, Products), Asked(), {"poser": engine})
    assert done.why == ""
    done.models = [one for one in done.models if one.model == "Product"]
    return dict(counts(done))


def test_the_name_of_a_department_comes_with_its_number(poser_db: Engine) -> None:
    assert imported(poser_db, {10: "Dairy", 20: "Bakery"}, milk=10, bread=20, thing=None) == {
        "created": 3
    }
    assert rows(poser_db, NAMES) == [("bread", "Bakery"), ("milk", "Dairy"), ("thing", "")]
    assert imported(poser_db, {10: "Dairy", 20: "Bakery"}, milk=20, bread=None, thing=99) == {
        "updated": 2,
        "refused": 1,
    }
    assert rows(poser_db, NAMES) == [("bread", ""), ("milk", "Bakery"), ("thing", "")]


def test_a_department_that_the_same_run_renames_has_its_new_name(poser_db: Engine) -> None:
    imported(poser_db, {10: "Dairy"}, milk=10)
    assert imported(poser_db, {10: "Milk and eggs"}, milk=10, egg=10)["created"] == 1
    assert rows(poser_db, NAMES) == [("egg", "Milk and eggs"), ("milk", "Milk and eggs")]
    assert imported(poser_db, {10: "Milk and eggs"}, milk=10, egg=10) == {"unchanged": 2}
