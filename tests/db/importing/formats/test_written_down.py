# SPDX-License-Identifier: Apache-2.0
"""The importer that the documentation shows works, and is short."""

import re
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from poser.importing.asked import Asked
from poser.importing.handler import ImportHandler
from poser.importing.result import RunStatus
from poser.importing.running import run
from tests.support.importers import rows

pytestmark = pytest.mark.postgresql

PAGE = Path(__file__).resolve().parents[4] / "docs/howto/importers.md"
LIST = """\
ARTNR;EAN;BEZEICHNUNG;INHALT;VPE;WIEGE;WG;ALTER;LAND
100;4011200296908;Brötchen;4 Stück;1.234,5;N;7;;DE
101;;Käse, alt;;12;J;7;18;NL
102;4011200296909;Falsch;;1;N;7;;
103;;Auch falsch;;1,234.5;N;7;;
104;;Ohne Warengruppe;;1;N;8;;
"""


def example() -> str:
    """Give the importer as the page has it."""
    return re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)[0]


def test_an_importer_of_ten_fields_has_at_most_25_lines() -> None:
    lines = [line for line in example().splitlines() if line.strip()]
    assert sum(line.strip().startswith("Field(") for line in lines) == 10
    assert len(lines) <= 25


def test_the_importer_of_the_documentation_works(poser_db: Engine, tmp_path: Path) -> None:
    made: dict[str, object] = {"__name__": "example"}
    exec(example(), made)  # noqa: S102 - our own page
    handler = made["Wholesaler"]
    assert isinstance(handler, type)
    assert issubclass(handler, ImportHandler)
    with poser_db.begin() as connection:
        connection.execute(text("INSERT INTO departments (number, name) VALUES (7, 'Bäckerei')"))
    path = tmp_path / "list.csv"
    path.write_bytes(LIST.encode("cp1252"))
    done = run(handler(), Asked(where=str(path)), {"poser": poser_db})
    assert (done.status, done.models[0].created, done.refused) == (RunStatus.DONE, 2, 3), done
    assert rows(
        poser_db,
        "SELECT item_number, gtin, description, size, case_size::text, is_weighed,"
        " department_name, minimum_age, origin_country FROM products ORDER BY 1",
    ) == [
        ("100", 4011200296908, "Brötchen", "4 Stück", "1234.5000", False, "Bäckerei", None, "DE"),
        ("101", None, "Käse, alt", "", "12.0000", True, "Bäckerei", 18, "NL"),
    ]
    places = sorted(int(one.place) for one in done.models[0].refusals)
    assert places == [4, 5, 6]
