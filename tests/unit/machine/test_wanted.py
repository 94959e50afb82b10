# SPDX-License-Identifier: Apache-2.0
"""What a machine keeps of its role: enough to be held to it, and no secret in clear."""

import os
import stat
from pathlib import Path

import pytest

from poser.errors import WireError
from poser.machine import examine, wanted
from poser.machine.look import look
from poser.machine.plan import plan
from poser.machine.resource import Resource, Secret
from poser.machine.resources.command import Command
from poser.machine.resources.file import File

JOB = {"role": "store", "release": "r1", "values_sha256": "abc"}
KEY = Secret("a-long-and-secret-key\n")
HERE = {"owner": "root", "group": "root"}


def resources() -> list[Resource]:
    return [
        File(path="/etc/plain", content="open\n", **HERE),
        File(path="/etc/key", content=KEY, mode=0o600, **HERE),
        File(path="/etc/text", content="in a secret file", secret=True, mode=0o600, **HERE),
        Command(name="first", run=("true",), creates="/etc/plain", stdin=Secret("pass-word")),
    ]


@pytest.fixture
def root(tmp_path: Path) -> str:
    (tmp_path / "etc").mkdir()
    for name, text, mode in (
        ("passwd", f"root:x:{os.getuid()}:{os.getgid()}::/root:/bin/sh\n", 0o644),
        ("group", f"root:x:{os.getgid()}:\n", 0o644),
        ("plain", "open\n", 0o644),
        ("key", KEY.reveal(), 0o600),
        ("text", "in a secret file", 0o600),
    ):
        path = tmp_path / "etc" / name
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
    return str(tmp_path)


def steps(root: str) -> list[tuple[str, str]]:
    found = wanted.resources_of(wanted.read(root), root)
    return [(step.key, step.reason) for step in plan(found, look(found, root)).steps]


def test_no_secret_is_kept_in_clear_and_nobody_else_may_read(root: str) -> None:
    wanted.keep(JOB, resources(), root)
    path = Path(root + wanted.PATH)
    text = path.read_text()
    for secret in ("a-long-and-secret-key", "in a secret file", "pass-word"):
        assert secret not in text
    assert "open" in text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_machine_that_is_right_shows_no_drift(root: str) -> None:
    wanted.keep(JOB, resources(), root)
    assert steps(root) == []


@pytest.mark.parametrize("name", ["key", "text"])
def test_a_secret_file_that_somebody_changed_is_told_without_its_text(root: str, name: str) -> None:
    wanted.keep(JOB, resources(), root)
    (Path(root) / "etc" / name).write_text("other\n")
    assert steps(root) == [(f"file /etc/{name}", "differs")]
    (Path(root) / "etc" / name).unlink()
    assert steps(root) == [(f"file /etc/{name}", "is missing")]


def test_the_mode_of_a_secret_file_is_compared(root: str) -> None:
    wanted.keep(JOB, resources(), root)
    (Path(root) / "etc/key").chmod(0o644)
    assert steps(root) == [("file /etc/key", "has mode 0644, should be 0600")]


def test_the_same_values_are_not_written_again(root: str) -> None:
    wanted.keep(JOB, resources(), root)
    before = Path(root + wanted.PATH).stat().st_ino
    wanted.keep(JOB, resources(), root)
    assert Path(root + wanted.PATH).stat().st_ino == before
    wanted.keep({**JOB, "values_sha256": "def"}, resources()[:1], root)
    assert len(wanted.read(root)["resources"]) == 1


def test_what_another_kit_wrote_is_an_error_not_a_guess(root: str) -> None:
    wanted.keep(JOB, resources(), root)
    kept = wanted.read(root)
    kept["resources"][0]["kind"] = "Teapot"
    with pytest.raises(WireError, match="Teapot"):
        wanted.resources_of(kept, root)


def test_failed_units_are_read_from_what_systemctl_lists() -> None:
    said = "● backup.service loaded failed failed Backup\nx.timer loaded failed failed X\n"
    assert examine.failed_units(said) == ["backup.service", "x.timer"]
    assert examine.failed_units("") == []


def test_what_is_amended_takes_the_place_of_what_was_told(root: str) -> None:
    wanted.keep(JOB, resources(), root)
    wanted.amend([File(path="/etc/plain", content="closed\n", **HERE)], root)
    assert steps(root) == [("file /etc/plain", "differs")]
    kept = wanted.read(root)
    assert (kept["values_sha256"], len(kept["resources"])) == ("abc", len(resources()))
    assert "a-long-and-secret-key" not in Path(root + wanted.PATH).read_text()


@pytest.mark.parametrize("told", [True, False])
def test_what_a_machine_was_never_told_cannot_be_amended(root: str, *, told: bool) -> None:
    if told:
        wanted.keep(JOB, resources(), root)
    with pytest.raises(WireError, match="never told of file /etc/other"):
        wanted.amend([File(path="/etc/other", content="", **HERE)], root)
