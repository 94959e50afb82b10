# SPDX-License-Identifier: Apache-2.0
"""Runs every check in two runs of pytest, as bin/test does: `python -m tests.support.whole`.

First all that may run at once, spread over the processors; then machines and the browser, one
test after another: they share a lab and measure how long things take. The second run follows
whatever came of the first. The exit code is 0 when both ended well; words behind the command
go to both.
"""

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
IN_TURN = ("tests/machines", "tests/browser")
MOST_WORKERS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One run of pytest."""

    name: str
    command: Sequence[str]

    def run(self) -> tuple[int, str]:
        """Run it to its end; returns the exit code, as shells give it, and a sentence."""
        _say(f"{self.name}: {shlex.join(self.command)}")
        began = time.monotonic()
        process = subprocess.Popen(self.command, cwd=CHECKOUT)
        try:
            code = process.wait()
        except KeyboardInterrupt:
            process.wait()  # it was interrupted as well, and removes its machines
            raise
        code = code if code >= 0 else 128 - code
        minutes, seconds = divmod(round(time.monotonic() - began), 60)
        end = "passed" if code == 0 else f"FAILED with exit code {code}"
        return code, f"{self.name}: {end}, {minutes} min {seconds} s"


def parts(words: Sequence[str]) -> tuple[Part, Part]:
    """Return both parts, the one that is spread first; a test is in exactly one of them."""
    pytest = [sys.executable, "-m", "pytest", *words]
    spread = [f"-n={_workers()}", "--dist=worksteal", *(f"--ignore={one}" for one in IN_TURN)]
    return (
        Part(name="all but machines and browser", command=[*pytest, *spread, "tests"]),
        Part(name="machines and browser", command=[*pytest, *IN_TURN]),
    )


def run(*all_parts: Part) -> int:
    """Run the parts one after the other and say how each ended; returns the exit code."""
    try:
        ended = [part.run() for part in all_parts]
    except KeyboardInterrupt:
        return 130
    for _code, sentence in ended:
        _say(sentence)
    return next((code for code, _sentence in ended if code), 0)


def _workers() -> int:
    return max(2, min(len(os.sched_getaffinity(0)), MOST_WORKERS))


def _say(text: str) -> None:
    print(f"bin/test: {text}", flush=True)  # noqa: T201 - this is a command


if __name__ == "__main__":
    sys.exit(run(*parts(sys.argv[1:])))
