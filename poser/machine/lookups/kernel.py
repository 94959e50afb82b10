# SPDX-License-Identifier: Apache-2.0
"""What the kernel says: its settings, and the memory of this machine.

Table `sysctl`, by name: None when this kernel has no such setting, else `value` (spaces made
single) and `writable`, whether this machine may set it (a container mostly may not).
Table `memory`, by "": `mib`, the smaller of what is built in and what the cgroup allows.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from poser.machine.facts import Changes, Fact

TABLES = ("sysctl", "memory")


def look(asked: Mapping[str, Sequence[str]], root: str) -> Callable[[], Changes]:
    """Return a function that reads them."""

    def answer() -> Changes:
        found: dict[tuple[str, str], Fact] = {
            ("sysctl", name): _setting(root, name) for name in asked.get("sysctl", ())
        }
        if "memory" in asked:
            found["memory", ""] = {"mib": _memory_mib(root)}
        return found

    return answer


def setting_path(root: str, name: str) -> str:
    """Return where a setting lies; a name may hold slashes where a part has dots (eth0.1)."""
    parts = name.split(".") if "/" not in name else name.split("/")
    return f"{root}/proc/sys/{'/'.join(parts)}"


def _setting(root: str, name: str) -> Fact:
    path = setting_path(root, name)
    try:
        with open(path, encoding="utf-8") as file:
            value = " ".join(file.read().split())
    except FileNotFoundError:
        return None
    except PermissionError:  # may be set but not read
        value = ""
    return {"value": value, "writable": os.access(path, os.W_OK)}


def _memory_mib(root: str) -> int:
    """Return the memory in MiB; ValueError cannot happen on a kernel that has /proc."""
    with open(f"{root}/proc/meminfo", encoding="ascii") as file:
        built_in = int(file.readline().split()[1]) // 1024
    try:
        with open(f"{root}/sys/fs/cgroup/memory.max", encoding="ascii") as file:
            allowed = file.read().strip()
    except OSError:
        return built_in
    return min(built_in, int(allowed) >> 20) if allowed.isdecimal() else built_in
