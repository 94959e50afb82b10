# SPDX-License-Identifier: Apache-2.0
"""`bin/test` without words: two runs of pytest, and one honest exit code."""

import os
import signal
import subprocess
import sys

import pytest

from tests.support.whole import CHECKOUT, IN_TURN, parts

PROGRAM = """
import sys
from tests.support.whole import Part, run

def part(name, program):
    return Part(name=name, command=[sys.executable, "-c", program])

sys.exit(run(part("others", sys.argv[1]), part("machines", sys.argv[2])))
"""
WAITS = """
import time
try:
    print("boots", flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    time.sleep(1)
    print("cleaned up", flush=True)
"""
KILLED = "import os; os.kill(os.getpid(), 9)"


def ran(first: str, second: str) -> "subprocess.CompletedProcess[str]":
    """Run both parts; each is a program of Python."""
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, first, second],
        cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_every_test_is_in_exactly_one_part() -> None:
    spread, in_turn = parts(["-p", "a_plugin"])
    assert spread.command[-1] == "tests"
    assert [word for word in spread.command if word.startswith("--ignore=")] == [
        f"--ignore={folder}" for folder in IN_TURN
    ]
    assert in_turn.command[-2:] == list(IN_TURN)
    assert all((CHECKOUT / folder).is_dir() for folder in IN_TURN), "or pytest would ignore nothing"
    for part in (in_turn, spread):
        assert part.command[3:5] == ["-p", "a_plugin"], "what CI asks for holds for both"


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        ("", "", 0),
        ("exit(1)", "", 1),
        ("", "exit(3)", 3),
        ("exit(2)", "exit(1)", 2),
        ("", KILLED, 137),
    ],
)
def test_a_part_that_fails_fails_the_run_and_hides_nothing(
    first: str, second: str, code: int
) -> None:
    done = ran(f"print('counts', flush=True); {first}", f"print('boots', flush=True); {second}")
    assert done.returncode == code
    lines = done.stdout.splitlines()
    assert lines.index("counts") < lines.index("boots")
    for sentence, program in zip(lines[-2:], (first, second), strict=True):
        assert ("FAILED with exit code" in sentence) == bool(program)
        assert ("passed" in sentence) != bool(program)


def test_an_interrupted_part_cleans_up_and_is_the_last() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, WAITS, "print('never')"],
        cwd=CHECKOUT, stdout=subprocess.PIPE, text=True, start_new_session=True,
        # What a shell starts behind the scenes ignores the signal, and so would this.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )  # fmt: skip
    assert process.stdout
    while process.stdout.readline() != "boots\n":
        assert process.poll() is None
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    assert said == "cleaned up\n"
