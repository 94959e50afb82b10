# SPDX-License-Identifier: Apache-2.0
"""People who are not root run the lab through sudo; here a stand-in for sudo, as root or not."""

import os
import shutil
from pathlib import Path

import pytest

from control.lab import Lab, State
from control.lab.elevated import carry_out
from poser.errors import ConfigError, PoserError, Unavailable

ALLOWS = '#!/bin/sh\nshift\necho "$@" >> "$SUDO_LOG"\nexec "$@"\n'
REFUSES = "#!/bin/sh\necho 'sudo: a password is required' >&2\nexit 1\n"


@pytest.fixture
def somebody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """Make this process look like that of a person, with a lab that was never up."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("SUDO_LOG", str(tmp_path / "sudo.log"))
    return Lab("unit", state=tmp_path / "state", cache_folder=tmp_path / "cache")


def install_sudo(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sudo = folder / "bin/sudo"
    sudo.parent.mkdir()
    sudo.write_text(text)
    sudo.chmod(0o755)
    monkeypatch.setenv("PATH", f"{sudo.parent}:{os.environ['PATH']}")


def test_an_action_goes_through_sudo_and_its_answer_comes_back(
    somebody: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_sudo(tmp_path, ALLOWS, monkeypatch)
    found = somebody.down(["a"])
    assert [(each.name, each.state) for each in found] == [("a", State.ABSENT)]
    assert "-m control.lab" in (tmp_path / "sudo.log").read_text()


def test_an_error_of_roots_side_comes_back_with_its_hint(
    somebody: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_sudo(tmp_path, ALLOWS, monkeypatch)
    with pytest.raises(PoserError, match="no machine 'a'") as refused:
        somebody.cut("a")
    assert "fab lab up" in refused.value.hint


def test_a_sudo_that_refuses_is_one_clear_error(
    somebody: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_sudo(tmp_path, REFUSES, monkeypatch)
    with pytest.raises(PoserError, match="sudo did not let you") as refused:
        somebody.up(["a"])
    assert "sudo -v" in refused.value.hint


def test_a_root_side_that_dies_in_the_middle_is_not_taken_for_a_refusal(
    somebody: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_sudo(tmp_path, """#!/bin/sh\necho '{"begun": "up"}'\nexit 1\n""", monkeypatch)
    with pytest.raises(PoserError, match="'up' as root ended in the middle") as died:
        somebody.up(["a"])
    assert "run again" in died.value.hint


def test_what_the_system_refuses_is_an_error_with_a_hint(somebody: Lab, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where a folder must be")
    with pytest.raises(Unavailable, match="could not be changed") as refused:
        carry_out(somebody.spec, lambda *_: None, "down", {"names": []})
    assert "df" in refused.value.hint


def test_without_root_and_without_sudo_nothing_is_tried(
    somebody: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)  # noqa: ARG005 - nothing is found
    with pytest.raises(PoserError, match="only be run by root") as refused:
        somebody.up(["a"])
    assert "as root" in refused.value.hint


def test_asking_how_machines_are_needs_no_rights(somebody: Lab) -> None:
    assert somebody.status(["a"])[0].state is State.ABSENT
    assert somebody.status() == []
    assert somebody.console("a") == ""


def test_nothing_but_actions_can_be_asked_of_root(somebody: Lab) -> None:
    with pytest.raises(ValueError, match="_lock"):
        carry_out(somebody.spec, lambda *_: None, "_lock", {})


def test_a_bad_name_is_refused_before_root_is_asked() -> None:
    with pytest.raises(ConfigError, match="cannot be called"):
        Lab("../etc")
