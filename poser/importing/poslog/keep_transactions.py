# SPDX-License-Identifier: Apache-2.0
"""Keeping POS transactions: each once, whatever number of times a log brings it.

What is new is written by COPY. What is there already is compared by a fingerprint of
everything that was read, which stands beside its key, whatever month it lies in and be it
in the archive; if it differs, it is refused, or replaced when told to. A replacement may
have another business date. What the archive holds cannot be replaced.
"""

import dataclasses
import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, select, tuple_
from sqlalchemy.orm import Session

from poser.ids import uuid7
from poser.importing.copying import as_line, copy_lines
from poser.importing.poslog.records import Discount, Header, Line, Tax, Tender, Transaction
from poser.trainwreck.model import PosTransaction, PosTransactionKey

_KEY = ("transaction_id", "business_date", "counts_for")
_PARTS: dict[str, type[Line] | type[Discount] | type[Tax] | type[Tender]] = {
    "pos_lines": Line,
    "pos_discounts": Discount,
    "pos_taxes": Tax,
    "pos_tenders": Tender,
}

_COLUMNS: dict[type, tuple[str, ...]] = {
    kind: tuple(field.name for field in dataclasses.fields(kind))
    for kind in (Header, *_PARTS.values())
}


class Outcome(StrEnum):
    """What became of a POS transaction of a log."""

    CREATED = "created"
    UNCHANGED = "unchanged"
    REPLACED = "replaced"
    DIFFERS = "differs"
    ARCHIVED = "archived"


class Kept(NamedTuple):
    """What became of a POS transaction, and the business date under which it was known."""

    outcome: Outcome
    date: date


@dataclass(frozen=True, slots=True)
class _Stored:
    """A POS transaction that is known; `is_new` when this batch brought it."""

    id: UUID
    date: date
    fingerprint: bytes | None
    is_new: bool = False


class _Rows:
    """One POS transaction as lines for COPY, by table."""

    def __init__(self, transaction: Transaction) -> None:
        self.header = transaction.header
        self._header = as_line(_values(transaction.header))
        self._parts = {
            "pos_lines": [as_line(_values(part)) for part in transaction.lines],
            "pos_discounts": [as_line(_values(part)) for part in transaction.discounts],
            "pos_taxes": [as_line(_values(part)) for part in transaction.taxes],
            "pos_tenders": [as_line(_values(part)) for part in transaction.tenders],
        }
        content = "\n".join((self._header, *(x for part in self._parts.values() for x in part)))
        self.fingerprint = hashlib.sha256(content.encode()).digest()

    def header_line(self, id_: UUID) -> str:
        """Write the row of `pos_transactions`."""
        return f"{id_}\t\\\\x{self.fingerprint.hex()}\t{self._header}"

    def part_lines(self, table: str, id_: UUID) -> Iterable[str]:
        """Write the rows of one table of parts."""
        key = as_line((id_, self.header.business_date, self.header.counts_for))
        return (f"{key}\t{line}" for line in self._parts[table])


def keep(
    session: Session, system: str, batch: Sequence[Transaction], *, replace: bool
) -> list[Kept]:
    """Write a batch of POS transactions and say what became of each, in order."""
    all_rows = [_Rows(transaction) for transaction in batch]
    stored = _stored(session, system, [rows.header.system_id for rows in all_rows])
    here = _not_archived(session, stored.values()) if replace else set()
    kept: list[Kept] = []
    new: list[_Rows] = []
    old: list[_Stored] = []
    for rows in all_rows:
        found = stored.get(rows.header.system_id)
        outcome = _outcome(found, rows, replace=replace, here=here)
        if outcome is Outcome.REPLACED and found:
            old.append(found)
        if outcome in {Outcome.CREATED, Outcome.REPLACED}:
            stored[rows.header.system_id] = _Stored(
                uuid7(), rows.header.business_date, rows.fingerprint, is_new=True
            )
            new.append(rows)
        kept.append(Kept(outcome, found.date if found else rows.header.business_date))
    if old:
        keys = [(one.id, one.date) for one in old]
        one_of = tuple_(PosTransaction.id, PosTransaction.business_date).in_(keys)
        session.execute(delete(PosTransaction).where(one_of))
    _copy(session, [(stored[rows.header.system_id].id, rows) for rows in new])
    return kept


def _outcome(
    found: _Stored | None, rows: _Rows, *, replace: bool, here: Collection[UUID]
) -> Outcome:
    """Decide about one report; one that comes later in a batch never replaces an earlier one."""
    if found is None:
        return Outcome.CREATED
    if found.fingerprint == rows.fingerprint:
        return Outcome.UNCHANGED
    if not replace or found.is_new:
        return Outcome.DIFFERS
    return Outcome.REPLACED if found.id in here else Outcome.ARCHIVED


def _stored(session: Session, system: str, system_ids: Sequence[str]) -> dict[str, _Stored]:
    key = PosTransactionKey
    rows = session.execute(
        select(key.system_id, key.transaction_id, key.business_date, key.fingerprint).where(
            key.system == system, key.system_id.in_(system_ids)
        )
    )
    return {row[0]: _Stored(*row[1:]) for row in rows}


def _not_archived(session: Session, stored: Iterable[_Stored]) -> set[UUID]:
    """Find which of the known POS transactions lie in the tables and not in the archive."""
    keys = [(one.id, one.date) for one in stored]
    one_of = tuple_(PosTransaction.id, PosTransaction.business_date).in_(keys)
    return set(session.scalars(select(PosTransaction.id).where(one_of)))


def _copy(session: Session, new: Sequence[tuple[UUID, _Rows]]) -> None:
    columns = ("id", "fingerprint", *_COLUMNS[Header])
    copy_lines(session, "pos_transactions", columns, [r.header_line(id_) for id_, r in new])
    for table, kind in _PARTS.items():
        lines = [line for id_, rows in new for line in rows.part_lines(table, id_)]
        copy_lines(session, table, (*_KEY, *_COLUMNS[kind]), lines)


def _values(record: Header | Line | Discount | Tax | Tender) -> Iterable[object]:
    return (getattr(record, name) for name in _COLUMNS[type(record)])
