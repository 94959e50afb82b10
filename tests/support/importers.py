# SPDX-License-Identifier: Apache-2.0
"""Importers for tests, and a short way to run them."""

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import Engine, text

from poser.importing.asked import Asked
from poser.importing.fields import Field, Find
from poser.importing.importer import Importer
from poser.importing.result import ModelResult, RunResult
from poser.importing.running import run
from poser.importing.source import Bad
from poser.model import Brand, Department, Product, Vendor
from tests.support.importing import Record, handler

Run = Callable[..., RunResult]


class Vendors(Importer):
    """Whom goods are bought from."""

    model = Vendor
    key = ("number",)
    fields = (
        Field("number"),
        Field("name"),
        Field("terms", default=""),
        Field("discount_percent", default=None),
    )


class Brands(Importer):
    """What is printed on goods."""

    model = Brand
    key = ("name",)
    fields = (Field("name"),)


class Departments(Importer):
    """Where goods belong."""

    model = Department
    key = ("number",)
    fields = (Field("number"), Field("name"))


class Products(Importer):
    """What is sold, with references to parents and to each other."""

    model = Product
    key = ("item_number",)
    fields = (
        Field("item_number"),
        Field("description"),
        Field("department_id", "department", find=Find(Department, "number")),
        Field("department_name"),
        Field("single_id", "single", find=Find(Product, "item_number")),
        Field("pack_size"),
    )


class Codes(Importer):
    """Products by the retailer's number, with the barcodes that only one may have."""

    model = Product
    source = "products"
    key = ("item_number",)
    fields = (Field("item_number"), Field("description"), Field("gtin"))


def vendors(*names: str, **more: object) -> list[Record]:
    """Make records of vendors, numbered from 1."""
    return [{"number": str(n), "name": name, **more} for n, name in enumerate(names, 1)]


def imported(
    engine: Engine,
    importer: type[Importer],
    records: Sequence[Record | Bad],
    asked: Asked | None = None,
    *,
    breaks: BaseException | None = None,
) -> RunResult:
    """Run one importer over some records."""
    one = handler({importer().said: records}, importer, breaks=breaks)
    return run(one, asked or Asked(), {"poser": engine})


def counts(result: RunResult) -> Mapping[str, int]:
    """Give the counts of a run of one model that are not zero."""
    (model,) = result.models
    names = ("created", "updated", "deleted", "unchanged", "refused", "duplicates", "skipped")
    return {name: getattr(model, name) for name in names if getattr(model, name)}


def only(result: RunResult) -> ModelResult:
    """Give the only model of a run."""
    (model,) = result.models
    return model


def rows(engine: Engine, query: str, **values: object) -> list[tuple[object, ...]]:
    """Ask the database something."""
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query), values)]
