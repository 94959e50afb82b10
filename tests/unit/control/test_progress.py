# SPDX-License-Identifier: Apache-2.0
"""What is shown while machines are worked on, and what is not."""

import subprocess
import sys

import pytest

from control.paths import CHECKOUT
from control.progress import Lines, Live, line_of, new_progress

START = {"event": "start", "key": "packages nginx", "n": 1, "of": 3}
STEP = {"event": "progress", "key": "packages nginx", "text": "unpacking"}
CHANGED = {"event": "changed", "key": "file /etc/x", "seconds": 0.1, "reason": "differs"}


def test_lines_tell_each_step(capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines()
    lines.say("", "building the release")
    lines.hear("store-1", {"event": "look", "count": 9})
    lines.hear("store-1", {"event": "plan", "steps": [{}, {}]})
    lines.hear("store-1", START)
    lines.hear("store-1", CHANGED)
    lines.hear("store-1", {**CHANGED, "diff": "-a\n+b"})
    lines.close()
    assert capsys.readouterr().out.splitlines() == [
        "building the release",
        "store-1: 2 changes to make",
        "store-1: 1/3 packages nginx",
        "store-1: file /etc/x:",
        "-a",
        "+b",
    ]


def test_a_machine_that_is_well_is_not_mentioned(capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines()
    lines.hear("store-1", {"event": "look", "count": 9})
    lines.hear("store-1", {"event": "plan", "steps": []})
    lines.hear("store-1", {"event": "done", "changed": 0})
    assert capsys.readouterr().out == ""


def test_lines_tell_where_a_long_step_is_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    now = [100.0]
    lines = Lines(now=lambda: now[0])
    lines.hear("store-1", START)
    for _ in range(40):
        now[0] += 1
        lines.hear("store-1", STEP)
    printed = capsys.readouterr().out.splitlines()
    assert printed == ["store-1: 1/3 packages nginx", *["store-1: packages nginx: unpacking"] * 4]


def test_rows_appear_when_something_changes_and_go_away(capsys: pytest.CaptureFixture[str]) -> None:
    live = Live()
    live.hear("store-1", {"event": "plan", "steps": [{}]})
    live.hear("store-1", START)
    live.hear("store-1", CHANGED)
    live.close()
    shown = capsys.readouterr().out
    assert "file /etc/x" in shown
    assert "differs" in shown


def test_rows_do_not_appear_after_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    live = Live()
    live.close()
    live.hear("store-1", START)
    assert capsys.readouterr().out == ""


def test_files_and_pipes_get_lines() -> None:
    assert isinstance(new_progress(), Lines)


def test_one_change_is_not_called_changes() -> None:
    assert line_of({"event": "plan", "steps": [{}]}) == "1 change to make"


@pytest.mark.parametrize("module", ["rich", "control.certificates", "pytest", "control.wheels"])
def test_what_an_unchanged_run_does_not_need_is_not_loaded(module: str) -> None:
    """What the verbs load at once is what every run pays for."""
    loads = (
        "import sys, control.provision, control.summary, control.connections;"
        f"sys.exit({module!r} in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", loads], cwd=CHECKOUT, check=False)
    assert done.returncode == 0
