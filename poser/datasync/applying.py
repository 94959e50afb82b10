# SPDX-License-Identifier: Apache-2.0
"""Writes what a peer sent: a part of its queue in one transaction, all of it or what can be.

Rows go in by whole tables: parents before children, deletions the other way round, rules looked
at in the end, so two products may swap barcodes. Where the database refuses, the part is halved
until the rows are found that it refuses; those are parked, all others go in.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from poser.datasync.conflicts import Settled, note_sent, settle
from poser.datasync.declared import Synced, synced
from poser.datasync.moving import move_all, one_at_a_time
from poser.datasync.parking import Tried, park, parked_keys, take_due, wait_behind
from poser.datasync.reading import Change, Part, head
from poser.datasync.writing import (
    Incoming,
    delete,
    forget_recipients,
    lock,
    refused_rows,
    touch,
    upsert,
)
from poser.db.authors import Author, Source, tell
from poser.errors import PoserError
from poser.model import DatasyncPeer, NodeKind
from poser.model.syncing import Flow

# Everything was taken before the peer's changes were written, so these are of this transaction.
_WRITTEN = text("""
SELECT DISTINCT t.name, c.key FROM capture AS c JOIN recorded_tables AS t ON t.id = c.table_id
WHERE c.origin = :peer
""")


class OutOfStep(PoserError, ValueError):  # noqa: N818 - what happened
    """A part does not follow what was applied before; nothing was written."""


@dataclass(slots=True)
class Applied:
    """What became of a part: rows written, conflicts, rows that wait, rows put back.

    `given_up` names the rows that wait no longer to be tried, but for a person.
    """

    upto: int
    changes: int = 0
    conflicts: int = 0
    parked: int = 0
    put_back: int = 0
    given_up: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class _Work:
    """What applying one part needs to know."""

    session: Session
    peer: DatasyncPeer
    columns: Mapping[str, Sequence[str]]
    is_host: bool
    done: Applied
    tried: Mapping[tuple[str, UUID], Tried] = field(default_factory=dict)
    put_back: set[tuple[str, UUID]] = field(default_factory=set)


def apply(session: Session, peer: DatasyncPeer, part: Part, *, is_host: bool) -> Applied:
    """Write a part of a peer's queue, in the caller's transaction, which then commits it.

    `peer` was read FOR UPDATE. What was applied before is left out, so a part may come twice.
    Raises OutOfStep when something is missing before it, or its epoch is another one.
    """
    if part.epoch != peer.epoch:
        raise OutOfStep(f"{peer.name} has begun anew", hint="it has to say hello first")
    if part.after > peer.received_pos:
        raise OutOfStep(
            f"{peer.name} sent what comes after {part.after}; {peer.received_pos} is what is here",
            hint="it has to send again from there",
        )
    done = Applied(upto=max(part.upto, peer.received_pos))
    fresh = [one for one in part.changes if one.pos > peer.received_pos]
    if fresh:
        begin(session, peer)
        work = _Work(session=session, peer=peer, columns=part.columns, is_host=is_host, done=done)
        _write(work, fresh, received=part.received)
    peer.received_pos = done.upto
    session.flush()
    return done


def begin(session: Session, peer: DatasyncPeer) -> None:
    """Have the transaction's changes kept as made by a peer, and its rules looked at late.

    Its place in the line is taken first: two that apply could else wait for each other's rows.
    """
    one_at_a_time(session)
    via = f"datasync {peer.name}"
    who = Author(source=Source.SYNC, user_name=peer.name, via=via, origin=peer.name)
    tell(session.connection(), who)
    session.execute(text("SET CONSTRAINTS ALL DEFERRED"))


def retry(session: Session, peer: DatasyncPeer, now: datetime, *, is_host: bool) -> Applied:
    """Try again what waits and is due, all together; what goes in waits no more.

    `peer` was read FOR UPDATE. Two rows that only fit together go in together.
    """
    done = Applied(upto=peer.received_pos)
    changes, tried = take_due(session, peer.name, now)
    if changes:
        begin(session, peer)
        columns = {name: one.columns for name, one in synced().items()}
        work = _Work(
            session=session, peer=peer, columns=columns, is_host=is_host, done=done, tried=tried
        )
        _write(work, changes, received=None)
    return done


def apply_rows(
    session: Session,
    peer: DatasyncPeer,
    changes: Sequence[Change],
    columns: Mapping[str, Sequence[str]],
) -> Applied:
    """Write rows of the host that were fetched and not read from its queue; places stay.

    `peer` was read FOR UPDATE. `columns` are those that the rows have, by table.
    """
    done = Applied(upto=peer.received_pos)
    if changes:
        begin(session, peer)
        work = _Work(session=session, peer=peer, columns=columns, is_host=False, done=done)
        _write(work, changes, received=None)
    return done


def _write(work: _Work, changes: Sequence[Change], *, received: int | None) -> None:
    session = work.session
    latest = _latest(changes)
    known = {key: one for key, one in latest.items() if one.table in synced()}
    waits = parked_keys(session, work.peer.name, known)
    for key in waits:
        # Later ones of a row that waits wait behind it, whatever they are.
        wait_behind(session, work.peer.name, known.pop(key))
        work.done.parked += 1
    lock(session, [Incoming.of(one) for one in known.values()])
    # What was written here meanwhile is queued before what comes in now.
    if work.is_host:
        move_all(session)
    else:
        move_all(session, base=work.peer.received_pos, but_from=work.peer.name)
    settled = settle(
        session, work.peer, list(known.values()), is_host=work.is_host, received=received
    )
    work.done.conflicts += settled.conflicts
    incoming = _as_settled(known, settled)
    _in_halves(work, incoming)
    # Who sent what is not its own may have it: it is told, too.
    forget_recipients(session, {key for _, key in work.put_back})
    side_effects = _side_effects(work, set(known))
    touch(session, settled.again | work.put_back | side_effects)
    work.done.put_back += len(work.put_back)
    if work.is_host:
        # Before anybody writes here again, so that what the peer sent is in the queue by itself.
        move_all(session)
        note_sent(session, work.peer, settled, head(session))


def _side_effects(work: _Work, sent: set[tuple[str, UUID]]) -> set[tuple[str, UUID]]:
    """Name the rows that were changed or deleted because others were deleted, unsaid by the peer.

    It may have them otherwise: this node tells it as changes of its own. What only the host may
    change comes from there by itself.
    """
    found = work.session.execute(_WRITTEN, {"peer": work.peer.name})
    tables = synced()
    return {
        (row[0], row[1])
        for row in found
        if (row[0], row[1]) not in sent
        and row[0] in tables
        and (work.is_host or tables[row[0]].sync.flow is Flow.BOTH)
    }


def _as_settled(known: Mapping[tuple[str, UUID], Change], settled: Settled) -> list[Incoming]:
    """Leave out what loses, and write what was merged."""
    found = []
    for key, one in known.items():
        if key not in settled.left_out:
            data = settled.merged.get(key, one.data)
            found.append(Incoming(table=one.table, key=one.key, data=data, change=one))
    return found


def _latest(changes: Iterable[Change]) -> dict[tuple[str, UUID], Change]:
    """Keep the last change of each row, in the order of these.

    It is one with those before it, so it knew no more of the host than the first of them: what the
    host sent in between was left out where the row had changed already.
    """
    found: dict[tuple[str, UUID], Change] = {}
    for one in changes:
        before = found.pop((one.table, one.key), None)
        base = one.base if before is None else min(before.base, one.base)
        found[one.table, one.key] = one if base == one.base else replace(one, base=base)
    return found


def _in_halves(work: _Work, rows: Sequence[Incoming]) -> None:
    """Write rows; where the database refuses, halve them down to the rows it refuses."""
    if not rows:
        return
    error = _try(work, rows)
    if error is None:
        work.done.changes += len(rows)
    elif len(rows) == 1:
        one = rows[0]
        before = work.tried.get((one.table, one.key))
        if park(work.session, work.peer.name, one.change, error, before):
            work.done.parked += 1
        else:
            work.done.given_up.append(f"{one.table} {one.key}")
    else:
        middle = len(rows) // 2
        _in_halves(work, rows[:middle])
        _in_halves(work, rows[middle:])


def _try(work: _Work, rows: Sequence[Incoming]) -> DBAPIError | None:
    """Write rows behind a savepoint; returns what the database said against them."""
    session = work.session
    put_back: set[tuple[str, UUID]] = set()
    try:
        with session.begin_nested():
            by_table: dict[str, list[Incoming]] = {}
            for one in rows:
                by_table.setdefault(one.table, []).append(one)
            order = [one for one in synced().values() if one.name in by_table]
            for table in order:
                put_back |= _upsert(work, table, [r for r in by_table[table.name] if r.data])
            for table in reversed(order):
                gone = [r for r in by_table[table.name] if not r.data]
                put_back |= _delete(work, table, gone)
            session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
            session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
    except OperationalError:
        # The server is going away, or somebody else is in the way: all of it is tried again.
        raise
    except DBAPIError as error:
        return error
    work.put_back |= put_back
    return None


def _upsert(work: _Work, table: Synced, rows: Sequence[Incoming]) -> set[tuple[str, UUID]]:
    """Write the rows of one table, but for those that are not the peer's; returns these."""
    wrong = _not_theirs(work, table, rows)
    sent = work.columns.get(table.name, ())
    columns = [name for name in table.columns if name in set(sent)]
    upsert(work.session, table, columns, [one for one in rows if one.key not in wrong])
    return {(table.name, key) for key in wrong}


def _delete(work: _Work, table: Synced, rows: Sequence[Incoming]) -> set[tuple[str, UUID]]:
    wrong = _not_theirs(work, table, rows)
    delete(work.session, table, [one.key for one in rows if one.key not in wrong])
    return {(table.name, key) for key in wrong}


def _not_theirs(work: _Work, table: Synced, rows: Sequence[Incoming]) -> set[UUID]:
    """Name the rows of other stores: a node writes its own only, whatever it sends."""
    if not work.is_host or not rows:
        return set()
    kind = NodeKind(work.peer.kind)
    if kind is NodeKind.CLOUD and not table.sync.on_cloud:
        return {one.key for one in rows}
    return refused_rows(work.session, table, rows, work.peer) if table.sync.is_scoped else set()
