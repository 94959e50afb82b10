# SPDX-License-Identifier: Apache-2.0
"""Finds the line of a TOML file where a key stands, which tomllib does not tell."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

Path = tuple[str, ...]

_TABLE = re.compile(r"^\s*\[\[?\s*(?P<key>[^\[\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(
    r"""^\s*(?P<key>(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')
                      (?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=""",
    re.VERBOSE,
)
_INLINE = re.compile(r"""[{,]\s*(?P<key>[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)\s*=""")
_QUOTES = ('"""', "'''")


def lines_of_keys(text: str) -> dict[Path, int]:
    """Return the line (1 is the first) where each key or table of a valid TOML text first stands.

    Keys inside an inline table get the line of their key. A key that only stands inside a text of
    several lines is not found: texts of several lines are skipped.
    """
    found: dict[Path, int] = {}
    table: Path = ()
    until = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if until:
            until = "" if until in line else until
            continue
        if header := _TABLE.match(line):
            table = _split(header["key"])
            _note(found, table, number)
        elif key := _KEY.match(line):
            path = (*table, *_split(key["key"]))
            _note(found, path, number)
            value = line[key.end() :]
            for inner in _INLINE.finditer(value):
                _note(found, (*path, *_split(inner["key"])), number)
            until = _opens_long_text(value)
    return found


def line_of(found: Mapping[Path, int], path: Sequence[str]) -> int:
    """Return the line of `path`, or of the nearest table around it; 1 when nothing is known."""
    whole = tuple(path)
    while whole:
        if whole in found:
            return found[whole]
        whole = whole[:-1]
    return 1


def _note(found: dict[Path, int], path: Path, number: int) -> None:
    """Remember the first line of `path` and of every table it makes on the way."""
    for length in range(1, len(path) + 1):
        found.setdefault(path[:length], number)


def _split(key: str) -> Path:
    """Split a possibly dotted and quoted key, by the same parser that reads the values."""
    parts: list[str] = []
    value: Any = tomllib.loads(f"{key} = 0")
    while isinstance(value, dict):
        name, value = next(iter(value.items()))
        parts.append(name)
    return tuple(parts)


def _opens_long_text(value: str) -> str:
    """Return the quotes that end a text of several lines which begins in `value`, or ""."""
    stripped = value.lstrip()
    for quotes in _QUOTES:
        if stripped.startswith(quotes) and quotes not in stripped[len(quotes) :]:
            return quotes
    return ""
