# SPDX-License-Identifier: Apache-2.0
"""A file whose columns are called as fields are needs no importer; bad rows are kept aside."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from poser.importing.asked import Asked
from poser.importing.formats.csv_files import CsvSource
from poser.importing.generic import file_or_folder
from poser.importing.result import RunResult, RunStatus
from poser.importing.running import run
from poser.importing.sources.csv import CsvFiles
from poser.importing.watching import Progress, Step
from tests.support.importers import rows

pytestmark = pytest.mark.postgresql

PRODUCTS = "SELECT item_number, description, brand_name, case_size::text FROM products ORDER BY 1"


def brought(
    engine: Engine, path: Path, content: str | bytes, model: str = "Product", **asked: object
) -> RunResult:
    """Write a file and import it."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    options = asked.pop("options", ())
    return run(
        CsvFiles(),
        Asked(where=str(path), models=(model,), options=options, **asked),  # type: ignore[arg-type]
        {"poser": engine},
    )


def test_columns_find_their_fields_and_other_rows(poser_db: Engine, tmp_path: Path) -> None:
    path = tmp_path / "products.csv"
    assert brought(poser_db, path, "name\nAcme\n", "Brand").changes == 1
    text = "Item Number;Description;BRAND.NAME;Case-Size\n7;Milk;Acme;12\n8;Bread;;\n"
    done = brought(poser_db, path, text)
    assert (done.status, done.refused) == (RunStatus.DONE, 0)
    assert rows(poser_db, PRODUCTS) == [
        ("7", "Milk", "Acme", "12.0000"), ("8", "Bread", "", None),
    ]  # fmt: skip
    assert "semicolons between values" in done.notes[0]
    assert brought(poser_db, path, text).changes == 0


def test_every_kind_of_bad_row_is_kept_aside_and_the_rest_goes_in(
    poser_db: Engine, tmp_path: Path
) -> None:
    lines = [
        "item_number,description,case_size",
        "1,Milk,12",
        "2,Bread",
        '3,"Eggs,6',
        "4,Salt,1.234,56",
        '5,Rice,"1,234"',
        "6,Oil\0,1",
        ",Nothing,1",
        f"8,{'x' * 10_000_000},1",
        "9,Tea,-1",
        "1\0,Key,1",
        "10,Last,1",
    ]
    done = brought(poser_db, tmp_path / "products.csv", "\n".join(lines) + "\n")
    assert (done.status, done.refused) == (RunStatus.DONE, 9)
    assert rows(poser_db, "SELECT description FROM products ORDER BY item_number") == [
        ("Milk",), ("Last",),
    ]  # fmt: skip
    found = {int(one.place): (one.field, one.reason) for one in done.models[0].refusals}
    assert found[3] == ("", "has 2 values where the header names 3 columns")
    assert (
        found[4] == ("", "a quote opens in this record and never closes") or "quote" in found[4][1]
    )
    assert found[5] == ("", "has 4 values where the header names 3 columns")
    assert found[6][0] == "case_size"
    assert "separators" in found[6][1]
    assert found[7] == (
        "description",
        "has a NUL character, which no text in the database can have",
    )
    assert found[8] == ("item_number", "must be given")
    assert found[9] == ("description", "is longer than 1,048,576 characters")
    assert found[11][0] == "item_number"
    assert "A case holds more than nothing" in found[10][1]


