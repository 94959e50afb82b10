# SPDX-License-Identifier: Apache-2.0
"""Rows that two nodes changed without knowing of each other: noticed and settled on the host.

A node says with each change how much of the host's queue it had applied (`base`). When the host
has a later change of the row from elsewhere, the two did not know of each other. Where the queue
still has the row as it was before both, only fields that both changed are in conflict; policies
decide these. What a node sent and the host settled otherwise is kept until the node knows: what it
changes before that, it changes from its own version. The result goes to all nodes, also to the one
that sent its change. On other nodes nothing is decided: what they changed and the host has not
seen yet stays until it answers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from uuid import UUID

from sqlalchemy import Text, cast, insert, literal, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from poser.datasync.declared import Synced, synced
from poser.datasync.reading import Change
from poser.model import DatasyncConflict, DatasyncPeer
from poser.model.syncing import Flow, Policy

Key = tuple[str, UUID]
Fields = Mapping[str, str]
"""A row, each value as PostgreSQL writes it in JSON: equal texts are equal values."""

NO_CONFLICT = frozenset({"id", "created_at", "modified_at"})
"""Fields that differ with every change; the later one holds."""
PUT_BACK = "the host alone may change it"
"""What a conflict is decided by where the other node had no say."""

_OTHERS = text("""
SELECT w.name, w.key, w.base, q.at
FROM unnest(CAST(:names AS text[]), CAST(:keys AS uuid[]), CAST(:bases AS bigint[]))
    AS w (name, key, base)
JOIN LATERAL (
    SELECT at FROM datasync_changes
    WHERE key = w.key AND table_name = w.name AND pos > w.base AND origin <> :peer
    ORDER BY pos DESC LIMIT 1
) AS q ON true
""")
_PENDING = text("""
SELECT DISTINCT table_name, key FROM datasync_changes
WHERE key = ANY (CAST(:keys AS uuid[])) AND pos > :seen AND origin <> :peer
""")
_BASE = text("""
SELECT CAST(data AS text) FROM datasync_changes
WHERE key = :key AND table_name = :table AND (pos <= :base OR origin = :peer)
ORDER BY pos DESC LIMIT 1
""")
_SENT = text("""
SELECT CAST(data AS text) FROM datasync_settled
WHERE peer = :peer AND table_name = :table AND key = :key AND pos > :base
""")
_NOTE_SENT = text("""
INSERT INTO datasync_settled AS s (peer, table_name, key, data, pos)
VALUES (:peer, :table, :key, CAST(:data AS jsonb), :pos)
ON CONFLICT (peer, table_name, key) DO UPDATE
    SET data = excluded.data, pos = excluded.pos, at = now()
""")
_FIELDS = text("SELECT key, CAST(value AS text) FROM jsonb_each(CAST(:data AS jsonb))")


@dataclass(slots=True)
class Settled:
    """What to write instead (`merged`), not to write (`left_out`), and to send to all (`again`)."""

    merged: dict[Key, str | None] = field(default_factory=dict)
    left_out: set[Key] = field(default_factory=set)
    again: set[Key] = field(default_factory=set)
    sent: dict[Key, str | None] = field(default_factory=dict)
    """What the peer has of rows that were settled, until it hears of it."""
    conflicts: int = 0


@dataclass(frozen=True, slots=True)
class Versions:
    """What a row was before both changes (None: unknown), and is here and there (None: gone)."""

    base: Fields | None
    ours: Fields | None
    theirs: Fields | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a row becomes (None: it is gone), which fields both had changed, and who decided."""

    result: Fields | None
    fields: tuple[str, ...]
    decided_by: str
    is_open: bool = False


def settle(
    session: Session,
    peer: DatasyncPeer,
    changes: Sequence[Change],
    *,
    is_host: bool,
    received: int | None,
) -> Settled:
    """Decide what becomes of changes that meet changes made here, and keep a record of it.

    The rows are locked, and what was changed here is in the queue. `received` is how much of
    this node's queue the peer had applied when it sent these.
    """
    settled = Settled()
    if not changes:
        return settled
    if not is_host:
        settled.left_out = _pending(session, peer, changes, received)
        return settled
    by_key = {(one.table, one.key): one for one in changes}
    for key, one in by_key.items():
        if synced()[one.table].sync.flow is Flow.DOWN:
            _put_back(session, peer, one, settled)
            settled.left_out.add(key)
            settled.again.add(key)
    for key, ours_at in _met(session, peer, changes).items():
        if key not in settled.left_out:
            _settle_one(session, peer, by_key[key], ours_at, settled)
    return settled


def note_sent(session: Session, peer: DatasyncPeer, settled: Settled, pos: int) -> None:
    """Keep what the peer has of rows that were settled; `pos` is where it hears of it."""
    for (table, key), data in settled.sent.items():
        values = {"peer": peer.name, "table": table, "key": key, "data": data, "pos": pos}
        session.execute(_NOTE_SENT, values)


def _pending(
    session: Session, peer: DatasyncPeer, changes: Sequence[Change], received: int | None
) -> set[Key]:
    values = {
        "keys": [str(one.key) for one in changes],
        "seen": peer.sent_pos if received is None else received,
        "peer": peer.name,
    }
    return {(row[0], row[1]) for row in session.execute(_PENDING, values)}


def _met(session: Session, peer: DatasyncPeer, changes: Sequence[Change]) -> dict[Key, datetime]:
    """Name the rows that were changed elsewhere since their sender's `base`, and when last."""
    values = {
        "names": [one.table for one in changes],
        "keys": [str(one.key) for one in changes],
        "bases": [one.base for one in changes],
        "peer": peer.name,
    }
    return {(row[0], row[1]): row[3] for row in session.execute(_OTHERS, values)}


