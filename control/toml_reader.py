# SPDX-License-Identifier: Apache-2.0
"""Reads values of a TOML file and collects every mistake with its line and a hint."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from control.nearest import did_you_mean
from control.toml_lines import line_of, lines_of_keys

Path = tuple[str, ...]
Table = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One thing that is wrong in the file, where, and what to do."""

    line: int
    text: str
    hint: str


class TomlReader:
    """Takes checked values out of one file; what is wrong goes to `mistakes`, nothing is raised.

    A value that is wrong is answered with an empty one of its kind, so that reading goes on and
    finds the other mistakes; whoever reads must look at `mistakes` before using anything.
    """

    def __init__(self, text: str, values: Table) -> None:
        self.mistakes: list[Mistake] = []
        self.values = values
        self._text = text
        self._lines: dict[Path, int] | None = None

    def line(self, path: Path) -> int:
        """Return the line where the key or table `path` stands."""
        if self._lines is None:
            self._lines = lines_of_keys(self._text)
        return line_of(self._lines, path)

    def wrong(self, path: Path, text: str, hint: str) -> None:
        """Note a mistake at the line of `path`."""
        self.mistakes.append(Mistake(line=self.line(path), text=text, hint=hint))

    def known_keys(self, path: Path, table: Table, known: Sequence[str]) -> None:
        """Note every key of `table` that is not `known`."""
        where = f"[{'.'.join(path)}]" if path else "the file"
        for key in table:
            if key not in known:
                hint = did_you_mean(key, known, what="the keys are")
                self.wrong((*path, key), f"{where} has an unknown key {key!r}", hint)

    def table(
        self, path: Path, parent: Table, key: str, known: Sequence[str] | None = None
    ) -> Table:
        """Return the table `key` of `parent`, whose keys must be `known` (None: any)."""
        value = parent[key]
        whole = (*path, key)
        if not isinstance(value, dict):
            name = ".".join(whole)
            self.wrong(whole, f"{name} is not a table", f"write it as a table: [{name}]")
            return {}
        if known is not None:
            self.known_keys(whole, value, known)
        return value

    def word(self, path: Path, table: Table, key: str, like: re.Pattern[str], hint: str) -> str:
        """Return a text that is wholly `like` the pattern; "" when there is none."""
        value = table.get(key)
        if value is None:
            return ""
        if isinstance(value, str) and like.fullmatch(value):
            return value
        self.wrong((*path, key), f"{_name(path, key)} cannot be {value!r}", hint)
        return ""

    def choice(
        self, path: Path, table: Table, key: str, known: Sequence[str], *, needed: bool = False
    ) -> str:
        """Return a text that is one of `known`; "" when there is none and none is `needed`."""
        if key not in table:
            if needed:
                hint = f'write {key} = "{known[0]}"; known: {", ".join(known)}'
                self.wrong(path, f"{_name(path)} has no `{key}`", hint)
            return ""
        value = table[key]
        if value in known:
            return str(value)
        hint = did_you_mean(str(value), known)
        self.wrong((*path, key), f"{_name(path)}: there is no {key} {value!r}", hint)
        return ""

    def texts(
        self, path: Path, table: Table, key: str, like: re.Pattern[str], hint: str
    ) -> tuple[str, ...]:
        """Return a list of texts that are each `like` the pattern; () when there is none."""
        values = table.get(key, [])
        if isinstance(values, list) and all(
            isinstance(each, str) and like.fullmatch(each) for each in values
        ):
            return tuple(values)
        self.wrong((*path, key), f"{_name(path, key)} cannot be {values!r}", hint)
        return ()

    def number(
        self, path: Path, table: Table, key: str, low: int, high: int, *, default: int
    ) -> int:
        """Return a whole number from `low` to `high`."""
        value = table.get(key, default)
        if type(value) is int and low <= value <= high:
            return value
        hint = f"write a number from {low} to {high}, as {key} = {default}"
        self.wrong((*path, key), f"{_name(path, key)} cannot be {value!r}", hint)
        return default

    def settings(self, path: Path, parent: Table) -> dict[str, str]:
        """Return the table `settings` of `parent` as texts; inner keys are joined with dots."""
        if "settings" not in parent:
            return {}
        table = self.table(path, parent, "settings")
        found: dict[str, str] = {}
        self._flatten((*path, "settings"), "", table, found)
        return found

    def _flatten(self, path: Path, before: str, table: Table, found: dict[str, str]) -> None:
        for key, value in table.items():
            here = (*path, key)
            if isinstance(value, dict):
                self._flatten(here, f"{before}{key}.", value, found)
            elif isinstance(value, bool):
                found[before + key] = "true" if value else "false"
            elif isinstance(value, str | int | float):
                found[before + key] = str(value)
            else:
                hint = "a setting is a text, a number, true or false"
                self.wrong(here, f"the setting {before}{key} cannot be {value!r}", hint)


def _name(path: Path, key: str = "") -> str:
    """Return what people call the thing at `path`: "machine store-1: port", "mirror.uris"."""
    if len(path) > 1 and path[0].endswith("s"):
        return f"{path[0][:-1]} {path[1]}" + (f": {key}" if key else "")
    return ".".join((*path, key) if key else path)
