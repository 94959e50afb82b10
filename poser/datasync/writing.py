# SPDX-License-Identifier: Apache-2.0
"""Rows in and out of tables by whole sets: what peers sent, as PostgreSQL reads JSON."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from poser.datasync.declared import Synced
from poser.datasync.reading import Change, reader_of
from poser.importing.copying import as_line, copy_lines
from poser.model import DatasyncPeer

_STAGE = "datasync_incoming"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One row to be written (`data` is JSON) or deleted, and the change that it comes from."""

    table: str
    key: UUID
    data: str | None
    change: Change

    @classmethod
    def of(cls, change: Change) -> "Incoming":
        """Return what a change says."""
        return cls(table=change.table, key=change.key, data=change.data, change=change)


def lock(session: Session, rows: Iterable[Incoming]) -> None:
    """Lock the rows that are there, so that nobody changes them before this transaction ends."""
    keys: dict[str, list[str]] = {}
    for one in rows:
        keys.setdefault(one.table, []).append(str(one.key))
    for table in sorted(keys):
        session.execute(
            text(
                f"SELECT count(*) FROM (SELECT id FROM {table} WHERE id = ANY (CAST(:keys AS uuid[]))"  # noqa: S608, E501
                " ORDER BY id FOR UPDATE) AS locked"
            ),
            {"keys": keys[table]},
        )


def upsert(
    session: Session, table: Synced, columns: Sequence[str], rows: Sequence[Incoming]
) -> None:
    """Insert rows that are not there and change those that differ, in one statement.

    Rows that were queued before their sender was upgraded lack its newest columns: these stay.
    """
    if not rows:
        return
    _stage(session, rows)
    if _are_alike(session, columns):
        _upsert_staged(session, table, columns)
        return
    by_columns: dict[tuple[str, ...], list[Incoming]] = {}
    for one in rows:
        has = json.loads(one.data or "{}")
        by_columns.setdefault(tuple(name for name in columns if name in has), []).append(one)
    for names, some in by_columns.items():
        _stage(session, some)
        _upsert_staged(session, table, names)


def _are_alike(session: Session, columns: Sequence[str]) -> bool:
    """Tell whether all rows on the stage have all columns."""
    asked = f"SELECT coalesce(bool_and(data ?& CAST(:columns AS text[])), true) FROM {_STAGE}"  # noqa: S608
    return bool(session.execute(text(asked), {"columns": list(columns)}).scalar())


def _upsert_staged(session: Session, table: Synced, columns: Sequence[str]) -> None:
    values = ", ".join(_value(table, name) for name in columns)
    others = [name for name in columns if name != "id"]
    changes = ", ".join(f"{name} = {_change(table, name)}" for name in others)
    old = ", ".join(f"t.{name}" for name in others)
    new = ", ".join(_change(table, name) for name in others)
    session.execute(
        text(f"""
        INSERT INTO {table.name} AS t ({", ".join(columns)})
        SELECT {values} FROM {_STAGE} AS s,
            jsonb_populate_record(CAST(NULL AS {table.name}), s.data) AS r
        ORDER BY s.n
        ON CONFLICT (id) DO UPDATE SET {changes} WHERE ({old}) IS DISTINCT FROM ({new})
        """)  # noqa: S608 - names of the code
    )


def delete(session: Session, table: Synced, keys: Collection[UUID]) -> None:
    """Delete rows that are there."""
    if keys:
        session.execute(
            text(f"DELETE FROM {table.name} WHERE id = ANY (CAST(:keys AS uuid[]))"),  # noqa: S608
            {"keys": [str(key) for key in keys]},
        )


def refused_rows(
    session: Session, table: Synced, rows: Sequence[Incoming], peer: DatasyncPeer
) -> set[UUID]:
    """Name the rows that a peer may not write: as they are here, or as it sent them."""
    words = sorted(reader_of(session, peer).words)
    keys = [str(one.key) for one in rows]
    wrong = f"NOT coalesce(({table.sync.recipients}) && CAST(:words AS text[]), true)"
    here = session.execute(
        text(
            f"SELECT r.id FROM {table.name} AS r"  # noqa: S608 - names of the code
            f" WHERE r.id = ANY (CAST(:keys AS uuid[])) AND {wrong}"
        ),
        {"keys": keys, "words": words},
    )
    found = set(here.scalars())
    written = [one for one in rows if one.data]
    if written:
        _stage(session, written)
        sent = session.execute(
            text(
                f"SELECT r.id FROM {_STAGE} AS s,"  # noqa: S608 - names of the code
                f" jsonb_populate_record(CAST(NULL AS {table.name}), s.data) AS r WHERE {wrong}"
            ),
            {"words": words},
        )
        found |= set(sent.scalars())
    return found


def touch(session: Session, rows: Collection[tuple[str, UUID]]) -> None:
    """Have rows sent as they are here, to everyone who has them."""
    by_table: dict[str, list[str]] = {}
    for table, key in rows:
        by_table.setdefault(table, []).append(str(key))
    for table, keys in by_table.items():
        session.execute(
            text("SELECT touch_rows(:table, CAST(:keys AS uuid[]))"),
            {"table": table, "keys": keys},
        )


def forget_recipients(session: Session, keys: Collection[UUID]) -> None:
    """Forget who has rows: when they are sent next, all others are told that they have not."""
    session.execute(
        text("DELETE FROM datasync_recipients WHERE key = ANY (CAST(:keys AS uuid[]))"),
        {"keys": [str(key) for key in keys]},
    )


def rows_now(
    session: Session, table: Synced, keys: Collection[UUID]
) -> dict[UUID, dict[str, object]]:
    """Read rows as they are sent."""
    fields = ", ".join(f"r.{name} AS {name}" for name in table.columns)
    found = session.execute(
        text(
            f"SELECT r.id, (SELECT to_jsonb(f) FROM (SELECT {fields}) AS f)"  # noqa: S608
            f" FROM {table.name} AS r WHERE r.id = ANY (CAST(:keys AS uuid[]))"
        ),
        {"keys": [str(key) for key in keys]},
    )
    return {row[0]: row[1] for row in found}


def _stage(session: Session, rows: Sequence[Incoming]) -> None:
    session.execute(
        text(f"CREATE TEMP TABLE IF NOT EXISTS {_STAGE} (n bigint, data jsonb) ON COMMIT DROP")
    )
    session.execute(text(f"TRUNCATE {_STAGE}"))
    lines = (as_line((n, one.data)) for n, one in enumerate(rows))
    copy_lines(session, _STAGE, ("n", "data"), lines)


def _value(table: Synced, name: str) -> str:
    """Leave a reference empty whose row this node does not have."""
    if name in table.loose:
        return (
            f"CASE WHEN EXISTS (SELECT FROM {table.loose[name]} AS x WHERE x.id = r.{name})"
            f" THEN r.{name} END"
        )
    return f"r.{name}"


def _change(table: Synced, name: str) -> str:
    """Let a reference stay that comes empty: perhaps only because the sender lacks its row."""
    if name in table.loose:
        return f"coalesce(excluded.{name}, t.{name})"
    return f"excluded.{name}"
