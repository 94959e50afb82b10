# SPDX-License-Identifier: Apache-2.0
"""Writing the table of settings: what is written is right when it is written."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from poser.clock import utc_now
from poser.config import Config, Entry, Origin, Setting
from poser.config.declared import declaration
from poser.config.load import find_declaration
from poser.errors import ConfigError, PoserError
from poser.model import SettingRow, UserRole

_GENERATED = "# Made by Poser"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What became of one row; a value is None where there was, or is, no row."""

    name: str
    user_role: str
    old: str | None
    new: str | None
    is_changed: bool


def set_row(
    session: Session,
    config: Config,
    name: str,
    value: str,
    *,
    user_role: str = "",
    expires_at: datetime | None = None,
) -> Change:
    """Write the row of a setting, for everybody or for a user role, until `expires_at` (UTC).

    The same again changes nothing. Raises ConfigError for a setting that does not exist
    or is never read from the database, and for a value that it cannot have; PoserError
    for a user role that is not there.
    """
    setting = find_declaration(config, name)
    if not setting.may_be_row:
        raise _refused(config, setting)
    if user_role and not setting.per_user_role:
        raise ConfigError(
            f"{name} cannot differ by user role", hint="set it for everybody, without --user-role"
        )
    if expires_at is not None and expires_at <= utc_now():
        raise ConfigError(
            f"{name}: {expires_at:%Y-%m-%d %H:%M} UTC is in the past", hint="name a later time"
        )
    value = value.strip()
    setting.parse(Entry(key=name, value=value, origin=Origin.DATABASE, place="this value"))
    row = _locked_row(session, name, user_role)
    if row is None:
        row = SettingRow(name=name, value=value, expires_at=expires_at)
        row.user_role = _user_role(session, user_role) if user_role else None
        session.add(row)
        old, is_changed = None, True
    else:
        old = row.value
        is_changed = (row.value, row.expires_at) != (value, expires_at)
        row.value, row.expires_at = value, expires_at
    session.flush()
    return Change(name=name, user_role=user_role, old=old, new=value, is_changed=is_changed)


def unset_row(session: Session, config: Config, name: str, *, user_role: str = "") -> Change:
    """Take the row of a setting out; also one whose setting exists no more.

    Raises ConfigError for a name that is neither a setting's nor a row's.
    """
    row = _locked_row(session, name, user_role)
    if row is None:
        find_declaration(config, name)
        return Change(name=name, user_role=user_role, old=None, new=None, is_changed=False)
    setting = declaration(name, config.extensions)
    old = setting.masked(row.value) if setting else row.value
    session.delete(row)
    session.flush()
    return Change(name=name, user_role=user_role, old=old, new=None, is_changed=True)


def _locked_row(session: Session, name: str, user_role: str) -> SettingRow | None:
    # Two who set the same for the first time would both find nothing. Reading goes on.
    session.execute(text("LOCK TABLE settings IN SHARE ROW EXCLUSIVE MODE"))
    query = select(SettingRow).where(SettingRow.name == name)
    if user_role:
        query = query.join(SettingRow.user_role).where(UserRole.name == user_role)
    else:
        query = query.where(SettingRow.user_role_id.is_(None))
    return session.scalars(query).one_or_none()


def _user_role(session: Session, name: str) -> UserRole:
    names = {role.name: role for role in session.scalars(select(UserRole))}
    if name not in names:
        raise PoserError(
            f"there is no user role {name!r}", hint=f"there are: {', '.join(sorted(names))}"
        )
    return names[name]


def _refused(config: Config, setting: Setting[object]) -> ConfigError:
    """Say where a setting that never stands in the database is to be written instead."""
    why = "is a secret" if setting.secret else "is read from files only"
    return ConfigError(
        f"{setting.name} {why}, never from the database", hint=where_to_write(config, setting)
    )


def where_to_write(config: Config, setting: Setting[object]) -> str:
    """Say in which file, or where else, the value of a setting is to be written."""
    section, option = setting.name.split(".")
    entry = config.get(setting.name)
    if entry is not None and entry.origin is Origin.ENVIRONMENT:
        return f"change the variable {entry.place.removeprefix('environment ')} where it is set"
    files = [entry.place.rpartition(":")[0]] if entry else [str(path) for path in config.paths]
    file = files[0] if files else "a settings file"
    if _is_generated(file):
        return (
            f"{file} is made from the inventory: write {setting.name} into the settings of this"
            " machine there, and provision it"
        )
    return f"write `{option} = ...` under [{section}] in {entry.place if entry else file}"


def _is_generated(file: str) -> bool:
    try:
        with open(file, encoding="utf-8", errors="replace") as lines:  # noqa: PTH123
            return lines.readline().startswith(_GENERATED)
    except OSError:
        return False
