# SPDX-License-Identifier: Apache-2.0
"""The partitions of one period: created, filled from DEFAULT, attached, archived, dropped.

A partition belongs to the owner of the database; the application reaches its rows through
the table only. Statement-level triggers of the table are copied to the partition, because
PostgreSQL fires only those of the table that a statement names, and a cascade or the owner
may name the partition.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, text

ARCHIVE = "archive"
"""The schema that detached partitions move to; it is part of every backup."""

_APPLICATION = "poser"
# Everything the table has; a number of its own would be a second one.
_LIKE = "INCLUDING ALL EXCLUDING IDENTITY"
_MIDNIGHT = "00:00:00+00"

_STATEMENT_TRIGGERS = """
SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger
WHERE tgrelid = to_regclass(:table) AND NOT tgisinternal AND tgtype & 1 = 0 ORDER BY tgname
"""
_COLUMNS = """
SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
WHERE attrelid = to_regclass(:table) AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
"""
_HAS_FOREIGN_KEY = """
SELECT EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass(:table) AND contype = 'f')
"""
_OTHER_ROLES = """
SELECT quote_ident(rolname) FROM pg_roles WHERE rolname = :name AND rolname <> current_user
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One partition of `table`: the days in `bounds` (the second is outside), or DEFAULT.

    `foreign_key` is its columns, the partition they refer to, and the columns there.
    """

    name: str
    table: str
    column: str
    bounds: tuple[date, date] | None
    foreign_key: tuple[tuple[str, ...], str, tuple[str, ...]] | None = None

    @property
    def values(self) -> str:
        """What PostgreSQL is told about its rows; good for dates and times."""
        if self.bounds is None:
            return "DEFAULT"
        start, end = (f"'{day} {_MIDNIGHT}'" for day in self.bounds)
        return f"FOR VALUES FROM ({start}) TO ({end})"

    @property
    def condition(self) -> str:
        """What is true of its rows, in SQL."""
        if self.bounds is None:
            return "true"
        start, end = (f"'{day} {_MIDNIGHT}'" for day in self.bounds)
        return f"{self.column} >= {start} AND {self.column} < {end}"


def lock(connection: Connection, leaves: Sequence[Leaf]) -> None:
    """Keep everyone else out of these partitions, in the order in which rows are written."""
    for leaf in leaves:
        _run(connection, f"LOCK TABLE {leaf.name} IN ACCESS EXCLUSIVE MODE")


def create(connection: Connection, leaves: Sequence[Leaf]) -> None:
    """Create empty tables that can be attached."""
    for leaf in leaves:
        what = leaf.bounds[0] if leaf.bounds else "days without a partition"
        _run(connection, f"CREATE TABLE {leaf.name} (LIKE {leaf.table} {_LIKE})")
        _run(connection, f"COMMENT ON TABLE {leaf.name} IS 'Part of {leaf.table}: {what}.'")
        for role in connection.execute(text(_OTHER_ROLES), {"name": _APPLICATION}).scalars():
            _run(connection, f"REVOKE ALL ON {leaf.name} FROM {role}")


def move(connection: Connection, waiting: Sequence[Leaf], to: Sequence[Leaf]) -> int:
    """Move rows from DEFAULT partitions to tables not yet attached; returns how many.

    No trigger of ours fires: the rows stay in the table that they are in.
    """
    pairs = list(zip(waiting, to, strict=True))
    moved = 0
    for old, new in pairs:
        columns = connection.execute(text(_COLUMNS), {"table": old.name}).scalar_one()
        rows = f"SELECT {columns} FROM {old.name} WHERE {new.condition}"  # noqa: S608 - our own names
        moved += _run(connection, f"INSERT INTO {new.name} ({columns}) {rows}")
    if moved:
        for old in waiting:
            _run(connection, f"ALTER TABLE {old.name} DISABLE TRIGGER USER")
        for old, new in reversed(pairs):
            _run(connection, f"DELETE FROM {old.name} WHERE {new.condition}")  # noqa: S608
        for old in waiting:
            _run(connection, f"ALTER TABLE {old.name} ENABLE TRIGGER USER")
    return moved


def attach(connection: Connection, leaves: Sequence[Leaf]) -> None:
    """Make tables the partitions that they are named for."""
    for leaf in leaves:
        has_one = connection.execute(text(_HAS_FOREIGN_KEY), {"table": leaf.name}).scalar_one()
        if leaf.foreign_key and not has_one:
            columns, other, target = leaf.foreign_key
            _run(
                connection,
                f"ALTER TABLE {leaf.name} ADD FOREIGN KEY ({', '.join(columns)})"
                f" REFERENCES {other} ({', '.join(target)}) ON UPDATE CASCADE ON DELETE CASCADE",
            )
    for leaf in leaves:
        _run(connection, f"ALTER TABLE {leaf.table} ATTACH PARTITION {leaf.name} {leaf.values}")
    copy_triggers(connection, leaves)


def copy_triggers(connection: Connection, leaves: Sequence[Leaf]) -> None:
    """Give partitions the statement-level triggers of their table, and no others."""
    for leaf in leaves:
        for name, _definition in _triggers(connection, leaf.name):
            _run(connection, f"DROP TRIGGER {name} ON {leaf.name}")
        for _name, definition in _triggers(connection, leaf.table):
            here = f" ON {leaf.table} "
            there = definition.replace(f" ON public.{leaf.table} ", here)
            _run(connection, there.replace(here, f" ON {leaf.name} ", 1))


def detach(connection: Connection, leaves: Sequence[Leaf]) -> None:
    """Make partitions tables of their own, which no trigger of ours watches any more."""
    for leaf in reversed(leaves):
        _run(connection, f"ALTER TABLE {leaf.table} DETACH PARTITION {leaf.name}")
        for name, _definition in _triggers(connection, leaf.name):
            _run(connection, f"DROP TRIGGER {name} ON {leaf.name}")


def archive(connection: Connection, leaves: Sequence[Leaf]) -> None:
    """Detach partitions and move them to the archive, with all their rows."""
    detach(connection, leaves)
    for leaf in leaves:
        _run(connection, f"ALTER TABLE {leaf.name} SET SCHEMA {ARCHIVE}")


def bring_back(connection: Connection, leaves: Sequence[Leaf], waiting: Sequence[Leaf]) -> int:
    """Attach archived partitions again; returns how many late rows joined them from DEFAULT."""
    lock(connection, waiting)
    for leaf in leaves:
        _run(connection, f"ALTER TABLE {ARCHIVE}.{leaf.name} SET SCHEMA public")
    moved = move(connection, waiting, leaves)
    attach(connection, leaves)
    return moved


def drop(connection: Connection, leaves: Sequence[Leaf]) -> None:
    """Drop partitions with all their rows."""
    for leaf in reversed(leaves):
        _run(connection, f"DROP TABLE {leaf.name}")


def _triggers(connection: Connection, table: str) -> list[tuple[str, str]]:
    rows = connection.execute(text(_STATEMENT_TRIGGERS), {"table": table})
    return [(row[0], row[1]) for row in rows]


def _run(connection: Connection, statement: str) -> int:
    # A colon would be read as the name of a value; names and dates of ours need none.
    return connection.exec_driver_sql(statement.replace("%", "%%")).rowcount
