# SPDX-License-Identifier: Apache-2.0
"""Tells how the machines of a lab are; needs no root and changes nothing."""

import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from control.lab.book import LabFolder
from control.lab.launch import Launcher, launcher
from control.lab.network import LabNetwork
from control.lab.values import LabMachine, LabSpec, State
from poser.errors import ConfigError


def status_of(spec: LabSpec, names: Sequence[str] = ()) -> list[LabMachine]:
    """Return the machines of a lab, all when none is named; unknown ones are absent."""
    folder = LabFolder(path=spec.folder)
    book = folder.load()
    if book is None:
        return [
            LabMachine(name=name, address="", state=State.ABSENT, host_key="") for name in names
        ]
    runs = launcher(spec.folder, LabNetwork(id=spec.id, network=book.network))
    return [
        _machine(
            folder,
            name,
            str(book.network[book.numbers[name]]) if name in book.numbers else "",
            runs,
        )
        for name in (names or book.numbers)
    ]


def _machine(folder: LabFolder, name: str, address: str, runs: Launcher) -> LabMachine:
    machine = folder.machine(name)
    pid = runs.pid(name)
    built = machine.load() is not None
    return LabMachine(
        name=name,
        address=address,
        state=State.UP if pid else State.DOWN if built else State.ABSENT,
        host_key=machine.host_key_line(),
        is_cut=machine.cut_mark.exists(),
        pid=pid,
        since=_began(pid) if pid else None,
    )


def _began(pid: int) -> datetime | None:
    """Return when a process began; None when it ended meanwhile. *Source:* proc(5)."""
    try:
        after_name = (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2]
    except OSError:
        return None
    ticks = int(after_name.split()[19])
    boot = next(
        int(line.split()[1])
        for line in Path("/proc/stat").read_text().splitlines()
        if line.startswith("btime ")
    )
    return datetime.fromtimestamp(boot + ticks / os.sysconf("SC_CLK_TCK"), UTC)


def not_known(name: str, known: Iterable[str]) -> NoReturn:
    """Raise ConfigError: the lab has no machine of this name."""
    there = ", ".join(sorted(known))
    raise ConfigError(
        f"the lab has no machine {name!r}",
        hint=f"it has {there}" if there else "it has none yet: `fab lab up` first",
    )
