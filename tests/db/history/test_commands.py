# SPDX-License-Identifier: Apache-2.0
"""`poser history` and `poser db purge`: what people type, and what scripts read."""

import io
import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from poser.cli.app import run
from poser.db import transaction
from poser.model import Brand
from tests.support.postgresql import APPLICATION, OWNER, Server

pytestmark = pytest.mark.postgresql

AS_OWNER = ("db ", "history on", "history off", "history catch-up")
Poser = Callable[[str], int]
Answer = Callable[[str], Any]


@pytest.fixture
def poser(
    postgresql: Server, poser_db: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Poser:
    """Give a function that runs `poser`, as its owner what /usr/local/bin/poser runs so."""
    for user in (APPLICATION, OWNER):
        url = postgresql.url(poser_db.url.database or "", user)
        (tmp_path / f"{user}.conf").write_text(f"[db]\nurl = {url}\n", encoding="utf-8")
    monkeypatch.setenv("SUDO_USER", "anna")

    def type_in(line: str) -> int:
        user = OWNER if line.startswith(AS_OWNER) else APPLICATION
        monkeypatch.setenv("POSER_CONFIG", str(tmp_path / f"{user}.conf"))
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"")))
        return run(shlex.split(line))

    return type_in


@pytest.fixture
def answer(poser: Poser, capsys: pytest.CaptureFixture[str]) -> Answer:
    """Give a function that runs a command with --json and reads what it says."""

    def ask(line: str) -> Any:  # noqa: ANN401 - whatever the command writes
        capsys.readouterr()
        assert poser(f"{line} --json") == 0
        return json.loads(capsys.readouterr().out)

    return ask


@pytest.fixture
def brand(poser_db: Engine) -> Brand:
    with transaction(poser_db) as session:
        made = Brand(name="Acme")
        session.add(made)
    with transaction(poser_db) as session:
        session.execute(text("UPDATE brands SET name = 'Apex'"))
    return made


def test_the_wrapper_on_a_node_runs_the_same_words_as_the_owner() -> None:
    root = Path(__file__).resolve().parents[3]
    script = (root / "roles/parts/files/usr/local/bin/poser").read_text(encoding="utf-8")
    line = next(one for one in script.splitlines() if "user=poser_owner" in one)
    assert all(f'"{words.strip()}' in line for words in AS_OWNER)


def test_a_record_is_found_by_what_people_know_of_it(
    poser: Poser, answer: Answer, brand: Brand, capsys: pytest.CaptureFixture[str]
) -> None:
    changes = answer("history log brands name=Apex")
    assert [(c["kind"], c["row_id"]) for c in changes] == [
        ("insert", str(brand.id)),
        ("update", str(brand.id)),
    ]
    assert (changes[1]["old"], changes[1]["new"]) == ({"name": "Acme"}, {"name": "Apex"})
    assert poser("history log brands name=Apex --field name") == 0
    assert "name  Acme  ->  Apex" in capsys.readouterr().out
    assert poser("history log brands name=Nobody") == 1
    assert "no record of brands has name = 'Nobody'" in capsys.readouterr().err
    assert poser("history log brands nome=Apex") == 1
    assert "brands has no column 'nome'" in capsys.readouterr().err
    assert poser("history log products gtin=abc") == 1
    assert "gtin of products cannot be 'abc'" in capsys.readouterr().err
    assert poser("history log brands Apex") == 1
    assert "COLUMN=VALUE" in capsys.readouterr().err


def test_a_transaction_is_listed_shown_and_undone(
    poser: Poser, answer: Answer, brand: Brand, capsys: pytest.CaptureFixture[str]
) -> None:
    newest = answer("history log brands --limit 1")[0]
    assert (newest["source"], newest["user_name"]) == ("sql", "poser")
    (change,) = answer(f"history show {newest['id']}")
    assert change["new"] == {"name": "Apex"}
    assert poser(f'history restore --transaction {newest["id"]} --comment "wrong file"') == 0
    assert f"brands {brand.id}: update name" in capsys.readouterr().out
    made = answer("history log brands --limit 1")[0]
    assert (made["source"], made["user_name"], made["comment"]) == ("command", "anna", "wrong file")
    assert made["via"] == f"poser history restore {newest['id']}"
    assert poser(f"history restore --transaction {newest['id']}") == 1
    assert "1 changed since" in capsys.readouterr().err
    assert poser("history restore brands") == 2


