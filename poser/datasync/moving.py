# SPDX-License-Identifier: Apache-2.0
"""The sequencer: moves captured changes into the queue, as their rows are at one moment.

Triggers note only which row changed. Moving deletes these notes and reads the rows in one
statement, so the changes of one move are a picture of the database at one moment. One move runs
at a time, and holds its lock until it is committed: places in the queue ascend in the order in
which they become visible, and a reader that remembers one number misses nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from poser.datasync.declared import Synced, synced

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(7076738)")
_CAPTURED = text("""
SELECT DISTINCT t.id, t.name
FROM (SELECT table_id FROM capture ORDER BY id LIMIT :limit) AS c
JOIN recorded_tables AS t ON t.id = c.table_id
""")
_TELL = text("SELECT pg_notify(:channel, '')")
CHANNEL = "datasync"
"""Where PostgreSQL tells of each move that queued something."""
ROWS = 5_000
"""How many captured changes one move takes at most."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What one move did: how many notes it took, and the places it gave (0 when none)."""

    taken: int
    upto: int


def move(session: Session, *, base: int = 0, but_from: str = "", limit: int = ROWS) -> Moved:
    """Move up to `limit` captured changes into the queue, in the caller's transaction.

    `base` is how much of the host's queue this node has applied (0 on the host). Changes of one
    row that are taken together become one. What stays on the node, and what came from the node
    `but_from`, the only one that this one sends to, is only taken away.
    """
    one_at_a_time(session)
    captured = {row[1]: row[0] for row in session.execute(_CAPTURED, {"limit": limit})}
    if not captured:
        return Moved(0, 0)
    tables = [one for one in synced().values() if one.name in captured]
    values = {"tables": list(captured.values()), "limit": limit, "base": base, "but_from": but_from}
    row = session.execute(text(_statement(tables, captured)), values).one()
    moved = Moved(taken=row[0], upto=row[1] or 0)
    if moved.upto:
        _note_recipients(session, moved.upto, [one for one in tables if one.sync.is_scoped])
        _follow(session, moved.upto, tables)
        # Only movers tell, and one moves at a time: nobody waits for the lock that telling takes.
        session.execute(_TELL, {"channel": CHANNEL})
    return moved


def one_at_a_time(session: Session) -> None:
    """Wait until no other transaction moves, or applies what a peer sent, and keep them off."""
    session.execute(_ONE_AT_A_TIME)


def move_all(session: Session, *, base: int = 0, but_from: str = "") -> int:
    """Move until nothing is left, in the caller's transaction; returns how many notes."""
    total = 0
    while (taken := move(session, base=base, but_from=but_from).taken) > 0:
        total += taken
    return total


def _statement(tables: Sequence[Synced], captured: dict[str, int]) -> str:
    """Write the one statement that takes, reads and queues; `tables` are those that are sent."""
    rows = "\nUNION ALL\n".join(_rows(one, captured[one.name]) for one in tables)
    empty = (
        "SELECT id, ''::text AS table_name, key, origin, NULL::jsonb AS data,"
        " NULL::text[] AS recipients, NULL::text[] AS had FROM others WHERE false"
    )
    return f"""
WITH taken AS MATERIALIZED (
    DELETE FROM capture WHERE id IN (
        SELECT id FROM capture WHERE table_id = ANY (:tables) ORDER BY id LIMIT :limit
    ) RETURNING id, table_id, key, operation, origin
), latest AS MATERIALIZED (
    SELECT DISTINCT ON (table_id, key) id, table_id, key, origin,
        bool_or(operation = 'insert') OVER (PARTITION BY table_id, key) AS is_new
    FROM taken ORDER BY table_id, key, id DESC
), others AS MATERIALIZED (
    SELECT * FROM latest WHERE origin = '' OR origin <> :but_from
), found AS MATERIALIZED (
    {rows or empty}
), placed AS MATERIALIZED (
    SELECT nextval('datasync_pos') AS pos, f.* FROM (SELECT * FROM found ORDER BY id) AS f
), queued AS (
    INSERT INTO datasync_changes
        (pos, batch, table_name, key, origin, base, data, recipients, had)
    SELECT pos, max(pos) OVER (), table_name, key, origin, :base, data, recipients, had
    FROM placed ORDER BY pos
    RETURNING pos
)
SELECT (SELECT count(*) FROM taken), (SELECT max(pos) FROM queued)
"""  # noqa: S608 - names and expressions of the code


