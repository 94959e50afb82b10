# SPDX-License-Identifier: Apache-2.0
"""How a service starts: what is looked at apart, and what becomes of one that cannot start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
PROGRAM = """
import os, sys
from poser import starting
from poser.errors import PoserError, Unavailable

def look(config, urls):
    print("not to be said twice", end="", file=sys.stdout)
    {look}

starting._look = look
print("said before; ", end="")

def serve(config):
    starting.require_all_fits(config, {{"poser": "none"}})
    print("it serves")
    return 0

sys.exit(starting.run_service("x", "A service.", serve, ["--config", os.devnull]))
"""


def started(look: str) -> "subprocess.CompletedProcess[str]":
    """Run a service with `look` in the place of what looks at the databases."""
    buffered = {k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM.format(look=look)],
        cwd=CHECKOUT, env=buffered, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_it_serves_when_all_fits_and_the_process_that_looked_leaves_nothing() -> None:
    done = started("pass")
    assert (done.returncode, done.stdout, done.stderr) == (0, "said before; it serves\n", "")


def test_what_does_not_fit_is_said_as_if_found_here() -> None:
    done = started("raise Unavailable('database \"poser\" is gone, für immer', hint='find it')")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        'error: database "poser" is gone, für immer',
        "hint: find it",
    ]


@pytest.mark.parametrize(
    ("look", "code", "above"),
    [("os.kill(os.getpid(), 9)", -9, ""), ("1 / 0", 1, "ZeroDivisionError")],
)
def test_it_does_not_start_when_nobody_could_look(look: str, code: int, above: str) -> None:
    done = started(look)
    assert done.returncode == 1
    *others, error, hint = done.stderr.splitlines()
    assert error.startswith("error: whether the databases fit")
    assert error.endswith(f" ended with {code}")
    assert hint == "hint: what it said is above; a number below 0 is the signal that ended it"
    assert above in "".join(others)
    assert "it serves" not in done.stdout
