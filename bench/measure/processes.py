# SPDX-License-Identifier: Apache-2.0
"""CPU seconds and memory of process trees, read from /proc.

CPU time counts in clock ticks (10 ms): take it over seconds of work, never over one request.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stat:
    """One line of /proc/PID/stat: own CPU seconds and those of children that have ended."""

    pid: int
    parent: int
    own_s: float
    ended_children_s: float


def stat(pid: int) -> Stat | None:
    """Read what a process used so far; None when it is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # the name stands in brackets and may hold spaces and brackets itself
    fields = text[text.rindex(")") + 2 :].split()
    user, system, child_user, child_system = (int(value) for value in fields[11:15])
    return Stat(
        pid=pid,
        parent=int(fields[1]),
        own_s=(user + system) / TICKS_PER_S,
        ended_children_s=(child_user + child_system) / TICKS_PER_S,
    )


def tree(root: int) -> list[Stat]:
    """Return the process `root` and everything below it that runs now, parents first."""
    by_parent: dict[int, list[Stat]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (seen := stat(int(entry.name))) is not None:
            by_parent.setdefault(seen.parent, []).append(seen)
    top = stat(root)
    if top is None:
        raise ProcessLookupError(f"process {root} is not there any more")
    found = [top]
    for process in found:
        found.extend(by_parent.get(process.pid, ()))
    return found


def cpu_s(root: int) -> float:
    """Return CPU seconds used so far by a process and all below it, ended ones too."""
    return sum(process.own_s + process.ended_children_s for process in tree(root))


def children(root: int) -> list[int]:
    """Return the ids of the direct children of a process."""
    return [process.pid for process in tree(root) if process.parent == root]


def rss_mib(pid: int) -> float:
    """Return the resident memory of a process in MiB, shared pages counted in full."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError(f"process {pid} has no memory any more")


def largest_rss_mib(pids: Iterable[int]) -> float:
    """Return the resident memory in MiB of the largest of some processes."""
    return max(rss_mib(pid) for pid in pids)