def _rows(one: Synced, table_id: int) -> str:
    """Read the rows of one table; a row that is new was nobody's before."""
    fields = ", ".join(f"r.{column} AS {column}" for column in one.columns)
    row = f"SELECT to_jsonb(f) FROM (SELECT {fields}) AS f"  # noqa: S608 - names of the code
    data = f"CASE WHEN r.id IS NOT NULL THEN ({row}) END"
    if one.sync.is_scoped:
        recipients = f"CASE WHEN r.id IS NOT NULL THEN {one.sync.recipients} END"
        had = "CASE WHEN l.is_new AND p.recipients IS NULL THEN '{}'::text[] ELSE p.recipients END"
        join = (
            f"LEFT JOIN datasync_recipients AS p ON p.key = l.key AND p.table_name = '{one.name}'"
        )
    else:
        recipients = had = "NULL::text[]"
        join = ""
    return f"""
    SELECT l.id, '{one.name}' AS table_name, l.key, l.origin, {data} AS data,
        {recipients} AS recipients, {had} AS had
    FROM others AS l LEFT JOIN {one.name} AS r ON r.id = l.key {join}
    WHERE l.table_id = {table_id}"""  # noqa: S608 - names and expressions of the code


def _note_recipients(session: Session, batch: int, tables: Sequence[Synced]) -> None:
    """Remember who has the rows now, where not everyone does."""
    if not tables:
        return
    values = {"batch": batch, "tables": [one.name for one in tables]}
    session.execute(
        text("""
        DELETE FROM datasync_recipients AS p USING datasync_changes AS q
        WHERE q.batch = :batch AND q.table_name = ANY (:tables) AND q.recipients IS NULL
            AND p.key = q.key AND p.table_name = q.table_name
        """),
        values,
    )
    session.execute(
        text("""
        INSERT INTO datasync_recipients AS p (key, table_name, recipients)
        SELECT key, table_name, recipients FROM datasync_changes
        WHERE batch = :batch AND table_name = ANY (:tables) AND recipients IS NOT NULL
        ON CONFLICT (key, table_name) DO UPDATE SET recipients = excluded.recipients
        WHERE p.recipients <> excluded.recipients
        """),
        values,
    )


def _follow(session: Session, batch: int, moved: Sequence[Synced]) -> None:
    """Have the rows sent again whose recipients changed because another table's rows did."""
    names = {one.name for one in moved}
    for child in synced().values():
        for statement in _followers(child, names):
            session.execute(text(statement), {"batch": batch, "child": child.name})


def _followers(child: Synced, moved: set[str]) -> Iterator[str]:
    touch = f"SELECT touch_rows(:child, array_agg(r.id)) FROM {child.name} AS r"  # noqa: S608
    for column, parent in child.sync.follows.items():
        if parent in moved and synced()[parent].sync.is_scoped:
            # The rows of a parent that is new came with it, or come by themselves.
            yield (
                f"{touch} JOIN datasync_changes AS q ON q.key = r.{column} WHERE q.batch = :batch"
                f" AND q.table_name = '{parent}' AND q.data IS NOT NULL"
                " AND q.recipients IS DISTINCT FROM q.had AND q.had IS DISTINCT FROM '{}'"
            )
    if moved & set(child.sync.looks_at):
        yield (
            f"{touch} LEFT JOIN datasync_recipients AS p ON p.key = r.id"
            " AND p.table_name = :child WHERE CAST(:batch AS bigint) > 0"
            f" AND ({child.sync.recipients}) IS DISTINCT FROM p.recipients"
        )
