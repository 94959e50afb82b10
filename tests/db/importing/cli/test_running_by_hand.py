# SPDX-License-Identifier: Apache-2.0
"""`poser import KEY` typed on a node: what it says, what it exits with, what it leaves."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from poser.db import transaction
from poser.model import User

pytestmark = pytest.mark.postgresql

Typed = Callable[..., int]
Write = Callable[..., Path]
Said = pytest.CaptureFixture[str]

LIST = "id,name,terms,discount\n1,Anise & Co,30 days,2.5\n2,Basil,,\n3,Cumin,,10\n"
BAD = "id,name,terms,discount\n1,Anise & Co,30 days,2.5\n2,Basil,,x\n3,broken,,10\n4,gone,,\n"


def asked_of(engine: Engine, statement: str) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


def test_a_list_goes_in_and_twice_the_same_changes_nothing(
    typed: Typed, a_file: Write, capsys: Said, engines: dict[str, Engine]
) -> None:
    a_file(LIST)
    assert typed("spices --from list.csv") == 0
    first = capsys.readouterr().out.splitlines()
    assert first[0].startswith("spices from list.csv: 3 changes (run 1, ")
    assert first[-1].split() == ["Vendor", "3", "3", "0", "0", "0"]
    assert typed("spices --from list.csv") == 0
    assert "nothing changed (run 2" in capsys.readouterr().out
    assert asked_of(engines["poser"], "SELECT count(*) FROM vendors") == [(3,)]


def test_a_dry_run_shows_the_changes_makes_none_and_exits_with_3(
    typed: Typed, a_file: Write, capsys: Said, engines: dict[str, Engine]
) -> None:
    a_file(LIST)
    assert typed("spices --from list.csv --dry-run") == 3
    said = capsys.readouterr().out
    assert "3 changes found, none made" in said
    assert "to create" in said
    assert "create Vendor 1\n    number            1\n    name              Anise & Co\n" in said
    assert asked_of(engines["poser"], "SELECT count(*) FROM vendors") == [(0,)]
    typed("spices --from list.csv")
    assert typed("spices --from list.csv --dry-run") == 0
    assert "nothing to change" in capsys.readouterr().out


def test_records_kept_aside_are_named_and_the_rest_goes_in(
    typed: Typed, a_file: Write, capsys: Said, engines: dict[str, Engine]
) -> None:
    a_file(BAD)
    assert typed("spices --from list.csv") == 5
    said = capsys.readouterr()
    assert "kept aside: Vendor, line 3: discount 'x': is not a number" in said.err
    assert "kept aside: Vendor, line 4: is broken all over" in said.err
    assert asked_of(engines["poser"], "SELECT number FROM vendors") == [("1",)]


def test_strict_writes_nothing_at_all(
    typed: Typed, a_file: Write, capsys: Said, engines: dict[str, Engine]
) -> None:
    a_file(BAD)
    assert typed("spices --from list.csv --strict") in {1, 6}
    assert "line 3: discount 'x'" in capsys.readouterr().err
    assert asked_of(engines["poser"], "SELECT count(*) FROM vendors") == [(0,)]


def test_a_run_that_would_delete_too_much_stops_with_6_and_says_how_to_insist(
    typed: Typed, a_file: Write, capsys: Said, engines: dict[str, Engine]
) -> None:
    a_file(LIST)
    typed("spices --from list.csv")
    a_file(LIST.rpartition("2,Basil")[0])
    assert typed("spices --from list.csv --delete") == 6
    said = capsys.readouterr()
    assert "stopped, nothing is written" in said.out
    assert "error: 2 of 3 vendors would be deleted" in said.err
    assert "--max-delete-share 67 insists" in said.err
    assert typed("spices --from list.csv --delete --max-delete-share 67") == 0
    assert asked_of(engines["poser"], "SELECT number FROM vendors") == [("1",)]


def test_limits_and_fields_that_are_typed_hold(
    typed: Typed, a_file: Write, capsys: Said, engines: dict[str, Engine]
) -> None:
    a_file(LIST)
    assert typed("spices --from list.csv --max-creates 2") == 6
    assert typed("spices --from list.csv --max-creates 2 --on-limit cut") == 0
    assert asked_of(engines["poser"], "SELECT count(*) FROM vendors") == [(2,)]
    assert typed("spices --from list.csv --no-create") == 0
    assert asked_of(engines["poser"], "SELECT count(*) FROM vendors") == [(2,)]
    a_file(LIST.replace("Anise & Co,30 days", "Anise,60 days"))
    assert typed("spices --from list.csv --without terms --no-create") == 0
    query = "SELECT name, terms FROM vendors WHERE number = '1'"
    assert asked_of(engines["poser"], query) == [("Anise", "30 days")]
    capsys.readouterr()
    assert typed("spices --from list.csv --fields naem") == 1
    assert "hint: did you mean 'name'" in capsys.readouterr().err.replace('"', "'")


def test_who_runs_it_and_why_is_kept_with_the_changes(
    typed: Typed, a_file: Write, engines: dict[str, Engine], capsys: Said
) -> None:
    a_file(LIST)
    assert typed("spices --from list.csv --as-user anna") == 1
    assert "this node has no user 'anna'" in capsys.readouterr().err
    with transaction(engines["poser"]) as session:
        session.add(User(name="anna"))
    assert typed("spices --from list.csv --as-user anna -m winter") == 0
    kept = "SELECT source, user_name, via, comment FROM history_transactions ORDER BY at"
    number = asked_of(engines["poser"], "SELECT number FROM import_runs")[-1][0]
    via = f"import spices run {number}"
    assert asked_of(engines["poser"], kept)[-1] == ("import", "anna", via, "winter")


def test_the_result_can_be_read_by_programs(typed: Typed, a_file: Write, capsys: Said) -> None:
    a_file(BAD)
    assert typed("spices --from list.csv --json") == 5
    found = json.loads(capsys.readouterr().out)
    assert (found["number"], found["status"], found["exit_code"]) == (1, "done", 5)
    (model,) = found["models"]
    assert (model["read"], model["created"], model["skipped"], model["refused"]) == (4, 1, 1, 2)
    assert model["refusals"][0]["place"] == 3


def test_quiet_is_quiet_unless_something_is_wrong(
    typed: Typed, a_file: Write, capsys: Said
) -> None:
    a_file(LIST)
    assert typed("spices --from list.csv --quiet") == 0
    assert capsys.readouterr() == ("", "")
    assert typed("spices --from nowhere.csv --quiet") == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "cannot read nowhere.csv" in said.err


def test_a_password_in_an_address_is_kept_nowhere(
    typed: Typed, engines: dict[str, Engine], capsys: Said
) -> None:
    assert typed("silent --from postgresql://shop:hunter2@db.example/shop") == 1
    capsys.readouterr()
    assert typed("runs --json") == 0
    assert "hunter2" not in capsys.readouterr().out
    (run,) = asked_of(engines["poser"], "SELECT import_runs::text FROM import_runs")
    assert "shop:***@db.example" in str(run)
    assert "hunter2" not in str(run)


def test_an_error_of_the_handler_is_one_line_and_the_run_is_recorded(
    typed: Typed, capsys: Said
) -> None:
    assert typed("silent --from x") == 1
    assert capsys.readouterr().err.startswith("error: RuntimeError: nobody answers\n")
    assert typed("runs") == 0
    assert "silent   failed" in capsys.readouterr().out


def test_a_word_that_is_no_handler_is_wrong_usage(typed: Typed, capsys: Said) -> None:
    assert typed("spicse --from x") == 2
    assert "No such command 'spicse'" in capsys.readouterr().err


def test_handlers_are_listed_with_what_they_bring(typed: Typed, capsys: Said) -> None:
    assert typed("list") == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "spices A dealer of spices. (poser_spice)" in lines
    assert typed("list spices") == 0
    said = capsys.readouterr().out
    assert "--from: file of the dealer\n--currency: What prices are in. (otherwise EUR)" in said
    assert "from vendors, by number; creates, updates" in said
    assert "    terms             terms, '' where it is empty" in said
    assert typed("list --json") == 0
    assert {"key": "spices", "title": "A dealer of spices.", "of": "poser_spice"} in json.loads(
        capsys.readouterr().out
    )


def test_help_names_the_handlers_own_option_and_its_models(typed: Typed, capsys: Said) -> None:
    assert typed("spices --help") == 0
    said = capsys.readouterr().out
    assert "PLACE: file of the dealer." in said
    assert "Models, in their order: Vendor." in said
    assert "--currency" in said
