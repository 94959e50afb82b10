# SPDX-License-Identifier: Apache-2.0
"""A declared setting: its name, its type, its bounds, and how to read it."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from poser.errors import ConfigError

if TYPE_CHECKING:
    from poser.config.files import Entry
    from poser.config.load import Config

T = TypeVar("T")

DECLARED: "dict[str, Setting[Any]]" = {}
"""Every setting declared by a module imported so far, by name."""

_NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
_YES_NO = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def _yes_no(value: str) -> bool:
    try:
        return _YES_NO[value.lower()]
    except KeyError:
        raise ValueError("yes or no") from None


def _number(value: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise ValueError("a whole number") from None


def _decimal(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise ValueError("a number") from None


_PARSERS: dict[type, Callable[[str], object]] = {
    str: str,
    int: _number,
    float: _decimal,
    bool: _yes_no,
    Path: Path,
}


class Setting(Generic[T]):
    """One option, declared where it is read; calling it reads it.

    `name` is `section.option` and must be written as a plain string where the setting is
    declared, because the settings files are checked against the source (see
    poser.config.declared). Without `default` the setting has to be in a file. `low` and
    `high` bound a number, inclusive; `choices` bound a text. A `secret` is never shown.
    `file_only` settings are never taken from the database; `restart` says that a running
    service reads it only at its start.
    """

    def __init__(
        self,
        name: str,
        kind: type[T],
        *,
        doc: str,
        default: T | None = None,
        low: float | None = None,
        high: float | None = None,
        choices: tuple[str, ...] = (),
        secret: bool = False,
        file_only: bool = False,
        restart: bool = True,
    ) -> None:
        if not _NAME.fullmatch(name):
            raise ValueError(f"setting name {name!r} is not section.option in lower case")
        self.name = name
        self.kind = kind
        self.doc = doc
        self.default = default
        self.low = low
        self.high = high
        self.choices = choices
        self.secret = secret
        self.file_only = file_only
        self.restart = restart
        DECLARED[name] = self

    def __call__(self, config: "Config") -> T:
        """Read the setting. Raises ConfigError for a bad value, or none and no default."""
        entry = config.get(self.name)
        if entry is not None:
            return self.parse(entry)
        if self.default is not None:
            return self.default
        files = ", ".join(str(path) for path in config.paths) or "any file (none was read)"
        section, option = self.name.split(".")
        raise ConfigError(
            f"setting {self.name} is missing in {files}",
            hint=f"write `[{section}]` and `{option} = ...`: {self.doc}",
        )

    def parse(self, entry: "Entry") -> T:
        """Turn what a file says into a value; a relative path is taken from that file's folder."""
        try:
            value = _PARSERS[self.kind](entry.value)
        except ValueError as error:
            raise self._wrong(entry, str(error)) from None
        if isinstance(value, Path):
            value = entry.path.parent / value.expanduser()
        if not entry.value:
            raise self._wrong(entry, "not empty")
        if isinstance(value, int | float) and not self._is_within(value):
            raise self._wrong(entry, self._bounds())
        if self.choices and value not in self.choices:
            raise self._wrong(entry, f"one of {', '.join(self.choices)}")
        return cast("T", value)

    def shown(self, value: object) -> str:
        """Write a value for people; a secret stays one."""
        return "(secret)" if self.secret else str(value)

    def _is_within(self, value: float) -> bool:
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    def _bounds(self) -> str:
        if self.low is None or self.high is None:
            word, bound = ("at most", self.high) if self.low is None else ("at least", self.low)
            return f"{word} {bound}"
        return f"{self.low} to {self.high}"

    def _wrong(self, entry: "Entry", wanted: str) -> ConfigError:
        return ConfigError(
            f"{entry.place}: {self.name} must be {wanted}, not {self.shown(repr(entry.value))}",
            hint=self.doc,
        )
