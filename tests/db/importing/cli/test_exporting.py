# SPDX-License-Identifier: Apache-2.0
"""`poser export KEY` typed on a node, and what it wrote brought back in."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from poser.cli.app import run

pytestmark = pytest.mark.postgresql

Typed = Callable[..., int]
Write = Callable[..., Path]
Said = pytest.CaptureFixture[str]

LIST = "id,name,terms,discount\n1,Anise & Co,30 days,2.5\n2,=SUM(A1),,\n"


@pytest.fixture
def out(typed: Typed, config: Path, a_file: Write, capsys: Said) -> Typed:
    """Bring two vendors in; give a function that types a line behind `poser export`."""
    a_file(LIST)
    assert typed("spices --from list.csv --quiet") == 0
    capsys.readouterr()
    return lambda line: run(["-c", str(config), "export", *line.split()])


def test_rows_go_into_a_file_and_come_back_unchanged(
    out: Typed, typed: Typed, capsys: Said, tmp_path: Path
) -> None:
    assert out("csv Vendor --to vendors.csv") == 0
    assert capsys.readouterr().out == "vendors.csv: 2 Vendor\n"
    assert typed("csv Vendor --from vendors.csv --delete") == 0
    assert "nothing changed" in capsys.readouterr().out
    with (tmp_path / "vendors.csv").open(encoding="utf-8") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["number"])
    assert [row["name"] for row in rows] == ["Anise & Co", "'=SUM(A1)"]


def test_only_what_is_asked_for_goes_to_standard_output(out: Typed, capsys: Said) -> None:
    assert out("csv Vendor --to - --fields number,name") == 0
    said = capsys.readouterr()
    rows = list(csv.DictReader(said.out.splitlines()))
    assert sorted((row["number"], row["name"]) for row in rows) == [
        ("1", "Anise & Co"), ("2", "'=SUM(A1)"),
    ]  # fmt: skip
    assert set(rows[0]) <= {"id", "number", "name"}
    assert said.err == "standard output: 2 Vendor\n"


def test_the_result_can_be_read_by_programs(out: Typed, capsys: Said) -> None:
    assert out("ndjson Vendor --to vendors.ndjson --json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["to"], found["rows"]) == ("vendors.ndjson", {"Vendor": 2})
    assert out("csv Vendor --to - --json") == 2
    assert "both would go to standard output" in capsys.readouterr().err


def test_what_cannot_be_exported_is_said(out: Typed, capsys: Said, tmp_path: Path) -> None:
    assert out("csv Vendro --to x.csv") == 1
    assert "there is no model 'Vendro'" in capsys.readouterr().err
    assert out("csv Vendor") == 2
    assert out("csv Vendor --to /nowhere/x.csv") == 1
    assert "/nowhere/x.csv" in capsys.readouterr().err
    assert out("csv Vendor --fields nmae --to x.csv") == 1
    assert not (tmp_path / "x.csv").exists()


def test_handlers_are_listed(out: Typed, capsys: Said) -> None:
    assert out("list --json") == 0
    assert {"csv", "ndjson", "xlsx"} <= {one["key"] for one in json.loads(capsys.readouterr().out)}
