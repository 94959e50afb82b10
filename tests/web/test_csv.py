# SPDX-License-Identifier: Apache-2.0
"""CSV files: every row of the view, safe to open in a spreadsheet."""

import csv
import io
from datetime import date

import pytest

from poser.importing.formats.formulas import without_apostrophe
from tests.web.conftest import Browser, Shop, Writer
from tests.web.factories import add_product
from web.app import create_app
from web.grid import files
from web.grid.files import CsvPage, stream
from web.grid.reader import Reader
from web.grid.view import read_view
from web.pages import Pages
from web.pages.products import PRODUCTS
from web.permissions import Route

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0", "＝1"]  # noqa: RUF001


def rows(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


def test_the_file_has_the_rows_of_the_view_in_its_order(ada: Browser) -> None:
    answer = ada.get("/products.csv?q=milk&sort=-description")
    assert answer.headers["content-type"].startswith("text/csv")
    assert 'filename="products-' in answer.headers["content-disposition"]
    found = rows(answer.text)
    assert [row["Description"] for row in found] == ["Whole milk", "Greek yogurt plain, whole milk"]
    assert found[0]["Price"] == "5.490"
    assert found[0]["Discontinued"] == "no"
    assert len(found[0]["Barcode"]) == 12


def test_the_file_has_more_than_one_page(ada: Browser) -> None:
    assert len(rows(ada.get("/pos-transactions.csv?rows=25").text)) == 60


def test_no_text_is_taken_for_a_formula(admin: Browser, poser: Writer) -> None:
    for formula in FORMULAS:
        poser(add_product, description=formula, size=formula)
    found = rows(admin.get("/products.csv").text)
    assert len(found) == len(FORMULAS)
    for row in found:
        assert row["Description"].startswith("'")
        assert without_apostrophe(row["Description"]) in FORMULAS


def test_files_leave_threads_for_pages(shop: Shop) -> None:
    page = CsvPage(PRODUCTS)
    app = create_app(
        shop.site,
        Pages(routes=(Route(path="/x.csv", page=page, need=PRODUCTS.permission),), menu=()),
    )
    browser = Browser(app, dict(shop.cookies["ada"]))
    view = read_view(PRODUCTS, {}, Reader(today=date(2026, 11, 22)))
    begun = [files._released(stream(shop.site, view)) for _ in range(2)]
    for pieces in begun:
        assert files._sending.acquire(blocking=False)
        next(pieces)
    refused = browser.get("/x.csv")
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "30")
    assert "Other files are being made just now" in browser.text
    begun.pop().close()  # type: ignore[attr-defined]  # a generator
    assert browser.get("/x.csv").status_code == 200
    assert browser.get("/x.csv").status_code == 200


@pytest.mark.parametrize("query", ["sort=price", "discontinued=perhaps", "q=" + "x" * 300])
def test_a_bad_view_is_refused_before_anything_is_sent(ada: Browser, query: str) -> None:
    answer = ada.get(f"/products.csv?{query}")
    assert answer.status_code == 400
    assert "text/html" in answer.headers["content-type"]
