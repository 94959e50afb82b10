# SPDX-License-Identifier: Apache-2.0
"""Workbooks are read by sheet; broken ones, and cells without a value, are said."""

import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from poser.errors import ImportFailed
from poser.importing.compiling import compiled
from poser.importing.fields import Field
from poser.importing.formats.xlsx_files import XlsxSource
from poser.importing.importer import Importer, Made
from poser.importing.opening import Limits
from poser.importing.source import Bad, Item
from poser.model.org import Department
from poser.model.products import Product

PRODUCTS = Made(model=Product, key=("gtin",), fields=(Field("gtin"),)).importer()
DEPARTMENTS = Made(model=Department, key=("number",), fields=(Field("number"),)).importer()


def book(folder: Path, **sheets: Sequence[Sequence[object]]) -> str:
    made = Workbook()
    made.remove(made.worksheets[0])
    for title, rows in sheets.items():
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
    path = folder / "shop.xlsx"
    made.save(path)
    return str(path)


def read(path: str, importer: Importer = PRODUCTS, sheet: str = "") -> list[Item] | None:
    with XlsxSource(path, sheet=sheet) as source:
        rows = source.rows(importer)
        return None if rows is None else [rows.names, *rows.items]  # type: ignore[list-item]


def test_values_come_with_their_types_and_the_place_says_sheet_and_row(tmp_path: Path) -> None:
    day = datetime(2026, 11, 22)  # noqa: DTZ001 - as the library gives a day
    path = book(tmp_path, Products=[["gtin", "description", "day"], [4011, "Käse", day], [7.5]])
    assert read(path) == [
        ("gtin", "description", "day"),
        ("sheet Products, row 2", [4011, "Käse", day]),
        ("sheet Products, row 3", [7.5, None, None]),
    ]


def test_a_sheet_is_found_by_what_the_rows_are_called(tmp_path: Path) -> None:
    path = book(tmp_path, departments=[["number"], [1]], Product=[["gtin"], [2]], Other=[["x"]])
    assert read(path, DEPARTMENTS) == [("number",), ("sheet departments, row 2", [1])]
    assert read(path) == [("gtin",), ("sheet Product, row 2", [2])]
    assert read(path, sheet="other") == [("x",)]
    with pytest.raises(ImportFailed, match="there is no sheet 'Othre'") as error:
        read(path, sheet="Othre")
    assert error.value.hint == "did you mean 'Other'?"


def test_the_only_sheet_is_for_all_and_several_are_not_guessed(tmp_path: Path) -> None:
    assert read(book(tmp_path, Sheet1=[["gtin"], [1]])) is not None
    assert read(book(tmp_path, Sheet1=[["gtin"]], Sheet2=[["gtin"]])) is None


def test_empty_rows_are_nothing_and_values_beyond_the_header_are_bad(tmp_path: Path) -> None:
    rows = [[None], [], ["gtin", "size"], [1, ""], [None, None], [2, "x", None], [3, "x", "y"]]
    items = read(book(tmp_path, Products=rows))
    assert items == [
        ("gtin", "size"),
        ("sheet Products, row 4", [1, None]),
        ("sheet Products, row 6", [2, "x"]),
        Bad("sheet Products, row 7", "has values beyond the 2 columns that are named"),
    ]


def test_formulas_without_a_result_and_errors_are_kept_aside(tmp_path: Path) -> None:
    path = book(tmp_path, Products=[["gtin", "size"], [1, "=A2*2"], [2, "#DIV/0!"], [3, "x"]])
    assert read(path) == [
        ("gtin", "size"),
        Bad(
            "sheet Products, row 2",
            "is a formula without a result; open and save the workbook once",
            field="size",
            value="=A2*2",
        ),
        Bad("sheet Products, row 3", "is an error of the spreadsheet", "size", "#DIV/0!"),
        ("sheet Products, row 4", [3, "x"]),
    ]


def test_the_result_of_a_formula_is_taken(tmp_path: Path) -> None:
    path = book(tmp_path, Products=[["gtin", "size"], [1, "=1+1"]])
    packed = zipfile.ZipFile(path)
    parts = {name: packed.read(name) for name in packed.namelist()}
    packed.close()
    sheet = "xl/worksheets/sheet1.xml"
    assert b"<v />" in parts[sheet] or b"<v/>" in parts[sheet] or b"<v></v>" in parts[sheet]
    for empty in (b"<v />", b"<v/>", b"<v></v>"):
        parts[sheet] = parts[sheet].replace(empty, b"<v>2</v>")
    with zipfile.ZipFile(path, "w") as written:
        for name, content in parts.items():
            written.writestr(name, content)
    assert read(path) == [("gtin", "size"), ("sheet Products, row 2", [1, 2])]


def test_numbers_of_a_sheet_fit_the_columns_of_a_model(tmp_path: Path) -> None:
    importer = Made(
        model=Product,
        key=("gtin",),
        fields=(Field("gtin"), Field("item_number"), Field("pack_size")),
    ).importer()
    path = book(tmp_path, P=[["gtin", "item_number", "pack_size"], [4011.0, 12.0, 0.1 + 0.2]])
    with XlsxSource(path) as source:
        rows = source.rows(importer)
        assert rows is not None
        ((_, values),) = rows.items
    assert [str(one) for one in compiled(importer, rows.names)(values) or ()] == [
        "4011", "12", "0.3000",
    ]  # fmt: skip


def test_two_columns_of_one_name_are_an_error(tmp_path: Path) -> None:
    path = book(tmp_path, Products=[["gtin", "gtin"]])
    with pytest.raises(ImportFailed, match="sheet Products, row 1: 2 columns are called 'gtin'"):
        read(path)


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 broken", b"gtin,name\n", b"\xd0\xcf\x11\xe0"]
)
def test_what_is_no_workbook_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "shop.xlsx"
    path.write_bytes(content)
    with pytest.raises(ImportFailed, match="is no XLSX workbook, or a broken one"):
        read(str(path))


def test_a_broken_sheet_is_said_when_it_is_reached(tmp_path: Path) -> None:
    path = book(tmp_path, Products=[["gtin"], *([number] for number in range(50))])
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet][: len(parts[sheet]) // 2]
    with zipfile.ZipFile(path, "w") as written:
        for name, content in parts.items():
            written.writestr(name, content)
    with pytest.raises(ImportFailed, match="is no XLSX workbook, or a broken one"):
        read(path)


def test_a_workbook_that_is_not_there_or_unpacks_to_too_much_is_said(tmp_path: Path) -> None:
    with pytest.raises(ImportFailed, match=r"cannot read .*nothing\.xlsx: No such file"):
        read(str(tmp_path / "nothing.xlsx"))
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b" " * 3_000_000)
    with pytest.raises(ImportFailed, match="unpacks to 2 MiB, as a zip bomb does"):
        XlsxSource(str(path), limits=Limits(ratio=10, free_mib=1)).__enter__()


def test_a_workbook_that_changes_while_it_is_read_is_an_error(tmp_path: Path) -> None:
    path = book(tmp_path, Products=[["gtin"], [1], [2]])
    with XlsxSource(path) as source:
        rows = source.rows(PRODUCTS)
        assert rows is not None
        items = iter(rows.items)
        next(items)
        with Path(path).open("ab") as more:
            more.write(b"x")
        with pytest.raises(ImportFailed, match="changed while it was read"):
            list(items)
