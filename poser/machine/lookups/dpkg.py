# SPDX-License-Identifier: Apache-2.0
"""Packages, read from dpkg's own status file.

Table `package`, by name: None when dpkg does not know it, else `status` (installed, config-files,
half-configured ...) and `version`.
Table `dpkg`, by "": `broken`, the packages whose installation was interrupted, and `interrupted`,
whether dpkg was killed while it wrote its status.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from poser.machine.facts import Changes, Fact

TABLES = ("package", "dpkg")
_FOLDER = "/var/lib/dpkg"
_STATUS_WORDS = 3  # "install ok installed"
_SOUND = ("installed", "config-files", "not-installed")


def look(asked: Mapping[str, Sequence[str]], root: str) -> Callable[[], Changes]:
    """Return a function that reads the status file once."""

    def answer() -> Changes:
        rows: dict[str, Fact] = {}
        broken = []
        for name, flag, status, version in _entries(_text(f"{root}{_FOLDER}/status")):
            if status == "installed" or name not in rows:  # a name may be there per architecture
                rows[name] = {"status": status, "version": version}
            if flag != "ok" or status not in _SOUND:
                broken.append(name)
        updates = _names(f"{root}{_FOLDER}/updates")
        found: dict[tuple[str, str], Fact] = {
            ("package", name): rows.get(name) for name in asked.get("package", ())
        }
        found["dpkg", ""] = {
            "broken": sorted(broken),
            "interrupted": any(name.isdecimal() for name in updates),
        }
        return found

    return answer


def _entries(text: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield name, error flag, status and version of each package.

    Fields are searched for, not split: there are hundreds of entries with dozens of lines each.
    """
    for entry in text.split("\n\n"):
        name, status = _field(entry, "Package: "), _field(entry, "Status: ")
        words = status.split()
        if name and len(words) == _STATUS_WORDS:
            yield name, words[1], words[2], _field(entry, "Version: ")


def _field(entry: str, label: str) -> str:
    start = 0 if entry.startswith(label) else entry.find("\n" + label) + 1
    if not start and not entry.startswith(label):
        return ""
    return entry[start + len(label) :].partition("\n")[0]


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
