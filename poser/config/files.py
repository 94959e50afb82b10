# SPDX-License-Identifier: Apache-2.0
"""Settings files: INI text with line numbers, and how files inherit from each other.

`[poser] require = PATH, ...` names files that this one inherits from; `include =` names
files that may be missing. Paths are relative to the file that names them, one a line or
separated by commas. A file's own values win over those it inherits, and a file named
earlier wins over one named later. `%(here)s` in a value stands for the folder of its file.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from poser.errors import ConfigError

PARENTS = {"poser.require": True, "poser.include": False}
"""Keys that name files to inherit from, and whether those must exist."""

_SECTION = re.compile(r"\[\s*([^\]\s][^\]]*?)\s*\]\s*$")
_HERE = re.compile(r"%\(([^)]*)\)s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One `key = value` in a file; `key` has its section in front, as in `web.workers`."""

    key: str
    value: str
    path: Path
    line: int

    @property
    def place(self) -> str:
        """File and line, as editors like them."""
        return f"{self.path}:{self.line}"


def read_inheriting(path: Path, *, above: tuple[Path, ...] = ()) -> Iterator[Entry]:
    """Read a file and what it inherits from, the entries that win first.

    `above` are the files that led here. Raises ConfigError for a file that is missing,
    unreadable or not INI, and for files that inherit from each other in a circle.
    """
    path = path.absolute()
    here = (*above, path.resolve())
    if here[-1] in above:
        circle = " -> ".join(str(p) for p in here[here.index(here[-1]) :])
        raise ConfigError(
            f"settings files inherit in a circle: {circle}",
            hint="take one of the include or require lines out",
        )
    entries = list(parse(read_text(path), path))
    yield from entries
    for entry in entries:
        if entry.key in PARENTS:
            for parent in _parents(entry):
                if PARENTS[entry.key] or parent.exists():
                    yield from read_inheriting(parent, above=here)


def _parents(entry: Entry) -> Iterator[Path]:
    for name in re.split(r"[,\n]", entry.value):
        if name.strip():
            parent = entry.path.parent / name.strip()
            if PARENTS[entry.key] and not parent.exists():
                raise ConfigError(
                    f"{entry.place}: requires {parent}, which does not exist",
                    hint="write `include` instead of `require` if it may be missing",
                )
            yield parent


def read_text(path: Path) -> str:
    """Read a settings file; a byte order mark is fine, anything but UTF-8 is not."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise ConfigError(
            f"no settings file {path}", hint="name another with POSER_CONFIG or --config"
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 at byte {error.start}") from error
    except OSError as error:
        raise ConfigError(
            f"cannot read settings file {path}: {error.strerror}",
            hint="on a node, `poser` run by root reads it as the user poser",
        ) from error


def parse(text: str, path: Path) -> Iterator[Entry]:
    """Parse INI text: sections, `key = value`, comment lines, indented continuation lines."""
    section = ""
    seen: dict[str, int] = {}
    pending: tuple[str, list[str], int] | None = None
    for number, raw in enumerate([*text.splitlines(), "[end]"], start=1):
        line = raw.strip()
        if not line or line[0] in "#;":
            continue
        if raw[0].isspace() and pending:
            pending[1].append(line)
            continue
        if pending:
            key, values, at = pending
            yield Entry(key=key, value=_expand("\n".join(values), path, at), path=path, line=at)
            pending = None
        if match := _SECTION.match(line):
            section = match[1]
            continue
        key, value = _assignment(line, section, f"{path}:{number}")
        if key in seen:
            raise ConfigError(
                f"{path}:{number}: {key} is set twice, first in line {seen[key]}",
                hint="take one of the two out",
            )
        seen[key] = number
        pending = (key, [value] if value else [], number)


def _assignment(line: str, section: str, place: str) -> tuple[str, str]:
    option, equals, value = line.partition("=")
    if not equals or not option.strip():
        raise ConfigError(f"{place}: neither `[section]` nor `key = value`: {line}")
    if not section:
        raise ConfigError(
            f"{place}: {option.strip()} stands before any [section]",
            hint="write the section first, such as [poser]",
        )
    return f"{section}.{option.strip()}", value.strip()


def _expand(value: str, path: Path, line: int) -> str:
    def stand_in(match: re.Match[str]) -> str:
        if match[1] != "here":
            raise ConfigError(
                f"{path}:{line}: %({match[1]})s means nothing",
                hint="%(here)s, the folder of this file, is the only one",
            )
        return str(path.parent)

    return _HERE.sub(stand_in, value)
