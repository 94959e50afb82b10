# SPDX-License-Identifier: Apache-2.0
"""What a log brought that cannot be used: named, and kept until it can."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from poser.importing.poslog.fields import FieldError
from poser.importing.poslog.reading import entry_of
from poser.importing.poslog.records import ItemProblem
from poser.importing.poslog.xml import Element
from poser.trainwreck.model import PosReject


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """One entry, or one item of an entry, that was refused, and why."""

    source: str
    line: int
    position: int
    entry: str
    field: str
    value: str
    reason: str
    raw: str

    def __str__(self) -> str:
        value = f" {self.value!r}" if self.value else ""
        where = f"{self.source}:{self.line}:{self.position}"
        return f"{where}: transaction {self.entry}: {self.field}{value} {self.reason}"

    def to_json(self) -> dict[str, Any]:
        """Give the fields for a summary, without the entry's text."""
        names = ("source", "line", "position", "entry", "field", "value", "reason")
        return {name: getattr(self, name) for name in names}


def of_entry(element: Element, error: FieldError, source: str) -> Reject:
    """Refuse a whole Transaction for one of its fields."""
    return Reject(
        source=source,
        line=error.at.line,
        position=error.at.position,
        entry=entry_of(element),
        field=error.field,
        value=error.value,
        reason=error.reason,
        raw=element.to_xml(),
    )


def of_item(element: Element, problem: ItemProblem, source: str, entry: str) -> Reject:
    """Refuse to make a product of an item; its sale is kept."""
    return Reject(
        source=source,
        line=element.line,
        position=element.position,
        entry=entry,
        field=problem.field,
        value=problem.code,
        reason=f"{problem.reason}; the sale is kept, but no product is made of it",
        raw=element.to_xml(),
    )


def of_difference(element: Element, source: str, entry: str, reason: str) -> Reject:
    """Refuse a Transaction that is stored already, but with other content."""
    return Reject(
        source=source,
        line=element.line,
        position=element.position,
        entry=entry,
        field="Transaction",
        value="",
        reason=reason,
        raw=element.to_xml(),
    )


def keep(session: Session, system: str, rejects: Sequence[Reject]) -> None:
    """Keep refused entries; one that is kept already is not kept twice."""
    if not rejects:
        return
    rows = [
        {
            **reject.to_json(),
            "raw": reject.raw,
            "raw_sha256": hashlib.sha256(reject.raw.encode()).digest(),
            "system": system,
        }
        for reject in rejects
    ]
    session.execute(insert(PosReject).on_conflict_do_nothing(), rows)


def forget(session: Session, system: str, entries: Collection[str]) -> None:
    """Forget what was refused of POS transactions that are imported now."""
    if entries:
        session.execute(
            delete(PosReject).where(PosReject.system == system, PosReject.entry.in_(entries))
        )
