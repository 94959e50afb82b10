# SPDX-License-Identifier: Apache-2.0
"""One control group for each machine: how all its processes are found, counted and killed."""

import os
import time
from pathlib import Path

from poser.errors import PoserError, Unavailable

_V2 = Path("/sys/fs/cgroup")
_HYBRID = Path("/sys/fs/cgroup/unified")
# Long: a process that waits for the disk ends when the disk has answered, and disks get busy.
_WAIT_S = 60.0


def root() -> Path:
    """Return where the version 2 tree is mounted; raises PoserError when it is nowhere."""
    for place in (_V2, _HYBRID):
        if (place / "cgroup.procs").exists():
            return place
    raise PoserError(
        "this computer has no version 2 control groups, which the lab needs",
        hint=f"mount them: mount -t cgroup2 none {_HYBRID}",
    )


def is_hybrid() -> bool:
    """Say whether version 2 stands beside version 1, so that machines must be told to use it."""
    return root() == _HYBRID


def folder(lab: str, machine: str) -> Path:
    """Return the control group of one machine of one lab."""
    return root() / "poser-lab" / lab / machine


def is_populated(group: Path) -> bool:
    """Say whether any process lives in `group` or below it."""
    try:
        return "populated 1" in (group / "cgroup.events").read_text()
    except (FileNotFoundError, OSError):
        return False


def processes(group: Path) -> list[int]:
    """Return the numbers of all processes in `group` and below it."""
    found: list[int] = []
    for place, _, _ in os.walk(group):
        try:
            lines = (Path(place) / "cgroup.procs").read_text().split()
        except OSError:  # the group, or its last process, went away as we looked
            continue
        found.extend(int(line) for line in lines)
    return found


def kill(group: Path) -> None:
    """Kill everything in `group` at once, as when the power fails, and remove the group."""
    if group.exists():
        (group / "cgroup.kill").write_text("1")
        remove(group)


def remove(group: Path) -> None:
    """Remove `group` and what is below it, waiting for processes that are being reaped.

    A new start in a used group is not safe: children of systemd 257 (CLONE_INTO_CGROUP) were
    killed at birth in one that had been killed before.
    """
    deadline = time.monotonic() + _WAIT_S
    while group.exists():
        for place, _, _ in os.walk(group, topdown=False):
            try:
                Path(place).rmdir()
            except OSError:  # still populated, or already gone
                continue
        if not group.exists():
            return
        if time.monotonic() > deadline:
            raise Unavailable(
                f"processes {processes(group)} of {group} do not end",
                hint="they wait for this computer's disk or kernel; look at `ps` and try again",
            )
        time.sleep(0.01)