def test_numbers_and_days_as_a_country_writes_them(poser_db: Engine, tmp_path: Path) -> None:
    text = "item_number;description;case_size\n1;Milk;1.234,5\n2;Bread;1234,5\n3;Salt;1,234.5\n"
    options = (("numbers", "1.234,56"),)
    done = brought(poser_db, tmp_path / "p.csv", text, options=options)
    assert [row[3] for row in rows(poser_db, PRODUCTS)] == ["1234.5000", "1234.5000"]
    (refusal,) = done.models[0].refusals
    assert (refusal.place, refusal.reason) in {
        (4, "is not a number such as 1.234,56"), ("4", "is not a number such as 1.234,56"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "why", "hint"),
    [
        ("item_number,descriptoin\n", "column 2, 'descriptoin'", "did you mean 'description'?"),
        ("description,size\n", "no columns tell one Product from another", "--key names them"),
        ("item_number,item-number\n", "'item_number' and 'item-number' are both", "--ignore"),
        ("item_number,department.nmuber\n", "'department.nmuber'", "'department.number'?"),
        ("item_number,search\n", "'search', is no field of Product", "--ignore"),
        ("size,size\n", "2 columns are called 'size'", "a name of its own"),
        ("", "is empty", "right file"),
    ],
)
def test_a_file_that_does_not_fit_changes_nothing(
    poser_db: Engine, tmp_path: Path, text: str, why: str, hint: str
) -> None:
    done = brought(poser_db, tmp_path / "products.csv", text)
    assert done.status is RunStatus.FAILED
    assert why in done.why
    assert hint in done.hint
    assert str(tmp_path) in done.why


def test_columns_can_be_left_out_and_the_key_can_be_named(poser_db: Engine, tmp_path: Path) -> None:
    path = tmp_path / "products.csv"
    text = "plu,item_number,description,notes of mine\n4011,1,Bananas,x\n"
    options = (("ignore", "notes of mine"),)
    assert brought(poser_db, path, text, options=options, key=("plu",)).changes == 1
    text = "plu,item_number,description,notes of mine\n4011,2,Ripe bananas,x\n"
    done = brought(poser_db, path, text, key=("plu",), fields=("description",))
    assert done.models[0].updated == 1
    assert rows(poser_db, "SELECT plu, item_number, description FROM products") == [
        (4011, "1", "Ripe bananas")
    ]
    done = brought(poser_db, path, text, options=options, key=("gtin",))
    assert "has no column 'gtin', which is the key" in done.why


def test_a_file_that_grows_while_it_is_read_changes_nothing(
    poser_db: Engine, tmp_path: Path
) -> None:
    path = tmp_path / "products.csv"
    lines = "".join(f"{number},Milk\n" for number in range(20_000))
    path.write_text(f"item_number,description\n{lines}")

    def grow(progress: Progress) -> None:
        if progress.step is Step.READING and progress.records == 5_000:
            with path.open("a") as more:
                more.write("one,more\n")

    asked = Asked(where=str(path), models=("Product",))
    done = run(CsvFiles(), asked, {"poser": poser_db}, grow)
    assert done.status is RunStatus.FAILED
    assert "changed while it was read" in done.why
    assert rows(poser_db, "SELECT count(*) FROM products") == [(0,)]


def test_a_folder_gives_each_model_its_file_parents_first(poser_db: Engine, tmp_path: Path) -> None:
    (tmp_path / "products.csv").write_text("item_number,description,brand.name\n1,Milk,Acme\n")
    (tmp_path / "brands.csv").write_text("name\nAcme\n")
    done = run(CsvFiles(), Asked(where=str(tmp_path)), {"poser": poser_db})
    assert [(one.model, one.created, one.refused) for one in done.models] == [
        ("Brand", 1, 0), ("Product", 1, 0),
    ]  # fmt: skip


def test_days_are_refused_where_nobody_knows_them(poser_db: Engine, tmp_path: Path) -> None:
    from datetime import date  # noqa: PLC0415 - one test

    done = brought(poser_db, tmp_path / "p.csv", "item_number\n", since=date(2026, 1, 1))
    assert "does not know which of its records are of which day" in done.why


def test_standard_input_is_no_folder_also_where_one_may_not_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(_path: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "is_dir", refused)
    assert isinstance(file_or_folder(Asked(where="-"), CsvSource, ".csv"), CsvSource)
    assert isinstance(file_or_folder(Asked(where="/root/a.csv"), CsvSource, ".csv"), CsvSource)
