# SPDX-License-Identifier: Apache-2.0
"""Bringing back what was: a field, a record, or all that one transaction did.

A restoration is a change like any other: it obeys every rule of the database and becomes
versions of its own, so it can be taken back in the same way. Columns whose values are not
kept (passwords) stay as they are, or empty in a record that comes back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from poser.errors import PoserError
from poser.history import rows
from poser.history.reading import changes_of, changes_of_transaction, last_of, recorded_table
from poser.history.replaying import Then, state_at
from poser.history.values import Change
from poser.model.history import Fields, VersionKind

_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restoration did to a record: `insert`, `update` or `delete`, and which fields."""

    table: str
    row_id: UUID
    kind: VersionKind
    fields: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class _Undo:
    """What would undo a transaction's changes of one record, and what it left behind."""

    table: str
    row_id: UUID
    was_there: bool
    is_there: bool
    before: Fields = field(default_factory=dict)
    after: Fields = field(default_factory=dict)

    @property
    def kind(self) -> VersionKind | None:
        """Say what has to be done, None for a record that came and went inside."""
        if not self.was_there:
            return VersionKind.DELETE if self.is_there else None
        return VersionKind.UPDATE if self.is_there else VersionKind.INSERT


def as_of(session: Session, table: str, row_id: UUID, at: datetime) -> Then:
    """Tell what a record was at a moment, as the statements that had ended by then left it.

    `at` is aware. Raises PoserError for a table that is not recorded, and for a record of
    which neither the table nor the history knows anything.
    """
    changes = changes_of(session, table, row_id)
    live = rows.live_row(session, table, row_id)
    if live is None and not changes:
        raise PoserError(
            f"there is no record {row_id} in {table}, and the history knows none",
            hint=f"`poser history deleted {table}` lists what was deleted",
        )
    return state_at(changes, live, at)


def restore_field(
    session: Session, table: str, row_id: UUID, name: str, at: datetime
) -> Restored | None:
    """Set a field to what it was at a moment; None when it is that already.

    Raises PoserError when the history does not know the value for sure, or the record is
    not there.
    """
    then = _known(session, table, row_id, at, names=(name,))
    live = rows.live_row(session, table, row_id)
    if live is None:
        raise PoserError(
            f"record {row_id} of {table} is deleted",
            hint="restore the whole record: leave out --field",
        )
    possible = then.keys() & _writable(session, table)
    if name not in possible:
        raise PoserError(
            f"field {name!r} of {table} cannot be restored",
            hint=f"these can: {', '.join(sorted(possible))}",
        )
    return _set(session, table, row_id, live, {name: then[name]})


def restore_record(session: Session, table: str, row_id: UUID, at: datetime) -> Restored | None:
    """Make a record what it was at a moment, also a deleted one; None when it is that already.

    Raises PoserError when it did not exist then, or the history does not know for sure.
    """
    then = _known(session, table, row_id, at)
    wanted = _chosen(then, _writable(session, table))
    live = rows.live_row(session, table, row_id)
    if live is not None:
        return _set(session, table, row_id, live, wanted)
    rows.insert(session, table, {row_id: wanted})
    return Restored(
        table=table, row_id=row_id, kind=VersionKind.INSERT, fields=tuple(sorted(wanted))
    )


def restore_transaction(
    session: Session, transaction_id: UUID, *, force: bool = False
) -> list[Restored]:
    """Undo what a transaction did, in one transaction; fields it did not touch stay.

    Raises PoserError, naming records and fields, when something of it has changed since,
    unless forced; and when nothing is known of it.
    """
    changes = changes_of_transaction(session, transaction_id)
    if any(change.kind is VersionKind.BASELINE for change in changes):
        raise PoserError(
            "this transaction caught up with unrecorded changes; there is nothing to undo",
            hint="`poser history log TABLE ID` shows the others",
        )
    undos = _undos(changes)
    conflicts = _conflicts(session, undos)
    if conflicts and not force:
        raise PoserError(
            f"{len(conflicts)} changed since: {'; '.join(conflicts[:_SHOWN])}"
            + ("; ..." if len(conflicts) > _SHOWN else ""),
            hint="restore these records or fields one by one, or force it: --force",
        )
    # Records refer to each other in any order; in the end all is whole again, or refused.
    session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
    done = []
    for (table, kind), group in groupby(undos, key=lambda undo: (undo.table, undo.kind)):
        done += _undo(session, table, kind, list(group))
    session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    return done


