# SPDX-License-Identifier: Apache-2.0
"""Locks of the shadow suite (useradd and its like) that a kill or power cut left behind.

A tool that is killed leaves /etc/passwd.lock with its process number, or empty; the others then
refuse to work for ever, or until that number is free again.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from poser.machine.system import System

LOCKS = tuple(f"/etc/{name}.lock" for name in ("passwd", "shadow", "group", "gshadow", "subuid"))
_TOOLS = ("user", "group", "passwd", "chfn", "chsh", "pwconv", "grpconv", "chage", "vipw", "vigr")


def remove_stale_locks(system: System) -> None:
    """Remove each lock whose tool does not run any more."""
    for path in LOCKS:
        try:
            with open(system.disk.at(path), encoding="ascii", errors="replace") as file:
                holder = file.read().strip("\0 \n")
        except FileNotFoundError:
            continue
        if not _runs(holder):
            system.progress(f"removing the stale lock {path}")
            system.remove(path)


def _runs(pid: str) -> bool:
    """Say whether this process is one of the tools."""
    if not pid.isdecimal():
        return False
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as file:
            name = file.read()
    except OSError:
        return False
    return any(tool in name for tool in _TOOLS)