def test_a_deleted_record_is_listed_looked_at_and_brought_back(
    poser: Poser,
    answer: Answer,
    brand: Brand,
    poser_db: Engine,
    capsys: pytest.CaptureFixture[str],
) -> None:
    at = answer(f"history log brands {brand.id}")[1]["at"].replace(" ", "T")
    with transaction(poser_db) as session:
        session.execute(text("DELETE FROM brands"))
    assert [one["old"]["name"] for one in answer("history deleted brands")] == ["Apex"]
    assert answer(f"history as-of brands {brand.id} {at}")["fields"]["name"] == "Apex"
    assert poser("history as-of brands name=Apex 2020-01-01") == 0
    assert "it did not exist at 2020-01-01" in capsys.readouterr().out
    assert poser(f"history restore brands {brand.id} --at {at}") == 0
    assert answer("history deleted brands") == []
    assert poser("history as-of brands name=Apex yesterday") == 2


def test_history_is_switched_checked_and_caught_up(
    poser: Poser,
    answer: Answer,
    brand: Brand,
    poser_db: Engine,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert answer("history off brands --comment loading") == [
        {"table": "brands", "history": False, "capture": True}
    ]
    with transaction(poser_db) as session:
        session.execute(text("UPDATE brands SET name = 'Unseen'"))
    assert poser("history on brands") == 0
    assert "catch-up" in capsys.readouterr().out
    assert poser("history check brands") == 3
    said = capsys.readouterr().out
    assert f"brands {brand.id} differs: name 'Apex' -> 'Unseen'" in said
    assert answer("history catch-up brands") == {"brands": 1}
    assert poser("history check brands") == 0
    made = answer("history log brands --limit 1")[0]
    assert (made["source"], made["user_name"]) == ("command", "anna")
    tables = {one["table"]: one for one in answer("history status")["tables"]}
    assert tables["brands"] == {"table": "brands", "history": True, "capture": True}
    assert poser("history off") == 2
    assert poser("history off till_rolls") == 1
    assert "table 'till_rolls' is not recorded" in capsys.readouterr().err


def test_capture_is_switched_off_for_all_tables_where_nothing_is_sent_on(
    answer: Answer, poser_db: Engine
) -> None:
    before = answer("history status")["captured"]
    assert all(one["capture"] is not True for one in answer("history off --capture --all"))
    with transaction(poser_db) as session:
        session.add(Brand(name="Acme"))
    assert answer("history status")["captured"] == before
    assert answer("history log brands")[0]["source"] == "sql"


def test_a_purge_says_what_would_go_first(poser: Poser, answer: Answer, brand: Brand) -> None:
    assert answer("db purge --dry-run")["months"] == []
    would = answer("db purge --dry-run --before 2999-01")["months"]
    assert len(would) == 3
    assert len(answer("history log brands name=Apex")) == 2
    assert answer("db purge --before 2999-01")["months"] == would
    assert answer("history log brands name=Apex") == []
    assert poser("db purge --before soon") == 2
    assert brand.id


def test_a_command_is_the_author_of_what_it_changes(
    poser: Poser, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("poser.cli.commands.user._ask_password", lambda: "correct horse battery")
    assert poser('user add ben --full-name "Ben B"') == 0
    (made,) = answer("history log users")
    assert (made["source"], made["user_name"]) == ("command", "anna")
    assert made["via"] == "poser user add ben --full-name 'Ben B'"
    (change,) = answer(f"history show {made['id']}")
    assert change["new"]["password_hash"] == "(secret)"
