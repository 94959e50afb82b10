# SPDX-License-Identifier: Apache-2.0
"""A folder gives each importer the files that are called as its rows are."""

import gzip
from pathlib import Path

import pytest

from poser.errors import ImportFailed
from poser.importing.fields import Field
from poser.importing.formats.folders import FolderSource
from poser.importing.importer import Made
from poser.importing.source import Bad
from poser.model.org import Department
from poser.model.products import Product

PRODUCTS = Made(model=Product, key=("gtin",), fields=(Field("gtin"),)).importer()
DEPARTMENTS = Made(model=Department, key=("number",), fields=(Field("number"),)).importer()


def test_files_are_found_by_name_and_read_in_order(tmp_path: Path) -> None:
    (tmp_path / "Products.csv").write_text("gtin,size\n1,a\n")
    (tmp_path / "products-2.ndjson").write_text('{"size": "b", "gtin": "2"}\n')
    (tmp_path / "products-1.csv.gz").write_bytes(gzip.compress(b"size;gtin\nc;3\nd\n"))
    (tmp_path / "products.txt").write_text("nobody reads it")
    (tmp_path / ".products-3.csv").write_text("nobody reads it")
    (tmp_path / "departments.tsv").write_text("number\tname\n1\tDairy, milk\n")
    with FolderSource(str(tmp_path)) as source:
        rows = source.rows(PRODUCTS)
        assert rows is not None
        assert rows.names == ("gtin", "size")
        assert list(rows.items) == [
            ("Products.csv, line 2", ["1", "a"]),
            ("products-1.csv.gz, line 2", ["3", "c"]),
            Bad(
                "products-1.csv.gz, line 3",
                "has 1 value where the header names 2 columns",
                value="d",
            ),
            ("products-2.ndjson, line 1", ["2", "b"]),
        ]
        rows = source.rows(DEPARTMENTS)
        assert rows is not None
        assert list(rows.items) == [(2, ["1", "Dairy, milk"])]
        assert sum("encoding" in note for note in source.notes()) == 3


def test_what_no_file_is_called_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "product.csv").write_text("gtin\n")
    with FolderSource(str(tmp_path)) as source:
        assert source.rows(PRODUCTS) is None
        assert source.near("products") == "is product.csv meant?"


def test_files_of_one_kind_have_the_same_columns(tmp_path: Path) -> None:
    (tmp_path / "products-1.csv").write_text("gtin,size\n1,a\n")
    (tmp_path / "products-2.csv").write_text("gtin,sizes\n1,a\n")
    with FolderSource(str(tmp_path)) as source:
        rows = source.rows(PRODUCTS)
        assert rows is not None
        with pytest.raises(ImportFailed, match=r"other columns than products-1.csv: size, sizes"):
            list(rows.items)


def test_a_folder_that_is_none_is_said(tmp_path: Path) -> None:
    with pytest.raises(ImportFailed, match="cannot read the folder"):
        FolderSource(str(tmp_path / "nothing")).__enter__()
