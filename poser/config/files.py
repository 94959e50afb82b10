# SPDX-License-Identifier: Apache-2.0
"""Settings files: INI text with line numbers, and how files inherit from each other.

`[poser] require = PATH, ...` names files that this one inherits from; `include =` names
files that may be missing. Paths are relative to the file that names them, one a line or
separated by commas. A folder stands for the files in it that end in `.conf`.

The nearest file wins: a file over those it inherits from, these over those that they
inherit from. Of files equally near, the one named earlier wins; of the files in a
folder, the one whose name sorts last, as with other programs' `conf.d`. `%(here)s` in a
value stands for the folder of its file, and `%%(` for the characters `%(`.
"""

import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from poser.config.entries import Entry, Origin
from poser.errors import ConfigError

PARENTS = {"poser.require": True, "poser.include": False}
"""Keys that name files to inherit from, and whether those must exist."""

SUFFIX = ".conf"
"""How a file in a folder of settings files must end to be read."""

_SECTION = re.compile(r"\[\s*([^\]\s][^\]]*?)\s*\]\s*$")
_STAND_IN = re.compile(r"%%\(|%\(([^)]*)\)s")
_LINE = re.compile(r"\r\n|\r|\n")


def read_inheriting(paths: Iterable[Path]) -> Iterator[Entry]:
    """Read files and what they inherit from, the entries that win first.

    A file of `paths` wins, with all it inherits, over the files behind it. Raises
    ConfigError for a file that is missing, unreadable or not INI, and for files that
    inherit from each other in a circle.
    """
    seen: set[Path] = set()
    for path in paths:
        family = _Family()
        family.add(path.absolute())
        for member in family.nearest_first(path.absolute()):
            if (resolved := _resolved(member)) not in seen:
                seen.add(resolved)
                yield from family.entries[resolved]


class _Family:
    """A file and all that it inherits from, each read once."""

    def __init__(self) -> None:
        self.entries: dict[Path, tuple[Entry, ...]] = {}
        self._parents: dict[Path, tuple[Path, ...]] = {}

    def add(self, path: Path, above: tuple[Path, ...] = ()) -> None:
        """Read a file, unless it is known, and its parents; `above` led here."""
        here = _resolved(path)
        if here in above:
            circle = " -> ".join(str(one) for one in (*above[above.index(here) :], here))
            raise ConfigError(
                f"settings files inherit in a circle: {circle}",
                hint="take one of the include or require lines out",
            )
        if here in self.entries:
            return
        self.entries[here] = tuple(parse(read_text(path), path))
        self._parents[here] = tuple(_parents(self.entries[here], path))
        for parent in self._parents[here]:
            self.add(parent, (*above, here))

    def nearest_first(self, path: Path) -> Iterator[Path]:
        """Yield a file, its parents, their parents and so on."""
        ring = [path]
        done: set[Path] = set()
        while ring:
            yield from ring
            done.update(_resolved(one) for one in ring)
            above = (parent for one in ring for parent in self._parents[_resolved(one)])
            ring = [parent for parent in dict.fromkeys(above) if _resolved(parent) not in done]


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:  # links that lead to each other
        raise ConfigError(
            f"cannot read settings file {path}: its links lead nowhere",
            hint="see where they lead with: namei -l PATH",
        ) from error


def _parents(entries: Iterable[Entry], path: Path) -> Iterator[Path]:
    for entry in entries:
        if entry.key in PARENTS:
            for name in re.split(r"[,\n]", entry.value):
                if name.strip():
                    parent = path.parent / name.strip()
                    yield from _files(parent, entry, must_exist=PARENTS[entry.key])


def _files(path: Path, entry: Entry, *, must_exist: bool) -> Iterator[Path]:
    """Yield a file that is inherited from, or those of a folder."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        if must_exist:
            raise ConfigError(
                f"{entry.place}: requires {path}, which does not exist",
                hint="write `include` instead of `require` if it may be missing",
            ) from None
        return
    except OSError as error:
        raise _unreadable(path, error) from error
    if not stat.S_ISDIR(mode):
        yield path
        return
    try:
        names = sorted(one.name for one in path.iterdir())
    except OSError as error:
        raise _unreadable(path, error) from error
    shown = (name for name in reversed(names) if not name.startswith("."))
    yield from (path / name for name in shown if name.endswith(SUFFIX))


def read_text(path: Path) -> str:
    """Read a settings file; a byte order mark is fine, anything but UTF-8 is not."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise ConfigError(
            f"no settings file {path}", hint="name another with POSER_CONFIG or --config"
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{path}: not UTF-8 at byte {error.start}", hint="save it again as UTF-8"
        ) from error
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> ConfigError:
    if isinstance(error, IsADirectoryError):
        hint = f"name a file; a file may say `include = FOLDER/` and so read its *{SUFFIX}"
    else:
        hint = "on a node, `poser` run by root reads it as the user poser"
    return ConfigError(f"cannot read settings file {path}: {error.strerror}", hint=hint)


def parse(text: str, path: Path) -> Iterator[Entry]:
    """Parse INI text: sections, `key = value`, comment lines, indented continuation lines."""
    section = ""
    seen: dict[str, int] = {}
    pending: tuple[str, list[str], int] | None = None
    for number, raw in enumerate([*_LINE.split(text), "[end]"], start=1):
        line = raw.strip()
        if not line or line[0] in "#;":
            continue
        if raw[0].isspace() and pending:
            pending[1].append(line)
            continue
        if pending:
            yield _entry(*pending, path)
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


def _entry(key: str, values: list[str], line: int, path: Path) -> Entry:
    place = f"{path}:{line}"
    value = _expand("\n".join(values), path, place)
    return Entry(key=key, value=value, origin=Origin.FILE, place=place, folder=path.parent)


def _assignment(line: str, section: str, place: str) -> tuple[str, str]:
    option, equals, value = line.partition("=")
    if not equals or not option.strip():
        raise ConfigError(
            f"{place}: neither `[section]` nor `key = value`: {_short(line)}",
            hint="a comment is a line of its own that begins with # or ;",
        )
    if not section:
        raise ConfigError(
            f"{place}: {option.strip()} stands before any [section]",
            hint="write the section first, such as [poser]",
        )
    return f"{section}.{option.strip()}", value.strip()


def _short(line: str) -> str:
    """Cut a line that is shown in an error: what follows may be half a secret."""
    word = line.split(maxsplit=1)[0]
    return line if word == line and len(line) <= _WORD else f"{word[:_WORD]} ..."


_WORD = 24


def _expand(value: str, path: Path, place: str) -> str:
    def stand_in(match: re.Match[str]) -> str:
        if match[0] == "%%(":
            return "%("
        if match[1] != "here":
            raise ConfigError(
                f"{place}: %({match[1]})s means nothing",
                hint="%(here)s, the folder of this file, is the only one; write %% for a percent"
                " sign before a bracket",
            )
        return str(path.parent)

    return _STAND_IN.sub(stand_in, value)


def grouped(entries: Iterable[Entry]) -> Mapping[str, tuple[Entry, ...]]:
    """Put the entries of each key together, in their order."""
    found: dict[str, tuple[Entry, ...]] = {}
    for entry in entries:
        found[entry.key] = (*found.get(entry.key, ()), entry)
    return found
