# SPDX-License-Identifier: Apache-2.0
"""Workbooks: every row of the view with its types, in memory that does not grow."""

import io
import tracemalloc
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from tests.web.conftest import Browser
from web.grid.xlsx import sheet_name, workbook

FORMULA = '=HYPERLINK("http://evil")'


def cells(data: bytes, sheet: int = 0) -> list[tuple[object, ...]]:
    book = load_workbook(io.BytesIO(data))
    return [tuple(cell.value for cell in row) for row in book.worksheets[sheet].iter_rows()]


def test_a_workbook_has_the_rows_of_the_view_in_its_order(ada: Browser) -> None:
    answer = ada.get(
        "/products.xlsx?q=milk&sort=-description&cols=description,price,is_discontinued,modified_at"
    )
    assert answer.headers["content-type"].endswith("spreadsheetml.sheet")
    assert ".xlsx" in answer.headers["content-disposition"]
    heads, *rows = cells(answer.content)
    assert heads == ("Description", "Price", "Discontinued", "Changed")
    assert [row[0] for row in rows] == ["Whole milk", "Greek yogurt plain, whole milk"]
    assert rows[0][1] == 5.49
    assert rows[0][2] is False
    assert isinstance(rows[0][3], datetime)


def test_values_keep_their_types_and_text_is_no_formula() -> None:
    at = datetime(2026, 11, 22, 18, 5, 30, tzinfo=UTC)
    row = [FORMULA, 12, Decimal("1.50"), True, date(2026, 11, 22), at, None, "<&> \x01 ä", 10**17]
    data = b"".join(workbook("Things", [str(n) for n in range(len(row))], [[row]]))
    found = cells(data)[1]
    assert found[0] == FORMULA
    assert load_workbook(io.BytesIO(data)).worksheets[0]["A2"].data_type == "s"
    assert found[1:4] == (12, 1.5, True)
    assert found[4] == datetime(2026, 11, 22)  # noqa: DTZ001 - sheets have no zones
    assert found[5] == datetime(2026, 11, 22, 18, 5, 30)  # noqa: DTZ001
    assert found[6:] == (None, "<&> \ufffd ä", str(10**17))


def test_a_full_sheet_goes_on_in_another() -> None:
    data = b"".join(workbook("A/B", ["n"], [[[n] for n in range(5)]], most_rows=3))
    assert [cells(data, n) for n in range(3)] == [
        [("n",), (0,), (1,)], [("n",), (2,), (3,)], [("n",), (4,)],
    ]  # fmt: skip
    assert load_workbook(io.BytesIO(data)).sheetnames == ["A B", "A B 2", "A B 3"]


def test_a_workbook_without_rows_has_its_heads() -> None:
    assert cells(b"".join(workbook("x", ["a", "b"], []))) == [("a", "b")]


@pytest.mark.parametrize("title", ["", "[]:*?/\\", "x" * 50])
def test_every_title_makes_a_name_of_a_sheet(title: str) -> None:
    assert 0 < len(sheet_name(title, 12)) <= 31


def test_memory_does_not_grow_with_the_rows() -> None:
    chunks = ([[f"row {n} {m}", n, Decimal("1.5")] for m in range(500)] for n in range(40))
    tracemalloc.start()
    size = sum(len(piece) for piece in workbook("x", ["a", "b", "c"], chunks))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size > 50_000
    assert peak < 3 << 20, peak
