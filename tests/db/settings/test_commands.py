# SPDX-License-Identifier: Apache-2.0
"""`poser config` on a real database: set, unset, get, explain, check."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from poser.cli.author import who_types
from poser.config import Flag
from poser.config.settings import DECLARED
from poser.db import engine, transaction
from poser.settings import set_row
from tests.db.settings.conftest import Node

pytestmark = pytest.mark.postgresql


@pytest.fixture
def flag() -> Iterator[Flag]:
    """Declare a flag, for one test."""
    yield Flag("test.shiny", doc="Only in this test.")
    del DECLARED["test.shiny"]


Poser = Callable[..., int]
Capture = pytest.CaptureFixture[str]


def explained(poser: Poser, capsys: Capture, key: str) -> dict[str, object]:
    capsys.readouterr()
    assert poser("config", "explain", key, "--json") == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def test_what_is_set_is_read_back_and_explained(
    poser: Poser, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUDO_USER", "anna")
    assert poser("config", "set", "web.workers", "4", "--comment", "Saturday") == 0
    out = capsys.readouterr().out
    assert "web.workers = 4; was not set" in out
    assert "note: services read it at their start only: restart them" in out
    monkeypatch.setenv("SUDO_USER", "bert")
    assert poser("config", "set", "web.workers", "5") == 0
    assert "was 4" in capsys.readouterr().out
    assert poser("config", "get", "web.workers") == 0
    assert capsys.readouterr().out == "5\n"
    found = explained(poser, capsys, "web.workers")
    assert found["wins"]["origin"] == "database"  # type: ignore[index]
    changes = [
        {key: one[key] for key in ("who", "source", "via", "comment", "old", "new")}
        for one in found["changes"]  # type: ignore[attr-defined]
    ]
    assert changes == [
        {
            "who": "bert", "source": "command", "via": "poser config set web.workers",
            "comment": "", "old": "4", "new": "5",
        },
        {
            "who": "anna", "source": "command", "via": "poser config set web.workers",
            "comment": "Saturday", "old": None, "new": "4",
        },
    ]  # fmt: skip
    assert poser("config", "explain", "web.workers") == 0
    out = capsys.readouterr().out
    assert out.startswith("web.workers = 5\n  from database\n")
    assert "overrides:\n    2  default" in out
    assert "bert (command)  4 -> 5" in out
    assert "whole number, 1 to 64" in out
    assert "restart the services" in out


def test_the_same_again_changes_nothing_and_leaves_no_trace(poser: Poser, capsys: Capture) -> None:
    poser("config", "set", "web.workers", "4")
    capsys.readouterr()
    assert poser("config", "set", "web.workers", "4") == 0
    assert "web.workers = 4; as before" in capsys.readouterr().out
    assert len(explained(poser, capsys, "web.workers")["changes"]) == 1  # type: ignore[arg-type]


def test_what_is_unset_falls_back_and_is_kept_in_the_history(poser: Poser, capsys: Capture) -> None:
    poser("config", "set", "web.workers", "4")
    assert poser("config", "unset", "web.workers") == 0
    assert "web.workers is not set any more; was 4" in capsys.readouterr().out
    assert poser("config", "unset", "web.workers") == 0
    assert "nothing changed" in capsys.readouterr().out
    assert poser("config", "get", "web.workers") == 0
    assert capsys.readouterr().out == "2\n"
    poser("config", "set", "web.workers", "6")
    changes = explained(poser, capsys, "web.workers")["changes"]
    assert [(one["old"], one["new"]) for one in changes] == [  # type: ignore[attr-defined]
        (None, "6"),
        ("4", None),
        (None, "4"),
    ]


def test_who_changed_a_row_with_psql_is_named_by_the_database(
    node: Node, poser: Poser, capsys: Capture
) -> None:
    node.put("web.workers", "4")
    (change,) = explained(poser, capsys, "web.workers")["changes"]  # type: ignore[misc]
    assert (change["who"], change["source"]) == ("poser", "sql")


def test_a_file_and_the_environment_win_and_set_says_so(
    node: Node, poser: Poser, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.config("[web]", "workers = 3")
    assert poser("config", "set", "web.workers", "4") == 0
    assert f"note: {node.path}:4 says 3, and wins over the database" in capsys.readouterr().out
    monkeypatch.setenv("POSER_WEB_WORKERS", "9")
    found = explained(poser, capsys, "web.workers")
    assert found["wins"]["place"] == "environment POSER_WEB_WORKERS"  # type: ignore[index]
    assert [(one["place"], one["value"]) for one in found["overridden"]] == [  # type: ignore[attr-defined]
        (f"{node.path}:4", "3"),
        ("database", "4"),
        ("default", "2"),
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("web.workers", "many"), ("must be a whole number, not 'many'", "Processes")),
        (("web.workers", "-1"), ("must be 1 to 64, not '-1'", "Processes")),
        (("web.wrokers", "4"), ("there is no setting web.wrokers", "did you mean web.workers?")),
        (("db.url", "postgresql:///x"), ("db.url is a secret, never from", "poser.conf:2")),
        (("web.bind", "unix:/x"), ("web.bind is read from files only", "`bind = ...` under [web]")),
        (("web.workers", "4", "--user-role", "Buyers"), ("cannot differ by user role", "without")),
        (("web.workers", "4", "--until", "soon"), ("neither a time nor a length", "7 d")),
        (("web.workers", "4", "--until", "2031-01-01"), ("in which zone", "2031-01-01T00:00Z")),
        (("web.workers", "4", "--until", "900000000 d"), ("neither a time nor a length", "7 d")),
        (("web.workers", "4", "--until", "2001-01-01T00:00Z"), ("in the past", "later")),
    ],
)
def test_what_is_wrong_is_refused_and_nothing_is_written(
    node: Node, poser: Poser, capsys: Capture, words: tuple[str, ...], said: tuple[str, str]
) -> None:
    assert poser("config", "set", *words) == 1
    error, hint = capsys.readouterr().err.splitlines()
    assert said[0] in error
    assert said[1] in hint
    with node.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM settings").scalar() == 0


def test_a_flag_is_set_for_a_user_role_alone(
    node: Node, poser: Poser, capsys: Capture, flag: Flag
) -> None:
    words = (flag.name, "yes", "--user-role")
    assert poser("config", "set", *words, "Buyers") == 1
    assert "there is no user role 'Buyers'" in capsys.readouterr().err
    assert poser("config", "set", *words, "Administrators") == 0
    assert f"{flag.name} = yes for user role Administrators" in capsys.readouterr().out
    assert poser("config", "get", flag.name) == 0
    assert poser("config", "get", flag.name, "--user-role", "Administrators") == 0
    assert capsys.readouterr().out == "no\nyes\n"
    assert poser("config", "explain", flag.name) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{flag.name} = no\n  from default")
    assert "yes  database, for user role Administrators" in out
    assert "(not set) -> yes  for Administrators" in out
    assert poser("config", "unset", flag.name) == 0
    assert "nothing changed" in capsys.readouterr().out
    assert poser("config", "unset", flag.name, "--user-role", "Administrators") == 0
    with node.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM settings").scalar() == 0


def test_two_who_set_the_same_for_the_first_time_both_succeed(node: Node) -> None:
    def set_it(number: int) -> None:
        with transaction(engine(node.url)) as session:
            set_row(session, node.config(), "web.workers", str(number))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(set_it, range(1, 9)))
    with node.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM settings").scalar() == 1


def test_a_database_without_tables_has_no_rows(node: Node, poser: Poser, capsys: Capture) -> None:
    name = node.server.create()
    try:
        node.path.write_text(f"[db]\nurl = {node.server.url(name)}\n")
        for words in (("check",), ("list",), ("get", "web.workers"), ("explain", "web.workers")):
            assert poser("config", *words) == 0, words
        assert "web.workers = 2" in capsys.readouterr().out
    finally:
        node.server.drop(name)


def test_a_secret_in_a_file_that_everyone_reads_is_warned_of(
    node: Node, poser: Poser, capsys: Capture
) -> None:
    node.path.write_text("[db]\nurl = postgresql://u:hunter2@/x\n")
    node.path.chmod(0o644)
    assert poser("config", "check", "--files") == 0
    assert f"warning: {node.path}:2: db.url is a secret" in capsys.readouterr().err
    node.path.chmod(0o640)
    assert poser("config", "check", "--files") == 0
    assert "warning" not in capsys.readouterr().err


def test_a_machine_made_file_is_changed_in_the_inventory(
    node: Node, poser: Poser, capsys: Capture
) -> None:
    text = node.path.read_text()
    node.path.write_text(
        f"# Made by Poser from the inventory; changes made here are undone.\n{text}"
    )
    assert poser("config", "set", "web.bind", "unix:/x") == 1
    assert "write web.bind into the settings of this machine there" in capsys.readouterr().err


def test_a_value_can_expire(node: Node, poser: Poser, capsys: Capture) -> None:
    assert poser("config", "set", "web.workers", "4", "--until", "7 d") == 0
    found = explained(poser, capsys, "web.workers")
    assert found["wins"]["expires_at"]  # type: ignore[index]
    node.write("UPDATE settings SET expires_at = now() - interval '1 h'")
    found = explained(poser, capsys, "web.workers")
    assert found["wins"]["origin"] == "default"  # type: ignore[index]
    assert "expired at" in found["ignored"][0]["trouble"]  # type: ignore[index]
    assert poser("config", "check") == 0
    assert poser("config", "get", "web.workers") == 0
    assert capsys.readouterr().out.endswith("2\n")


def test_rows_that_are_wrong_are_reported_and_can_be_taken_out(
    node: Node, poser: Poser, capsys: Capture
) -> None:
    node.put("web.workers", "many")
    node.put("web.wrokers", "4")
    node.put("db.url", "postgresql://u:hunter2@/x")
    assert poser("config", "check") == 3
    err = capsys.readouterr().err
    assert "database: web.workers must be a whole number, not 'many'" in err
    assert "database: there is no setting web.wrokers" in err
    assert "database: db.url is never read from the database" in err
    assert poser("config", "check", "--files") == 0
    assert poser("config", "list") == 0
    assert poser("config", "explain", "db.url") == 0
    written = capsys.readouterr()
    assert "hunter2" not in err + written.out + written.err
    for name in ("web.workers", "web.wrokers", "db.url"):
        assert poser("config", "unset", name) == 0
    assert "hunter2" not in capsys.readouterr().out
    assert poser("config", "check") == 0


def test_a_secret_is_never_shown(node: Node, poser: Poser, capsys: Capture) -> None:
    secret = node.path.parent / "url"
    secret.write_text("postgresql://u:hunter2@/x?host=/nowhere")
    secret.chmod(0o600)
    node.path.write_text("[db]\nurl = postgresql://u:hunter2@/x?host=/nowhere\n")
    for words in (("list",), ("list", "--json"), ("explain", "db.url"), ("check",)):
        poser("config", *words)
    node.path.write_text("[db]\nurl = file:url\n")
    for words in (("explain", "db.url"), ("list", "db"), ("get", "db.url")):
        poser("config", *words)
    written = capsys.readouterr()
    assert "hunter2" not in written.out + written.err
    assert "file:url" in written.out


def test_who_types_is_who_used_sudo_or_signed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "anna")
    assert who_types() == "anna"
    monkeypatch.delenv("SUDO_USER")
    assert who_types()
