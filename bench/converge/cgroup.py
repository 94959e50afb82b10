# SPDX-License-Identifier: Apache-2.0
"""CPU seconds of control groups: of one command of ours, and of a machine of the lab.

`cpu.stat` of version 2 counts all that ever ran in a group, also what has ended and what runs on
in the background (an SSH master, say). It is there without the cpu controller, too.
"""

import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from control.lab import cgroups


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """One command that has ended: its exit code, what it printed, its time and CPU time."""

    code: int
    output: str
    wall_s: float
    cpu_s: float


def cpu_s(group: Path) -> float:
    """Return the CPU seconds of a control group so far."""
    for line in (group / "cpu.stat").read_text().splitlines():
        name, _, value = line.partition(" ")
        if name == "usage_usec":
            return int(value) / 1_000_000
    raise LookupError(f"{group} counts no CPU time")


def of_machine(lab: str, machine: str) -> Path:
    """Return the control group of a machine of a lab."""
    return cgroups.folder(lab, machine)


def run(
    command: Sequence[str | Path], environment: Mapping[str, str], folder: Path, within_s: float
) -> Ran:
    """Run a command in a control group of its own until it ends."""
    with _group() as group:
        began = time.perf_counter()
        # the shell joins the group before it becomes the command: nothing is counted elsewhere
        join = f'echo $$ > {group}/cgroup.procs; exec "$@"'
        done = subprocess.run(
            ["sh", "-c", join, "sh", *command],
            env={**os.environ, **environment},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            timeout=within_s,
        )
        wall_s = time.perf_counter() - began
        return Ran(code=done.returncode, output=done.stdout, wall_s=wall_s, cpu_s=cpu_s(group))


@contextmanager
def _group() -> Iterator[Path]:
    group = cgroups.root() / f"poser-bench-{os.getpid()}"
    group.mkdir()
    try:
        yield group
    finally:
        cgroups.kill(group)
