# SPDX-License-Identifier: Apache-2.0
"""Runs are listed and shown with what they changed; one record is explained."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from poser.db import engine, transaction
from poser.history.switching import switch
from poser.model import Department
from tests.support.postgresql import Server

pytestmark = pytest.mark.postgresql

Typed = Callable[..., int]
Write = Callable[..., Path]
Said = pytest.CaptureFixture[str]

LIST = "id,name,terms,discount\n1,Anise & Co,30 days,2.5\n2,Basil,,\n3,Cumin,,10\n"


@pytest.fixture
def ran(typed: Typed, a_file: Write, capsys: Said) -> Typed:
    """Run twice: three new vendors, then one that changes and one that is kept aside."""
    a_file(LIST)
    typed("spices --from list.csv --comment first")
    a_file(LIST.replace("Basil", "Basilikum").replace("10", "x"))
    typed("spices --from list.csv")
    capsys.readouterr()
    return typed


def test_runs_are_listed_newest_first(ran: Typed, capsys: Said) -> None:
    assert ran("runs") == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [(line[0], *line[3:7]) for line in lines[1:]] == [
        ("2", "spices", "done", "~1", "1"), ("1", "spices", "done", "+3", "-"),
    ]  # fmt: skip
    assert ran("runs northwind") == 0
    assert capsys.readouterr().out == "there was no run yet\n"


def test_a_run_is_shown_with_old_and_new_and_what_it_kept_aside(ran: Typed, capsys: Said) -> None:
    assert ran("show 2") == 0
    said = capsys.readouterr().out
    assert said.startswith("run 2 of spices: done (")
    assert "update Vendor 2\n    name  Basil -> Basilikum\n" in said
    assert "kept aside: Vendor, line 4: discount 'x'" in said
    assert ran("show 1") == 0
    said = capsys.readouterr().out
    assert "  “first”\n" in said
    assert "name              Anise & Co\n" in said
    assert "not all changes" not in said
    assert ran("show 1 --limit 1") == 0
    assert "and 2 more changes; --limit 0 shows all" in capsys.readouterr().out
    assert ran("show 2 --refused") == 0
    assert "Basilikum" not in capsys.readouterr().out


def test_a_run_is_shown_to_programs(ran: Typed, capsys: Said) -> None:
    assert ran("show 2 --json") == 0
    found = json.loads(capsys.readouterr().out)
    (change,) = found["changes"]
    assert (change["model"], change["kind"]) == ("Vendor", "update")
    assert (change["old"], change["new"]) == ({"name": "Basil"}, {"name": "Basilikum"})
    assert found["refusals"][0]["reason"].startswith("is not a number")
    assert ran("show 2 --model Brand --json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["changes"], found["refusals"]) == ([], [])


def test_what_a_dry_run_found_is_shown_too(ran: Typed, a_file: Write, capsys: Said) -> None:
    a_file(LIST)
    assert ran("spices --from list.csv --dry-run") == 3
    capsys.readouterr()
    assert ran("show 3") == 0
    said = capsys.readouterr().out
    assert "to update" in said
    assert "update Vendor 2\n    name  Basilikum -> Basil\n" in said


def test_a_run_that_there_is_not(ran: Typed, capsys: Said) -> None:
    assert ran("show 99") == 1
    assert "there is no import run 99" in capsys.readouterr().err


def test_where_history_is_off_it_says_so(
    typed: Typed, a_file: Write, capsys: Said, engines: dict[str, Engine], postgresql: Server
) -> None:
    owner = engine(postgresql.owner_url(engines["poser"].url.database or ""))
    with transaction(owner) as session:
        switch(session, ["vendors"], history=False)
    a_file(LIST)
    typed("spices --from list.csv")
    capsys.readouterr()
    assert typed("show 1") == 0
    assert "not all changes of Vendor are in the history" in capsys.readouterr().out


def test_a_record_that_is_the_same_is_explained(ran: Typed, capsys: Said) -> None:
    assert ran("explain spices Vendor 1 --from list.csv") == 0
    said = capsys.readouterr().out
    assert said.startswith("Vendor 1, line 2: nothing to change (row ")
    assert ["discount_percent", "discount", "2.5", "2.50000", "the", "same"] in [
        line.split() for line in said.splitlines()
    ]


def test_a_record_that_differs_is_explained(ran: Typed, a_file: Write, capsys: Said) -> None:
    a_file(LIST.replace("2.5", "3"))
    assert ran("explain spices vendor 1 --from list.csv") == 0
    said = capsys.readouterr().out
    assert said.startswith("Vendor 1, line 2: update (row ")
    assert "differs: 2.50000" in said
    assert ran("explain spices vendor 1 --from list.csv --no-update") == 0
    assert "an import would leave it" in capsys.readouterr().out


def test_a_record_that_is_new_is_explained(ran: Typed, a_file: Write, capsys: Said) -> None:
    a_file(LIST + "4,Dill,,\n")
    assert ran("explain spices Vendor 4 --from list.csv") == 0
    assert capsys.readouterr().out.startswith("Vendor 4, line 5: create\n")


def test_a_record_that_cannot_be_used_is_explained_by_its_line(ran: Typed, capsys: Said) -> None:
    assert ran("explain spices Vendor line:4 --from list.csv") == 5
    said = capsys.readouterr().out
    assert "line 4: kept aside" in said
    assert "is not a number" in said
    assert ran("explain spices Vendor 3 --from list.csv") == 5
    assert "line 4: kept aside" in capsys.readouterr().out


def test_a_record_that_breaks_a_rule_of_the_database_is_explained(
    ran: Typed, a_file: Write, capsys: Said
) -> None:
    a_file(LIST.replace("2.5", "200") + "4,Dill,,300\n5,Egg,,3\n")
    sentence = "discount_percent '{}': A discount is between 0 and 100 percent; not {}."
    for record, value in (("1", "200.00000"), ("4", "300.00000")):
        assert ran(f"explain spices Vendor {record} --from list.csv") == 5
        said = capsys.readouterr().out
        assert f"kept aside: {sentence.format(value, value)}\n" in said
        assert "discount_percent" in said.partition("\n")[2]
    assert ran("explain spices Vendor 5 --from list.csv") == 0
    assert ran("explain spices Vendor 4 --from list.csv --no-create") == 0
    capsys.readouterr()
    ran("spices --from list.csv")
    assert sentence.format("300.00000", "300.00000") in capsys.readouterr().err


def test_a_rule_over_what_the_database_makes_is_explained(
    typed: Typed, a_file: Write, capsys: Said
) -> None:
    line = "explain csv Product 100 --key item_number --from list.csv"
    a_file("item_number,description,gtin\n100,Milk,4006381333931\n")
    assert typed(line) == 0
    a_file("item_number,description,gtin\n100,Milk,4006381333932\n")
    assert typed(line) == 5
    assert "kept aside: gtin" in capsys.readouterr().out


def test_what_the_importer_does_with_a_whole_record_is_explained(
    typed: Typed, a_file: Write, capsys: Said
) -> None:
    a_file(LIST + "4,gone,,\n5,broken,,\n")
    assert typed("explain spices Vendor line:5 --from list.csv") == 0
    assert "left out by the importer" in capsys.readouterr().out
    assert typed("explain spices Vendor line:6 --from list.csv --json") == 5
    assert json.loads(capsys.readouterr().out)["problem"] == "is broken all over"


def test_nothing_is_written_by_explaining(ran: Typed, engines: dict[str, Engine]) -> None:
    from sqlalchemy import text  # noqa: PLC0415

    ran("explain spices Vendor 1 --from list.csv")
    with engines["poser"].connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM import_runs")).scalar_one() == 2


def test_a_record_that_the_source_has_not(ran: Typed, capsys: Said) -> None:
    assert ran("explain spices Vendor 99 --from list.csv") == 1
    assert "list.csv has no Vendor with number 99" in capsys.readouterr().err


def test_a_reference_is_explained_by_the_row_that_it_means(
    typed: Typed, a_file: Write, capsys: Said, engines: dict[str, Engine]
) -> None:
    with transaction(engines["poser"]) as session:
        milk = Department(number=1, name="Dairy")
        session.add(milk)
        session.flush()
        row_id = str(milk.id)
    a_file("item_number,description,department.name\n100,Milk,Dairy\n101,Tea,Teas\n")
    assert typed("explain csv Product 100 --key item_number --from list.csv") == 0
    said = capsys.readouterr().out
    assert said.startswith("Product 100, line 2: create\n")
    assert [
        "department_id", "department.name,", "the", "Department", "with", "that", "name", "Dairy",
        row_id,
    ] in [line.split() for line in said.splitlines()]  # fmt: skip
    assert typed("explain csv Product 101 --key item_number --from list.csv") == 5
    assert "there is no departments row with that value" in capsys.readouterr().out
