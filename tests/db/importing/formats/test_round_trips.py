# SPDX-License-Identifier: Apache-2.0
"""What is exported comes back as it was, in every format."""

import csv
import json
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, text

from poser.errors import ImportFailed
from poser.importing.asked import Asked
from poser.importing.exporting import ExportHandler, export
from poser.importing.formats import xlsx_writer
from poser.importing.handler import ImportHandler
from poser.importing.result import RunStatus
from poser.importing.running import run
from poser.importing.sources.csv import CsvFiles as CsvImport
from poser.importing.sources.ndjson import NdjsonFiles as NdjsonImport
from poser.importing.sources.poser import Poser
from poser.importing.sources.xlsx import Workbook as XlsxImport
from poser.importing.targets.csv import CsvFiles
from poser.importing.targets.ndjson import NdjsonFiles
from poser.importing.targets.xlsx import Workbook
from tests.db.importing.formats.conftest import ODD

pytestmark = pytest.mark.postgresql

MODELS = ("Brand", "Department", "Unit", "Product")
TABLES = ("brands", "departments", "units", "products")


def everything(engine: Engine) -> dict[str, list[str]]:
    """Give all rows of the tables as text."""
    with engine.connect() as connection:
        return {
            table: [
                str(row[0])
                for row in connection.execute(
                    text(f"SELECT t::text FROM {table} AS t ORDER BY id")  # noqa: S608 - our own
                )
            ]
            for table in TABLES
        }


def bring(
    handler: ImportHandler, engine: Engine, where: object, *models: str, **options: str
) -> None:
    """Import, twice; nothing may be kept aside, and the second time nothing changes."""
    asked = Asked(where=str(where), models=models, options=tuple(options.items()))
    done = run(handler, asked, {"poser": engine})
    assert (done.status, done.why, done.refused) == (RunStatus.DONE, "", 0), done.models
    again = run(handler, asked, {"poser": engine})
    assert (again.status, again.changes) == (RunStatus.DONE, 0)


@pytest.mark.parametrize(
    ("out", "back"),
    [(CsvFiles(), CsvImport()), (NdjsonFiles(), NdjsonImport()), (Workbook(), XlsxImport())],
)
def test_rows_come_back_as_they_were(
    shop_db: Engine, other_db: Engine, tmp_path: Path, out: ExportHandler, back: ImportHandler
) -> None:
    where = tmp_path / "shop.xlsx" if isinstance(out, Workbook) else tmp_path
    done = export(out, Asked(where=str(where), models=MODELS), shop_db)
    assert done.rows["Product"] == len(ODD)
    clear(other_db)
    bring(back, other_db, where)
    assert everything(other_db) == everything(shop_db)


def clear(engine: Engine) -> None:
    """Take out what a new database has."""
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM products"))
        connection.execute(text("DELETE FROM units"))


@pytest.mark.parametrize(
    "options",
    [
        {"encoding": "utf-16", "delimiter": ";"},
        {"encoding": "utf-8-sig", "delimiter": "tab"},
        {"raw": "yes"},
    ],
)
def test_csv_of_any_kind_comes_back(
    shop_db: Engine, other_db: Engine, tmp_path: Path, options: dict[str, str]
) -> None:
    asked = Asked(where=str(tmp_path), models=MODELS, options=tuple(options.items()))
    export(CsvFiles(), asked, shop_db)
    clear(other_db)
    bring(CsvImport(), other_db, tmp_path, raw=options.get("raw", "no"))
    assert everything(other_db) == everything(shop_db)


def test_one_node_takes_the_rows_of_another(shop_db: Engine, other_db: Engine) -> None:
    clear(other_db)
    bring(Poser(), other_db, shop_db.url.render_as_string(hide_password=False), *MODELS)
    assert everything(other_db) == everything(shop_db)


def test_no_spreadsheet_calculates_with_what_is_exported(shop_db: Engine, tmp_path: Path) -> None:
    path = tmp_path / "products.csv"
    asked = Asked(where=str(path), models=("Product",), fields=("description", "plu"))
    export(CsvFiles(), asked, shop_db)
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    written = dict(zip(ODD, (row["description"] for row in rows), strict=True))
    for text_, shown in written.items():
        assert shown[0] not in "=+-@\t\r", text_
        assert (shown == text_) is not (text_.lstrip("'")[0] in "=+-@\t\r"), text_
    assert [row["plu"] for row in rows][:2] == ["1", "2"]

    book = tmp_path / "shop.xlsx"
    export(Workbook(), Asked(where=str(book), models=("Product",)), shop_db)
    sheet = load_workbook(book)["products"]
    cells = {cell.value: cell.data_type for row in sheet.iter_rows(min_row=2) for cell in row}
    assert cells["=1+1"] == "s"
    assert "f" not in cells.values()


def test_ndjson_has_numbers_and_nothing_as_json_has_them(shop_db: Engine, tmp_path: Path) -> None:
    path = tmp_path / "products.ndjson"
    export(NdjsonFiles(), Asked(where=str(path), models=("Product",)), shop_db)
    first, second = (json.loads(line) for line in path.read_text().splitlines()[:2])
    assert (first["plu"], first["unit_size"], first["gtin"]) == (1, 1.25, None)
    assert (first["is_weighed"], second["unit_size"], second["description"]) == (
        False, None, "'=1+1",
    )  # fmt: skip


def test_an_export_that_fails_leaves_what_was_there(
    shop_db: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {"brands.csv": "old brands", "products.csv": "old products"}
    for name, content in before.items():
        (tmp_path / name).write_text(content)
    asked = Asked(
        where=str(tmp_path), models=("Brand", "Product"), options=(("encoding", "cp1252"),)
    )
    with pytest.raises(ImportFailed, match="products: cp1252 has no letter '牛'"):
        export(CsvFiles(), asked, shop_db)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == before

    monkeypatch.setattr(xlsx_writer, "MOST_ROWS", 10)
    book = tmp_path / "shop.xlsx"
    with pytest.raises(ImportFailed, match="products has more than the 9 rows"):
        export(Workbook(), Asked(where=str(book), models=("Brand", "Product")), shop_db)
    assert not book.exists()


def test_what_cannot_be_written_is_said(shop_db: Engine, tmp_path: Path) -> None:
    for asked, message in (
        (Asked(models=("Brand",)), "nothing says where to write"),
        (Asked(where=str(tmp_path)), "no model is named"),
        (Asked(where=str(tmp_path), models=("Brnad",)), "there is no model 'Brnad'"),
        (Asked(where=str(tmp_path / "x" / "y.csv"), models=("Brand",)), "cannot write"),
        (Asked(where=str(tmp_path / "y.csv"), models=("Brand", "Unit")), "of one model only"),
        (Asked(where=str(tmp_path), models=("Brand",), fields=("nmae",)), "no field 'nmae'"),
    ):
        with pytest.raises(ImportFailed, match=message):
            export(CsvFiles(), asked, shop_db)
    assert list(tmp_path.iterdir()) == []
