# SPDX-License-Identifier: Apache-2.0
"""Why a setting has the value it has: everything that is said about it, and what wins."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from poser.config import Config, Entry, Origin, Row, Setting
from poser.config.view import wrong_row
from poser.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One place that says a value, in the order in which they win.

    `value` is for people: a secret stays one. `user_role` is set where it holds only for
    users with that role. `trouble` says what is wrong with it, or that it has expired.
    """

    origin: Origin
    place: str
    value: str
    user_role: str = ""
    expires_at: datetime | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What a setting is for everybody, where that is said, and all that it overrides.

    `wins` is None where nothing says it and there is no default. `for_user_roles` hold
    for some users instead. Without the rows of the database, `is_certain` is False
    where a row could win.
    """

    wins: Said | None
    overridden: tuple[Said, ...]
    for_user_roles: tuple[Said, ...]
    ignored: tuple[Said, ...]
    is_certain: bool


def explain(
    config: Config, setting: Setting[Any], rows: Sequence[Row] | None, now: datetime
) -> Explanation:
    """Explain one setting; `rows` are all of the table, or None if they could not be read."""
    said = tuple(_all_said(config, setting, rows or (), now))
    # What is wrong in a file stops a program; what is wrong in a row does not count.
    counting = [one for one in said if not one.user_role and not _is_ignored(one)]
    pinned = bool(config.entries.get(setting.name))
    roles = tuple(one for one in said if one.user_role and not _is_ignored(one))
    return Explanation(
        wins=counting[0] if counting else None,
        overridden=(*counting[1:], *(roles if pinned else ())),
        for_user_roles=() if pinned else roles,
        ignored=tuple(one for one in said if _is_ignored(one)),
        is_certain=rows is not None or pinned or not setting.may_be_row,
    )


def _is_ignored(said: Said) -> bool:
    return bool(said.trouble) and said.origin is Origin.DATABASE


def _all_said(
    config: Config, setting: Setting[Any], rows: Sequence[Row], now: datetime
) -> Iterator[Said]:
    for entry in config.entries.get(setting.name, ()):
        yield Said(
            origin=entry.origin,
            place=entry.place,
            value=_shown(setting, entry),
            trouble=_trouble(setting, entry),
        )
    mine = [row for row in rows if row.name == setting.name]
    for row in sorted(mine, key=lambda row: (row.user_role != "", row.user_role)):
        yield _said_by_row(setting, row, now)
    default = setting.value_of_default()
    if default is not None:
        yield Said(origin=Origin.DEFAULT, place="default", value=setting.shown(default))


def _said_by_row(setting: Setting[Any], row: Row, now: datetime) -> Said:
    wrong = wrong_row(row, setting)
    trouble = wrong.message if wrong else ""
    if row.expires_at is not None and row.expires_at <= now:
        trouble = f"expired at {row.expires_at:%Y-%m-%d %H:%M} UTC"
    return Said(
        origin=Origin.DATABASE,
        place=row.place,
        value=_shown(setting, row.entry),
        user_role=row.user_role,
        expires_at=row.expires_at,
        trouble=trouble,
    )


def _shown(setting: Setting[Any], entry: Entry) -> str:
    """Write what somebody wrote for people; a path with the folder that it starts from."""
    if setting.secret:
        return setting.masked(entry.value)
    try:
        return setting.shown(setting.parse(entry))
    except ConfigError:
        return entry.value


def _trouble(setting: Setting[Any], entry: Entry) -> str:
    try:
        setting.parse(entry)
    except ConfigError as error:
        return error.message
    return ""