def _known(
    session: Session, table: str, row_id: UUID, at: datetime, names: Sequence[str] = ()
) -> Fields:
    then = as_of(session, table, row_id, at)
    if then.fields is None:
        raise PoserError(
            f"record {row_id} of {table} did not exist at {at.isoformat()}",
            hint=f"`poser history log {table} {row_id}` shows when it did",
        )
    unsure = then.unsure & set(names) if names else then.unsure
    if unsure:
        raise PoserError(
            f"the history does not know for sure what {', '.join(sorted(unsure))} was at"
            f" {at.isoformat()}: it changed while nothing was recorded",
            hint="`poser history log` shows between which versions; choose a later moment",
        )
    return then.fields


def _writable(session: Session, table: str) -> frozenset[str]:
    """Name what can be written: columns that are there now, and no masked secrets."""
    return rows.writable(session, table) - set(recorded_table(session, table).secret)


def _chosen(fields: Fields, names: frozenset[str]) -> Fields:
    return {name: value for name, value in fields.items() if name in names}


def _set(
    session: Session, table: str, row_id: UUID, live: Fields, wanted: Fields
) -> Restored | None:
    changed = {name: value for name, value in wanted.items() if live.get(name) != value}
    if not changed:
        return None
    rows.update(session, table, {row_id: changed})
    return Restored(
        table=table, row_id=row_id, kind=VersionKind.UPDATE, fields=tuple(sorted(changed))
    )


def _undos(changes: Sequence[Change]) -> list[_Undo]:
    """Sum up a transaction's changes by record, the last one's first."""
    found: dict[tuple[str, UUID], _Undo] = {}
    for change in changes:
        key = (change.table, change.row_id)
        came = change.kind is VersionKind.INSERT
        undo = found.setdefault(
            key, _Undo(table=key[0], row_id=key[1], was_there=not came, is_there=True)
        )
        undo.is_there = change.kind is not VersionKind.DELETE
        for name, value in change.old.items():
            undo.before.setdefault(name, value)
        undo.after = dict(change.new) if came else {**undo.after, **change.new}
    return [undo for undo in reversed(found.values()) if undo.kind]


def _conflicts(session: Session, undos: Sequence[_Undo]) -> list[str]:
    """Say of which records the transaction's results are not there any more."""
    found = []
    for table, group in groupby(undos, key=lambda undo: undo.table):
        wanted = list(group)
        live = rows.live_rows(session, table, [undo.row_id for undo in wanted])
        for undo in wanted:
            now = live[undo.row_id]
            if (now is not None) != undo.is_there:
                found.append(_who(session, undo, "is gone" if now is None else "is back", ""))
            elif now is not None:
                after = undo.after if undo.is_there else {}
                names = sorted(n for n in after.keys() & now.keys() if after[n] != now[n])
                if names:
                    found.append(_who(session, undo, ", ".join(names), names[-1]))
    return found


def _who(session: Session, undo: _Undo, what: str, name: str) -> str:
    changes = changes_of(session, undo.table, undo.row_id)
    last = last_of(changes, name) if name else (changes[-1] if changes else None)
    by = f" (by {last.made} at {last.at:%Y-%m-%d %H:%M:%S} UTC)" if last else ""
    return f"{undo.table} {undo.row_id}: {what}{by}"


def _undo(
    session: Session, table: str, kind: VersionKind | None, undos: Sequence[_Undo]
) -> list[Restored]:
    live = rows.live_rows(session, table, [undo.row_id for undo in undos])
    there = [undo for undo in undos if live[undo.row_id] is not None]
    gone = [undo for undo in undos if live[undo.row_id] is None]
    if kind is VersionKind.DELETE:
        rows.delete(session, table, [undo.row_id for undo in there])
        return [_restored(undo, kind, {}) for undo in there]
    names = _writable(session, table)
    old = {undo.row_id: _chosen(undo.before, names) for undo in undos}
    # With force: a record that is gone since is not made anew from a few fields.
    come_back = gone if kind is VersionKind.INSERT else []
    rows.insert(session, table, {undo.row_id: old[undo.row_id] for undo in come_back})
    rows.update(session, table, {undo.row_id: old[undo.row_id] for undo in there})
    return [
        *(_restored(undo, VersionKind.INSERT, old[undo.row_id]) for undo in come_back),
        *(_restored(undo, VersionKind.UPDATE, old[undo.row_id]) for undo in there),
    ]


def _restored(undo: _Undo, kind: VersionKind, fields: Fields) -> Restored:
    return Restored(table=undo.table, row_id=undo.row_id, kind=kind, fields=tuple(sorted(fields)))
