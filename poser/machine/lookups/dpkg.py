# SPDX-License-Identifier: Apache-2.0
"""Packages, read from dpkg's own status file.

Table `package`, by name: None when dpkg does not know it, else `status` (installed, config-files,
half-configured ...) and `version`.
Table `dpkg`, by "": `broken`, the packages whose installation was interrupted, and `interrupted`,
whether dpkg was killed while it wrote its status.
"""

from __future__ import annotations

import os
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from poser.machine.facts import Changes, Fact

TABLES = ("package", "dpkg")
_FOLDER = "/var/lib/dpkg"
_ENTRY = re.compile(r"^Package: (\S+)$(?:\n(?!Status:).+)*\nStatus: \S+ (\S+) (\S+)$", re.MULTILINE)
_VERSION = re.compile(r"^Version: (\S+)$", re.MULTILINE)
_SOUND = ("installed", "config-files", "not-installed")


def look(asked: Mapping[str, Sequence[str]], root: str) -> Callable[[], Changes]:
    """Return a function that reads the status file once."""

    def answer() -> Changes:
        text = _text(f"{root}{_FOLDER}/status")
        rows: dict[str, tuple[str, int]] = {}
        broken = []
        for name, flag, status, end in _entries(text):
            if status == "installed" or name not in rows:  # a name may be there per architecture
                rows[name] = (status, end)
            if flag != "ok" or status not in _SOUND:
                broken.append(name)
        found: dict[tuple[str, str], Fact] = {}
        for name in asked.get("package", ()):
            found["package", name] = _fact(text, *rows[name]) if name in rows else None
        updates = _names(f"{root}{_FOLDER}/updates")
        found["dpkg", ""] = {
            "broken": sorted(broken),
            "interrupted": any(name.isdecimal() for name in updates),
        }
        return found

    return answer


def _entries(text: str) -> Iterator[tuple[str, str, str, int]]:
    """Yield name, error flag, status and the place behind them for each package."""
    for match in _ENTRY.finditer(text):
        yield match[1], match[2], match[3], match.end()


def _fact(text: str, status: str, end: int) -> Fact:
    stop = text.find("\n\n", end)
    version = _VERSION.search(text, end, stop if stop >= 0 else len(text))
    return {"status": status, "version": version[1] if version else ""}


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except FileNotFoundError:
        return []
