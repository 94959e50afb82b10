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

_WRITE = f"""
INSERT INTO {ARCHIVE}.periods (table_name, starts, ends, folder)
VALUES (:table, :starts, :ends, :folder)
ON CONFLICT (table_name, starts) DO UPDATE SET folder = excluded.folder
"""  # noqa: S608 - our own names
_STRIKE = f"DELETE FROM {ARCHIVE}.periods WHERE table_name = :table AND starts = :starts"  # noqa: S608
_BOOK = f"""
CREATE TABLE IF NOT EXISTS {ARCHIVE}.periods (
    table_name text NOT NULL,
    starts date NOT NULL,
    ends date NOT NULL,
    folder text NOT NULL DEFAULT '',
    archived_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_periods PRIMARY KEY (table_name, starts),
    CONSTRAINT ck_periods_ends CHECK (ends > starts)
)
"""
_BOOK_COMMENTS = {
    f"TABLE {ARCHIVE}.periods": "Periods whose partitions were moved to the archive.",
    f"COLUMN {ARCHIVE}.periods.table_name": "The table that they were cut from.",
    f"COLUMN {ARCHIVE}.periods.starts": "First day of the period (UTC).",
    f"COLUMN {ARCHIVE}.periods.ends": "First day after the period (UTC).",
    f"COLUMN {ARCHIVE}.periods.folder": "Where its files are; empty while it is in this schema.",
    f"COLUMN {ARCHIVE}.periods.archived_at": "When it was moved here (UTC).",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One partition of `table`: the days in `bounds` (the second is outside), or DEFAULT.

    The column is a date or a time, or counts seconds since midnight UTC of the day `since`.
    `foreign_key` is its columns, the partition they refer to, and the columns there.
    """

    name: str
    table: str
    column: str
    bounds: tuple[date, date] | None
    since: date | None = None
    foreign_key: tuple[tuple[str, ...], str, tuple[str, ...]] | None = None

    @property
    def values(self) -> str:
        """What PostgreSQL is told about its rows; good for dates and times."""
        if self.bounds is None:
            return "DEFAULT"
        start, end = map(self._literal, self.bounds)
        return f"FOR VALUES FROM ({start}) TO ({end})"

    @property
    def condition(self) -> str:
        """What is true of its rows, in SQL."""
        if self.bounds is None:
            return "true"
        start, end = map(self._literal, self.bounds)
        return f"{self.column} >= {start} AND {self.column} < {end}"

    def _literal(self, day: date) -> str:
        if self.since:
            return str(int((day - self.since).total_seconds()))
        return f"'{day} {_MIDNIGHT}'"


def prepare_archive(connection: Connection) -> None:
    """Create the archive's schema and its book, if they are not there."""
    _run(connection, f"CREATE SCHEMA IF NOT EXISTS {ARCHIVE}")
    _run(connection, _BOOK)
    for name, comment in _BOOK_COMMENTS.items():
        _run(connection, f"COMMENT ON {name} IS '{comment}'")
    for role in _application(connection):
        _run(connection, f"GRANT USAGE ON SCHEMA {ARCHIVE} TO {role}")
        _run(connection, f"REVOKE ALL ON {ARCHIVE}.periods FROM {role}")
        _run(connection, f"GRANT SELECT ON {ARCHIVE}.periods TO {role}")


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
        for role in _application(connection):
            _run(connection, f"REVOKE ALL ON {leaf.name} FROM {role}")


def move(connection: Connection, waiting: Sequence[Leaf], to: Sequence[Leaf]) -> int:
    """Move rows from DEFAULT partitions to tables not yet attached; returns how many.

    No trigger of ours fires: the rows stay in the table that they are in.
    """
    pairs = list(zip(waiting, to, strict=True))
    moved = 0
    for old, new in pairs:
        columns = columns_of(connection, old.name)
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


def columns_of(connection: Connection, table: str) -> str:
    """Name the columns of a table that can be written, in SQL."""
    found: str = connection.execute(text(_COLUMNS), {"table": table}).scalar_one()
    return found


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
    """Detach the partitions of a period and move them to the archive, with all their rows."""
    detach(connection, leaves)
    for leaf in leaves:
        _run(connection, f"ALTER TABLE {leaf.name} SET SCHEMA {ARCHIVE}")
    write_book(connection, leaves)


def bring_back(connection: Connection, leaves: Sequence[Leaf], waiting: Sequence[Leaf]) -> int:
    """Attach archived partitions again; returns how many late rows joined them from DEFAULT."""
    lock(connection, waiting)
    if all(_is_alike(connection, leaf) for leaf in leaves):
        for leaf in leaves:
            _run(connection, f"ALTER TABLE {ARCHIVE}.{leaf.name} SET SCHEMA public")
    else:
        _write_anew(connection, leaves)
    return join(connection, leaves, waiting)


def _is_alike(connection: Connection, leaf: Leaf) -> bool:
    """Tell whether an archived partition has the columns that its table has today."""
    return columns_of(connection, f"{ARCHIVE}.{leaf.name}") == columns_of(connection, leaf.table)


def _write_anew(connection: Connection, leaves: Sequence[Leaf]) -> None:
    """Copy archived partitions from before a revision into ones that are as tables are today."""
    create(connection, leaves)
    for leaf in leaves:
        old = columns_of(connection, f"{ARCHIVE}.{leaf.name}").split(", ")
        today = columns_of(connection, leaf.name).split(", ")
        columns = ", ".join(name for name in today if name in old)
        rows = f"SELECT {columns} FROM {ARCHIVE}.{leaf.name}"  # noqa: S608 - our own names
        _run(connection, f"INSERT INTO {leaf.name} ({columns}) {rows}")
    for leaf in reversed(leaves):
        _run(connection, f"DROP TABLE {ARCHIVE}.{leaf.name}")


def join(connection: Connection, leaves: Sequence[Leaf], waiting: Sequence[Leaf]) -> int:
    """Attach tables that came from the archive, and strike their period from its book."""
    moved = move(connection, waiting, leaves)
    attach(connection, leaves)
    connection.execute(text(_STRIKE), _entry(leaves[0]))
    return moved


def write_book(connection: Connection, leaves: Sequence[Leaf], folder: str = "") -> None:
    """Note that a period is in the archive: in its schema, or in files below `folder`."""
    connection.execute(text(_WRITE), {**_entry(leaves[0]), "folder": folder})


def _entry(leaf: Leaf) -> dict[str, object]:
    starts, ends = leaf.bounds or (None, None)
    return {"table": leaf.table, "starts": starts, "ends": ends}


def drop(connection: Connection, leaves: Sequence[Leaf]) -> None:
    """Drop partitions with all their rows."""
    for leaf in reversed(leaves):
        _run(connection, f"DROP TABLE {leaf.name}")


def _application(connection: Connection) -> list[str]:
    """Name the application's role, if there is one that is not the owner itself."""
    return list(connection.execute(text(_OTHER_ROLES), {"name": _APPLICATION}).scalars())


def _triggers(connection: Connection, table: str) -> list[tuple[str, str]]:
    rows = connection.execute(text(_STATEMENT_TRIGGERS), {"table": table})
    return [(row[0], row[1]) for row in rows]


def _run(connection: Connection, statement: str) -> int:
    # A colon would be read as the name of a value; names and dates of ours need none.
    return connection.exec_driver_sql(statement.replace("%", "%%")).rowcount
