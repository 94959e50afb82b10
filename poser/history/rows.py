# SPDX-License-Identifier: Apache-2.0
"""Rows of any recorded table as kept fields, read and written with PostgreSQL's own types.

What is written goes through the table's rules and triggers as any change does, as the
application's role, and becomes versions of its own.
"""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from poser.model.history import Fields

_LIVE = text(
    "SELECT id, kept_row(CAST(:table AS regclass), id) FROM unnest(CAST(:ids AS uuid[])) id"
)
_WRITABLE = text("""
SELECT attname FROM pg_attribute WHERE attrelid = CAST(:table AS regclass)
    AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attname <> 'id'
""")


def live_rows(session: Session, table: str, ids: Collection[UUID]) -> dict[UUID, Fields | None]:
    """Read rows in the form in which versions are kept; None for those that are not there."""
    rows = session.execute(_LIVE, {"table": table, "ids": [str(id_) for id_ in ids]})
    return {row[0]: row[1] for row in rows}


def live_row(session: Session, table: str, row_id: UUID) -> Fields | None:
    """Read one row as `live_rows` does."""
    return live_rows(session, table, [row_id])[row_id]


def writable(session: Session, table: str) -> frozenset[str]:
    """Name the columns that can be written now: neither generated, nor dropped, nor the id."""
    return frozenset(session.execute(_WRITABLE, {"table": table}).scalars())


def insert(session: Session, table: str, rows: Mapping[UUID, Fields]) -> None:
    """Write new rows with these fields; fields that are missing get the table's defaults."""
    for fields, group in _alike(rows).items():
        columns = ", ".join(map(_quoted, ("id", *fields)))
        values = ", ".join(f"r.{_quoted(field)}" for field in ("id", *fields))
        into = f"INSERT INTO {_quoted(table)} ({columns})"
        _write(session, f"{into} SELECT {values} FROM {_rows(table)}", group)  # noqa: S608 - quoted


def update(session: Session, table: str, rows: Mapping[UUID, Fields]) -> None:
    """Set fields of rows that are there."""
    for fields, group in _alike(rows).items():
        if fields:
            columns = ", ".join(f"{_quoted(field)} = r.{_quoted(field)}" for field in fields)
            change = f"UPDATE {_quoted(table)} AS t SET {columns}"  # noqa: S608 - quoted
            _write(session, f"{change} FROM {_rows(table)} WHERE t.id = u.id", group)


def delete(session: Session, table: str, ids: Collection[UUID]) -> None:
    """Delete rows."""
    session.execute(
        text(f"DELETE FROM {_quoted(table)} WHERE id = ANY (CAST(:ids AS uuid[]))"),  # noqa: S608 - quoted
        {"ids": [str(id_) for id_ in ids]},
    )


def _rows(table: str) -> str:
    """Write many rows in one statement: PostgreSQL reads each value by its column's type."""
    return (
        "unnest(CAST(:ids AS uuid[]), CAST(:rows AS hstore[])) AS u (id, fields),"
        f" populate_record(CAST(NULL AS {_quoted(table)}), u.fields) AS r"
    )


def _write(session: Session, statement: str, rows: Mapping[UUID, Fields]) -> None:
    values = {
        "ids": [str(id_) for id_ in rows],
        "rows": [_hstore({**fields, "id": str(id_)}) for id_, fields in rows.items()],
    }
    session.execute(text(statement), values)


def _alike(rows: Mapping[UUID, Fields]) -> dict[tuple[str, ...], dict[UUID, Fields]]:
    """Sort rows by which fields they bring."""
    found: dict[tuple[str, ...], dict[UUID, Fields]] = {}
    for id_, fields in rows.items():
        names = tuple(sorted(name for name in fields if name != "id"))
        found.setdefault(names, {})[id_] = fields
    return found


def _quoted(name: str) -> str:
    """Write a name so that it is nothing but a name, in PostgreSQL and for SQLAlchemy."""
    return '"' + name.replace('"', '""').replace(":", r"\:") + '"'


def _hstore(fields: Mapping[str, str | None]) -> str:
    pairs = (
        f"{_string(name)}=>{'NULL' if value is None else _string(value)}"
        for name, value in fields.items()
    )
    return ", ".join(pairs)


def _string(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
