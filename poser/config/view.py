# SPDX-License-Identifier: Apache-2.0
"""Everything that is said about every setting at one moment, and which of it wins.

In this order: the environment, the files, the rows of the database, the default. A view
never changes what it says; when rows change, the settings get another view. So a value
that was parsed once stays right for as long as its view is looked at, threads read it
without a lock, and a read that overlaps with a change sees the old or the new, whole.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar
from uuid import UUID

from poser.config.entries import Entry, Row
from poser.config.settings import Setting
from poser.errors import ConfigError

log = logging.getLogger(__name__)

T = TypeVar("T")

Rows = Mapping[str, tuple[Row, ...]]
"""The rows that hold now, by the name of their setting; those of user roles by role name."""


def by_name(rows: Iterable[Row]) -> Rows:
    """Put the rows of each setting together, in the order in which user roles count."""
    found: dict[str, tuple[Row, ...]] = {}
    for row in sorted(rows, key=lambda row: (row.user_role, row.user_role_id or UUID(int=0))):
        found[row.name] = (*found.get(row.name, ()), row)
    return found


class View:
    """What the environment and files say, and the rows of one moment.

    `values` are the values parsed so far. `written` are those of them that no row can
    change; the views of one process share them.
    """

    __slots__ = (
        "_by_role",
        "_entries",
        "_lock",
        "_paths",
        "_rows",
        "_source",
        "_written",
        "values",
    )

    def __init__(
        self,
        entries: Mapping[str, tuple[Entry, ...]],
        paths: Collection[Path],
        written: dict[Setting[Any], Any],
        *,
        rows: Rows | None = None,
        source: Callable[[], Iterable[Row]] | None = None,
    ) -> None:
        self.values = dict(written)
        self._entries = entries
        self._paths = paths
        self._written = written
        self._rows = rows
        self._source = source
        self._by_role: dict[Setting[Any], dict[UUID, Any]] = {}
        self._lock = Lock()

    def read(self, setting: Setting[T]) -> T:
        """Find what wins for a setting, and remember it. Raises ConfigError as parsing does."""
        entries = self._entries.get(setting.name)
        if entries or not setting.may_be_row:
            value = self._given(setting, setting.parse(entries[0]) if entries else None)
            self._written[setting] = value
        else:
            value = self._given(setting, self._from_rows(setting))
        self.values[setting] = value
        return value

    def read_for(self, setting: Setting[T], user_roles: Collection[UUID]) -> T:
        """Find what wins for somebody with some user roles."""
        values = self._by_role.get(setting)
        if values is None:
            values = self._by_role[setting] = dict(self._values_of_roles(setting))
        if values:
            found = [value for role, value in values.items() if role in user_roles]
            if found:
                return any(found) if setting.adds_up else found[0]  # type: ignore[return-value]
        return self.values[setting] if setting in self.values else self.read(setting)

    def rows(self) -> Rows:
        """Return the rows; the first call may ask the database for them."""
        if self._rows is None:
            with self._lock:
                if self._rows is None:
                    self._rows = by_name(self._source() if self._source else ())
        return self._rows

    def _given(self, setting: Setting[T], value: T | None) -> T:
        if value is None:
            value = setting.value_of_default()
        if value is None:
            raise setting.missing(self._paths)
        return value

    def _from_rows(self, setting: Setting[T]) -> T | None:
        for row in self.rows().get(setting.name, ()):
            if row.user_role_id is None:
                return _parsed(setting, row)
        return None

    def _values_of_roles(self, setting: Setting[T]) -> Iterator[tuple[UUID, T]]:
        if self._entries.get(setting.name):
            return  # a file or the environment holds for everybody
        for row in self.rows().get(setting.name, ()):
            if row.user_role_id is not None and (value := _parsed(setting, row)) is not None:
                yield row.user_role_id, value


def _parsed(setting: Setting[T], row: Row) -> T | None:
    """Parse a row; one that is wrong is as good as none, because it must stop no service."""
    try:
        return setting.parse(row.entry)
    except ConfigError as error:
        log.warning("setting ignored", extra={"reason": str(error), "hint": error.hint})
        return None


def wrong_row(row: Row, setting: Setting[Any] | None) -> ConfigError | None:
    """Say what is wrong with a row, or None. `setting` is its declaration, if there is one."""
    take_out = f"take it out: poser config unset {row.name}"
    if setting is None:
        return ConfigError(f"{row.place}: there is no setting {row.name}", hint=take_out)
    if not setting.may_be_row:
        return ConfigError(
            f"{row.place}: {row.name} is never read from the database", hint=take_out
        )
    if row.user_role_id is not None and not setting.per_user_role:
        return ConfigError(
            f"{row.place}: {row.name} cannot differ by user role",
            hint=f"{take_out} --user-role {row.user_role!r}",
        )
    try:
        setting.parse(row.entry)
    except ConfigError as error:
        return ConfigError(
            error.message, hint=f"{error.hint} Set it again: poser config set {row.name} VALUE"
        )
    return None