def _settle_one(
    session: Session, peer: DatasyncPeer, change: Change, ours_at: datetime, settled: Settled
) -> None:
    key = (change.table, change.key)
    table = synced()[change.table]
    ours, theirs = _here(session, table, change.key), _fields(session, change.data)
    values = {"key": change.key, "table": table.name, "base": change.base, "peer": peer.name}
    sent = session.execute(_SENT, values).first()
    before = sent[0] if sent is not None else session.execute(_BASE, values).scalar()
    base = _fields(session, before)
    outcome = decide(table, base, ours, theirs, theirs_are_newer=change.at >= ours_at)
    if outcome.fields:
        settled.conflicts += 1
        _keep(session, peer, change, Versions(base, ours, theirs), outcome)
    settled.again.add(key)
    settled.sent[key] = change.data
    if outcome.result == ours:
        settled.left_out.add(key)
    else:
        settled.merged[key] = _json(outcome.result)


def decide(
    table: Synced,
    base: Fields | None,
    ours: Fields | None,
    theirs: Fields | None,
    *,
    theirs_are_newer: bool,
) -> Outcome:
    """Say what a row becomes that was `base` (None: unknown) and is `ours` here, `theirs` there."""
    sync = table.sync
    if ours == theirs:
        return Outcome(ours, (), "")
    if ours is None or theirs is None:
        return _gone(sync.policy, ours, theirs, theirs_are_newer=theirs_are_newer)
    result, met, policies = dict(ours), [], []
    for name in sorted(theirs.keys() & ours.keys()):
        mine, yours = ours[name], theirs[name]
        before = None if base is None else base.get(name)
        if yours in (mine, before):
            continue
        if before == mine or (name in NO_CONFLICT and theirs_are_newer):
            result[name] = yours
        elif name not in NO_CONFLICT:
            policy = sync.policies.get(name, sync.policy)
            met.append(name)
            policies.append(policy)
            result[name] = _choose(policy, before, mine, yours, theirs_are_newer=theirs_are_newer)
    decided_by = ", ".join(dict.fromkeys(policies))
    return Outcome(result, tuple(met), decided_by, Policy.REVIEW in policies)


def _choose(
    policy: Policy, before: str | None, mine: str, yours: str, *, theirs_are_newer: bool
) -> str:
    match policy:
        case Policy.PEER_WINS:
            return yours
        case Policy.NEWEST:
            return yours if theirs_are_newer else mine
        case Policy.ADD:
            return _sum(before, mine, yours)
        case _:
            return mine


def _sum(before: str | None, mine: str, yours: str) -> str:
    """Add what the peer added; where nobody knows from what, the host's number holds."""
    try:
        return str(Decimal(mine) + Decimal(yours) - Decimal(before or ""))
    except InvalidOperation:
        return mine


def _gone(
    policy: Policy, ours: Fields | None, theirs: Fields | None, *, theirs_are_newer: bool
) -> Outcome:
    """Decide between a row that was changed and one that was deleted."""
    takes = policy is Policy.PEER_WINS or (policy is Policy.NEWEST and theirs_are_newer)
    decided_by = Policy.HOST_WINS if policy is Policy.ADD else policy
    return Outcome(theirs if takes else ours, ("id",), decided_by, policy is Policy.REVIEW)


def _put_back(session: Session, peer: DatasyncPeer, change: Change, settled: Settled) -> None:
    """Keep what a node changed that only the host may change."""
    ours = _here(session, synced()[change.table], change.key)
    theirs = _fields(session, change.data)
    if ours is None and theirs is None:
        return
    names = {*(ours or {}), *(theirs or {})} - NO_CONFLICT
    met = tuple(sorted(n for n in names if (ours or {}).get(n) != (theirs or {}).get(n)))
    if met:
        settled.conflicts += 1
        _keep(session, peer, change, Versions(None, ours, theirs), Outcome(ours, met, PUT_BACK))


def _keep(
    session: Session,
    peer: DatasyncPeer,
    change: Change,
    found: "Versions",
    outcome: Outcome,
) -> None:
    rows = {
        "base": found.base,
        "ours": found.ours,
        "theirs": found.theirs,
        "result": outcome.result,
    }
    session.execute(
        insert(DatasyncConflict).values(
            peer=peer.name,
            table_name=change.table,
            key=change.key,
            fields=list(outcome.fields),
            decided_by=outcome.decided_by,
            is_open=outcome.is_open,
            **{name: as_jsonb(_json(row)) for name, row in rows.items()},
        )
    )


def as_jsonb(data: str | None) -> object:
    """Pass a row's JSON to PostgreSQL as it is: its numbers keep all their places."""
    return cast(literal(data, Text), JSONB)


def _here(session: Session, table: Synced, key: UUID) -> Fields | None:
    fields = ", ".join(f"r.{name} AS {name}" for name in table.columns)
    row = session.execute(
        text(
            f"SELECT CAST(to_jsonb(f) AS text) FROM (SELECT {fields} FROM {table.name} AS r"  # noqa: S608
            " WHERE r.id = :key) AS f"
        ),
        {"key": key},
    ).scalar()
    return _fields(session, row)


def _fields(session: Session, data: str | None) -> Fields | None:
    if data is None:
        return None
    return {row[0]: row[1] for row in session.execute(_FIELDS, {"data": data})}


def _json(row: Fields | None) -> str | None:
    if row is None:
        return None
    return "{" + ", ".join(f'"{name}": {value}' for name, value in row.items()) + "}"
