# SPDX-License-Identifier: Apache-2.0
"""Tables and queries of an SQLite file are read, and nothing in it is written."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from poser.errors import ImportFailed
from poser.importing.compiling import compiled, compiled_lines
from poser.importing.fields import Field
from poser.importing.formats.databases import DatabaseSource
from poser.importing.importer import Importer, Made, Record
from poser.model.products import Product


def importer(source: str) -> Importer:
    fields = (Field("gtin", "Code"), Field("description", "Name"))
    return Made(model=Product, key=("gtin",), fields=fields, source=source).importer()


class Seen(Importer):
    """Products that a program looks at."""

    model = Product
    source = "Item"
    key = ("gtin",)
    fields = (Field("gtin", "Code"),)

    def normalize(self, record: Record) -> Record | None:
        return record


@pytest.fixture
def path(tmp_path: Path) -> str:
    found = tmp_path / "shop.sqlite"
    with closing(sqlite3.connect(found)) as shop:
        shop.execute('CREATE TABLE "Item" (Code INTEGER, Name TEXT, Price NUMERIC)')
        shop.execute("""INSERT INTO "Item" VALUES (1, 'Käse: mild', 0.99), (2, NULL, 1)""")
        shop.execute('CREATE VIEW cheap AS SELECT * FROM "Item" WHERE Price < 1')
        shop.commit()
    return str(found)


def test_a_table_gives_the_columns_that_are_wanted(path: str) -> None:
    with DatabaseSource(path) as source:
        rows = source.rows(importer("Item"))
        assert rows is not None
        assert rows.names == ("Code", "Name")
        items = [(place, tuple(values)) for place, values in rows.items]
        assert items == [("Item, row 1", (1, "Käse: mild")), ("Item, row 2", (2, None))]
        every = source.rows(Seen())
        assert every is not None
        assert every.names == ("Code", "Name", "Price")


def test_views_and_queries_are_read_too(path: str) -> None:
    query = """SELECT Code, 'x: ' || Name AS Name FROM "Item" WHERE Price > 0.99"""
    with DatabaseSource(f"sqlite:///{path}") as source:
        view = source.rows(importer("cheap"))
        assert view is not None
        assert [tuple(values) for _, values in view.items] == [(1, "Käse: mild")]
        rows = source.rows(importer(query))
        assert rows is not None
        assert [(place, tuple(values)) for place, values in rows.items] == [
            ("the query, row 1", (2, None))
        ]


def test_rows_of_a_database_fit_what_compiles_them(path: str) -> None:
    with DatabaseSource(path) as source:
        one = importer("Item")
        rows = source.rows(one)
        assert rows is not None
        first = next(iter(rows.items))[1]
        assert compiled(one, rows.names)(first) == (1, "Käse: mild")
        assert compiled_lines(one, rows.names)(first) == "1\tKäse: mild"


def test_a_table_that_is_not_there_is_nothing(path: str) -> None:
    with DatabaseSource(path) as source:
        assert source.rows(importer("Items")) is None
        with pytest.raises(ImportFailed, match="no such table: missing"):
            source.rows(importer("SELECT * FROM missing"))


def test_nothing_can_be_written(path: str) -> None:
    with DatabaseSource(path) as source:
        with pytest.raises(ImportFailed, match="readonly database"):
            source.rows(importer('WITH x AS (SELECT 1) DELETE FROM "Item"'))
        rows = source.rows(importer("Item"))
        assert rows is not None
        assert len(list(rows.items)) == 2


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("/nothing/shop.sqlite", "cannot read /nothing/shop.sqlite: no such file"),
        ("nonsense://x", "'nonsense://x' is no address of a database"),
        ("mysql+mysqldb://u:secret@h/x", "this node has no driver for it"),
    ],
)
def test_what_cannot_be_opened_is_said_without_its_secret(address: str, message: str) -> None:
    with pytest.raises(ImportFailed, match=message) as error:
        DatabaseSource(address).__enter__()
    assert "secret" not in str(error.value)


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    path.write_bytes(b"not a database, and long enough to look at" * 100)
    with (
        pytest.raises(ImportFailed, match="file is not a database"),
        DatabaseSource(str(path)) as source,
    ):
        source.rows(importer("Item"))
