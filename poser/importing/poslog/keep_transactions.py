# SPDX-License-Identifier: Apache-2.0
"""Keeping POS transactions: each once, whatever number of times a log brings it.

What is new is written by COPY. What is there already is compared by a fingerprint of
everything that was read; if it differs, it is refused, or replaced when told to.
"""

import dataclasses
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from poser.ids import uuid7
from poser.importing.copying import as_line, copy_lines
from poser.importing.poslog.records import Discount, Header, Line, Tax, Tender, Transaction
from poser.trainwreck.model import PosTransaction

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


@dataclass(frozen=True, slots=True)
class _Stored:
    """A POS transaction that the table has."""

    id: UUID
    fingerprint: bytes | None


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
) -> list[Outcome]:
    """Write a batch of POS transactions and say what became of each, in order."""
    all_rows = [_Rows(transaction) for transaction in batch]
    stored = _stored(session, system, [rows.header.system_id for rows in all_rows])
    outcomes, new, old = [], [], []
    for rows in all_rows:
        found = stored.get(rows.header.system_id)
        if found is None:
            outcome = Outcome.CREATED
        elif found.fingerprint == rows.fingerprint:
            outcome = Outcome.UNCHANGED
        elif replace and found.fingerprint is not None:
            outcome = Outcome.REPLACED
            old.append(found.id)
        else:
            outcome = Outcome.DIFFERS
        if outcome in {Outcome.CREATED, Outcome.REPLACED}:
            # A later report in the same batch is compared with this one, never replaces it.
            stored[rows.header.system_id] = _Stored(uuid7(), rows.fingerprint)
            new.append(rows)
        outcomes.append(outcome)
    if old:
        session.execute(delete(PosTransaction).where(PosTransaction.id.in_(old)))
    _copy(session, [(stored[rows.header.system_id].id, rows) for rows in new])
    return outcomes


def _stored(session: Session, system: str, system_ids: Sequence[str]) -> dict[str, _Stored]:
    rows = session.execute(
        select(PosTransaction.system_id, PosTransaction.id, PosTransaction.fingerprint).where(
            PosTransaction.system == system, PosTransaction.system_id.in_(system_ids)
        )
    )
    return {row.system_id: _Stored(row.id, row.fingerprint) for row in rows}


def _copy(session: Session, new: Sequence[tuple[UUID, _Rows]]) -> None:
    columns = ("id", "fingerprint", *_COLUMNS[Header])
    copy_lines(session, "pos_transactions", columns, [r.header_line(id_) for id_, r in new])
    for table, kind in _PARTS.items():
        lines = [line for id_, rows in new for line in rows.part_lines(table, id_)]
        copy_lines(session, table, (*_KEY, *_COLUMNS[kind]), lines)


def _values(record: Header | Line | Discount | Tax | Tender) -> Iterable[object]:
    return (getattr(record, name) for name in _COLUMNS[type(record)])
