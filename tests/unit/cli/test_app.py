# SPDX-License-Identifier: Apache-2.0
"""The command line without a database: help, errors, exit codes, and a quick start."""

import io
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from poser.cli.app import root, run
from poser.cli.folders import Folder
from poser.errors import PoserError

HEAVY = ("sqlalchemy", "psycopg2", "alembic", "argon2", "rich", "falcon", "web", "fabric")


def walk(command: click.Command, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """List every command as the words that run it."""
    found = [path]
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            each = command.get_command(context, name)
            assert each is not None
            found += walk(each, (*path, name))
    return found


PATHS = walk(root)


def test_commands_are_found_by_their_files() -> None:
    assert {path[0] for path in PATHS if path} >= {"config", "db", "import", "user"}
    assert ("import", "poslog") in PATHS
    assert ("db", "upgrade") in PATHS


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_every_command_explains_itself(
    path: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*path, "--help"]) == 0
    assert "Usage: poser" in capsys.readouterr().out


@pytest.mark.parametrize("path", [p for p in PATHS if len(p) == 1], ids=" ".join)
def test_every_group_shows_examples(
    path: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    run([*path, "--help"])
    assert re.search(r"Examples:\n    (sudo )?poser", capsys.readouterr().out)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing"], "No such command 'nothing'"),
        (["db", "nothing"], "No such command 'nothing'"),
        (["db", "upgrade", "tills"], "'tills' is not one of 'poser', 'trainwreck'"),
        (["import", "poslog"], "Missing argument 'FILE...'"),
        (["--nothing"], "No such option"),
    ],
)
def test_wrong_usage_is_two_lines_and_exit_code_2(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(":")[0] for line in lines] == ["error", "hint"]
    assert words in lines[0]
    assert "--help" in lines[1]


def test_an_error_is_two_lines_without_a_traceback_and_exit_code_1(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(["--config", str(tmp_path / "nowhere.conf"), "db", "status"]) == 1
    err = capsys.readouterr().err
    assert err.startswith(f"error: no settings file {tmp_path}/nowhere.conf\nhint: ")
    assert "Traceback" not in err


def test_debug_shows_where_an_error_comes_from(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(["--debug", "-c", str(tmp_path / "nowhere.conf"), "db", "status"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_an_unforeseen_error_is_one_line_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_self: Folder, _context: click.Context) -> list[str]:
        raise ZeroDivisionError("what\nnow")

    monkeypatch.setattr(Folder, "list_commands", broken)
    assert run(["db", "status"]) == 1
    assert capsys.readouterr().err == (
        "error: ZeroDivisionError: what now\nhint: --debug shows where\n"
    )


def test_an_interrupted_command_says_so_and_exits_with_130(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_self: Folder, _context: click.Context) -> list[str]:
        raise KeyboardInterrupt

    monkeypatch.setattr(Folder, "list_commands", interrupted)
    assert run(["db", "status"]) == 130
    assert "error: interrupted" in capsys.readouterr().err


def test_heads_need_no_settings_and_no_database(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSER_CONFIG", "/nowhere")
    assert run(["db", "heads", "--json"]) == 0
    assert '"poser": [' in capsys.readouterr().out


def test_settings_are_checked_and_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "poser.conf"
    path.write_text("[db]\nurl = postgresql:///x\n[web]\nworkers = many\n", encoding="utf-8")
    assert run(["-c", str(path), "config", "check", "--files"]) == 1
    assert f"error: {path}:4: web.workers must be a whole number" in capsys.readouterr().err
    path.write_text("[db]\nurl = postgresql://u:hunter2@/x?host=/nowhere\n", encoding="utf-8")
    assert run(["-c", str(path), "config", "check", "--files"]) == 0
    assert run(["-c", str(path), "config", "list"]) == 0
    written = capsys.readouterr()
    assert "(secret)" in written.out
    assert "hunter2" not in written.out + written.err
    assert "web.workers" in written.out
    assert "warning: without the settings of the database" in written.err


def test_settings_that_are_in_doubt_are_not_given_to_scripts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "poser.conf"
    path.write_text("[db]\nurl = postgresql:///x?host=/nowhere\n", encoding="utf-8")
    assert run(["-c", str(path), "config", "check"]) == 1
    assert "database 'x' does not answer" in capsys.readouterr().err
    assert run(["-c", str(path), "config", "get", "web.workers"]) == 1
    assert run(["-c", str(path), "config", "get", "web.bind"]) == 0
    assert run(["-c", str(path), "config", "get", "db.url"]) == 1
    written = capsys.readouterr()
    assert written.out == "unix:/run/poser-web/web.sock\n"
    assert "is a secret and is not shown" in written.err


def test_a_password_is_asked_for_only_where_somebody_can_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    path = tmp_path / "poser.conf"
    path.write_text("[db]\nurl = postgresql:///x?host=/nowhere\n", encoding="utf-8")
    assert run(["-c", str(path), "user", "add", "anna", "--password-stdin"]) == 1
    assert "no password came on standard input" in capsys.readouterr().err


def test_help_starts_without_anything_heavy() -> None:
    program = (
        "import sys; from poser.cli.app import run; run(['--help']); run(['import', '--help']);"
        f" print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )
    assert done.stderr.strip() == "[]"


def test_an_error_without_a_hint_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(_self: Folder, _context: click.Context) -> list[str]:
        raise PoserError("no")

    monkeypatch.setattr(Folder, "list_commands", refusing)
    assert run(["db", "status"]) == 1
    assert capsys.readouterr().err == "error: no\n"


def test_help_is_there_for_who_may_not_look_at_the_settings(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Closed:
        def exists(self) -> bool:
            raise PermissionError

    monkeypatch.delenv("POSER_CONFIG", raising=False)
    monkeypatch.setattr("poser.cli.words.DEFAULT_PATH", Closed())
    assert run(["--help"]) == 0
    said = capsys.readouterr().out
    assert "Commands of extensions are missing here" in said
    assert "doctor" in said
