# SPDX-License-Identifier: Apache-2.0
"""Reading the rows of the table of settings: all of them, in one query."""

from sqlalchemy import Connection, Engine, func, or_, select
from sqlalchemy.exc import OperationalError, ProgrammingError

from poser.config import Row
from poser.db.transactions import unavailable
from poser.model import SettingRow, UserRole

_NO_SUCH_TABLE = "42P01"

_ROWS = (
    select(
        SettingRow.name,
        SettingRow.value,
        SettingRow.id,
        SettingRow.user_role_id,
        UserRole.name.label("user_role"),
        SettingRow.expires_at,
    )
    .outerjoin(UserRole, UserRole.id == SettingRow.user_role_id)
    .order_by(SettingRow.name)
)
_HOLDS = or_(SettingRow.expires_at.is_(None), SettingRow.expires_at > func.now())


def read_rows(connection: Connection, *, also_expired: bool = False) -> list[Row]:
    """Read the rows that hold now, or all of them.

    A database without the table, one that is still to be migrated, has no rows.
    """
    query = _ROWS if also_expired else _ROWS.where(_HOLDS)
    try:
        found = connection.execute(query).all()
    except ProgrammingError as error:
        if getattr(error.orig, "pgcode", "") != _NO_SUCH_TABLE:
            raise
        connection.rollback()
        return []
    return [
        Row(
            name=row.name,
            value=row.value,
            id=row.id,
            user_role_id=row.user_role_id,
            user_role=row.user_role or "",
            expires_at=row.expires_at,
        )
        for row in found
    ]


def rows_once(engine: Engine) -> list[Row]:
    """Read the rows that hold now through an engine that is for this alone, and dispose of it.

    For commands: `config.ask(lambda: rows_once(engine(...)))`. Raises Unavailable if the
    database does not answer.
    """
    try:
        with engine.connect() as connection:
            return read_rows(connection)
    except OperationalError as error:
        raise unavailable(engine, error) from error
    finally:
        engine.dispose()
