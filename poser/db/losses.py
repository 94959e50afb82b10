# SPDX-License-Identifier: Apache-2.0
"""What a downgrade would lose: it is done, looked at, and taken back."""

from collections.abc import Sequence

from alembic import command
from sqlalchemy import Connection, func, select, text
from sqlalchemy import table as sql_table

from poser.db.branches import branches
from poser.db.migrations import run, to_undo
from poser.db.owning import alone, connected
from poser.extensions.packages import Extension

_COLUMNS = """
SELECT c.relname, array_agg(a.attname::text)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
    AND NOT c.relispartition AND NOT starts_with(c.relname, 'alembic_version')
GROUP BY c.relname
"""
Columns = dict[str, frozenset[str]]


def losses(
    database: str,
    url: str,
    revision: str,
    *,
    branch: str = "",
    extensions: Sequence[Extension] = (),
) -> list[str]:
    """Say what `poser.db.migrations.downgrade` would undo and lose, one line each.

    Everything is as before when this returns. Raises PoserError as a downgrade does.
    """
    known = branches(database, extensions)
    with connected(database, url) as connection, alone(connection):
        todo = to_undo(database, known, connection, branch or database, revision)
        connection.rollback()
        before = _columns(connection)
        rows = {table: _rows(connection, table) for table in before}
        for each, gone in todo:
            run(command.downgrade, each, connection, gone.after or "base", take_back=True)
        after = _columns(connection)
        connection.rollback()
    lines = [f"undoes {gone.id}, {gone.what}" for _, gone in todo]
    for table, columns in sorted(before.items()):
        if table not in after:
            lines.append(f"loses table {table} with {rows[table]:,} rows")
        elif lost := columns - after[table]:
            lines.append(f"loses {table}.{', '.join(sorted(lost))} of {rows[table]:,} rows")
    return lines or ["there is nothing to undo"]


def _columns(connection: Connection) -> Columns:
    return {table: frozenset(names) for table, names in connection.execute(text(_COLUMNS))}


def _rows(connection: Connection, table: str) -> int:
    """Count the rows of a table, exactly: somebody is about to lose them."""
    counted = select(func.count()).select_from(sql_table(table))
    return connection.execute(counted).scalar_one()
