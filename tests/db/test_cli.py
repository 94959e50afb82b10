# SPDX-License-Identifier: Apache-2.0
"""The command line on a real server: what people type, and what scripts read."""

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from poser.cli.app import run
from tests.support.poslog import EXAMPLE, log, sale
from tests.support.postgresql import APPLICATION, OWNER, Server

pytestmark = pytest.mark.postgresql

Poser = Callable[..., int]


@pytest.fixture
def config(postgresql: Server, tmp_path: Path) -> Iterator[Path]:
    """Write the settings of a node with empty databases; its owner has others."""
    names = {database: postgresql.create() for database in ("db", "trainwreck", "tempmon")}
    for user in (APPLICATION, OWNER):
        urls = {section: postgresql.url(name, user) for section, name in names.items()}
        text = "\n".join(f"[{section}]\nurl = {url}" for section, url in urls.items())
        (tmp_path / f"{user}.conf").write_text(text, encoding="utf-8")
    yield tmp_path
    for name in names.values():
        postgresql.drop(name)


@pytest.fixture
def poser(config: Path, monkeypatch: pytest.MonkeyPatch) -> Poser:
    """Give a function that runs `poser` with words behind it, and standard input."""

    def type_in(line: str, stdin: bytes = b"") -> int:
        user = OWNER if line.startswith("db ") else APPLICATION  # as /usr/local/bin/poser does
        monkeypatch.setenv("POSER_CONFIG", str(config / f"{user}.conf"))
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        return run(line.split())

    return type_in


def test_a_command_on_a_node_without_tables_says_what_to_look_at(
    poser: Poser, capsys: pytest.CaptureFixture[str]
) -> None:
    assert poser("demo load") == 1
    assert "hint: is the schema up to date? sudo poser db status" in capsys.readouterr().err


def test_an_empty_node_is_brought_up_to_date(
    poser: Poser, capsys: pytest.CaptureFixture[str]
) -> None:
    assert poser("db status") == 3
    assert capsys.readouterr().out.splitlines()[1].split()[:2] == ["poser", "empty"]
    assert poser("db upgrade") == 0
    out = capsys.readouterr().out
    assert "poser: ran poser_0001, poser_0002," in out
    assert "trainwreck: ran trainwreck_0001" in out
    assert poser("db upgrade") == 0
    assert "nothing to do" in capsys.readouterr().out
    assert poser("db status --json") == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["state"] for one in found] == ["current"] * 3
    assert found[0]["current"] == found[0]["heads"]


def test_a_user_is_added_once_and_listed(poser: Poser, capsys: pytest.CaptureFixture[str]) -> None:
    poser("db upgrade")
    line = "user add Admin --user-role Administrators --password-stdin"
    assert poser(line, b"a good long password\n") == 0
    assert poser(line + " --if-missing", b"another password\n") == 0
    assert "there already; nothing changed" in capsys.readouterr().out
    assert poser(line, b"another password\n") == 1
    assert "there is a user 'admin' already" in capsys.readouterr().err
    assert poser("user list --json") == 0
    (user,) = json.loads(capsys.readouterr().out)
    assert user == {
        "name": "admin", "full_name": "", "user_roles": ["Administrators"], "is_active": True,
        "is_local": False, "last_sign_in_at": None,
    }  # fmt: skip
    assert poser("user list") == 0
    assert "admin  -          Administrators  yes     never" in capsys.readouterr().out


def test_a_local_user_is_marked_as_one(poser: Poser, capsys: pytest.CaptureFixture[str]) -> None:
    poser("db upgrade")
    assert poser("user add kim --local --password-stdin", b"a good long password\n") == 0
    capsys.readouterr()
    assert poser("user list --json") == 0
    assert json.loads(capsys.readouterr().out)[0]["is_local"] is True


def test_a_log_is_imported_from_a_file_and_from_standard_input(
    poser: Poser, capsys: pytest.CaptureFixture[str]
) -> None:
    poser("db upgrade")
    capsys.readouterr()
    assert poser(f"import poslog {EXAMPLE}") == 0
    assert capsys.readouterr().out == (
        f"{EXAMPLE}: 51 POS transactions new (552 lines); 0 there already; 1 stores new;"
        " 21 departments new; 386 products new; 382 prices new\n"
    )
    assert poser("import poslog -", EXAMPLE.read_bytes()) == 0
    assert capsys.readouterr().out == (
        "standard input: 0 POS transactions new (0 lines); 51 there already; nothing changed\n"
    )


def test_the_summary_can_be_read_by_programs(
    poser: Poser, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    poser("db upgrade")
    path = tmp_path / "log.xml"
    path.write_text(log(sale(1), sale(2).replace(">2.50<", ">x<")), encoding="utf-8")
    capsys.readouterr()
    assert poser(f"import poslog --json --dry-run {path}") == 5
    captured = capsys.readouterr()
    summary = json.loads(captured.out)
    assert summary["dry_run"] is True
    (file,) = summary["files"]
    assert file["transactions"] == {"created": 1, "unchanged": 0, "replaced": 0, "refused": 1}
    assert file["rejects"][0]["entry"] == "9/1/2026-11-20/2"
    assert file["error"] is None
    assert captured.err.startswith(f"refused: {path}:3:")


def test_exit_codes_tell_all_some_and_none_apart(
    poser: Poser, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    poser("db upgrade")
    good, bad = tmp_path / "good.xml", tmp_path / "bad.xml"
    good.write_text(log(sale(1)), encoding="utf-8")
    bad.write_text("not a log", encoding="utf-8")
    capsys.readouterr()
    assert poser(f"import poslog {bad} {good}") == 4
    captured = capsys.readouterr()
    assert f"error: {bad}:1:1: is not a POSLog" in captured.err
    assert f"{good}: 1 POS transactions new" in captured.out
    assert poser(f"import poslog {bad}") == 1
    assert poser(f"import poslog {good}") == 0
    assert poser("import poslog /nowhere.xml") == 1
    assert "cannot read /nowhere.xml: No such file" in capsys.readouterr().err


def test_what_was_refused_is_listed_until_it_is_forgotten(
    poser: Poser, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    poser("db upgrade")
    path = tmp_path / "log.xml"
    path.write_text(log(sale(1).replace(">2.50<", ">x<")), encoding="utf-8")
    assert poser(f"import poslog {path}") == 5
    capsys.readouterr()
    assert poser("import rejected") == 0
    assert "9/1/2026-11-20/1" in capsys.readouterr().out
    assert poser("import rejected --json --forget") == 0
    (entry,) = json.loads(capsys.readouterr().out)
    assert entry["raw"].startswith("<Transaction>")
    assert poser("import rejected") == 0
    assert capsys.readouterr().out == "nothing is kept aside\n"


def test_importing_before_the_upgrade_says_what_to_do(
    poser: Poser, capsys: pytest.CaptureFixture[str]
) -> None:
    assert poser(f"import poslog {EXAMPLE}") == 1
    err = capsys.readouterr().err
    assert "error: a table is missing" in err
    assert "hint: bring the databases up to date: poser db upgrade" in err


def test_a_wrong_time_zone_is_named(poser: Poser, capsys: pytest.CaptureFixture[str]) -> None:
    assert poser(f"import poslog --time-zone Mars/Olympus {EXAMPLE}") == 1
    assert "there is no time zone 'Mars/Olympus'" in capsys.readouterr().err
