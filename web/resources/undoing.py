# SPDX-License-Identifier: Apache-2.0
"""Bringing back what was deleted, with what went along with it."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from poser.errors import PoserError
from poser.history import changes_of, changes_of_transaction, restore_record, restore_transaction
from poser.history.values import Change
from poser.model.history import RecordedTable, VersionKind
from web.resources.resource import Resource, Verb
from web.visits import Visitor

MOST_TOGETHER = 2_000
"""A page takes back no more changes than this at once; a command does."""

_MADE = text("SELECT history_transaction()")
_A_MOMENT = timedelta(microseconds=1)


def is_recorded(session: Session, table: str) -> bool:
    """Tell whether changes of a table are kept now."""
    wanted = select(RecordedTable.is_history_on).where(RecordedTable.name == table)
    return bool(session.execute(wanted).scalar())


def bring_back(session: Session, table: str, key: UUID) -> int:
    """Bring a deleted record back and tell how many records came.

    When it was the only one of its table that its transaction deleted, all that went with it
    comes back, too; out of many it comes alone. Raises PoserError when the history does not
    know it, or it is there.
    """
    changes = changes_of(session, table, key)
    if not changes or changes[-1].kind is not VersionKind.DELETE:
        raise PoserError("this record is not deleted", hint="it may be back already")
    gone = changes[-1]
    together = changes_of_transaction(session, gone.made.id, limit=MOST_TOGETHER + 1)
    alone = [c for c in together if c.table == table and c.kind is VersionKind.DELETE]
    is_small = len(together) <= MOST_TOGETHER
    if is_small and len(alone) == 1 and _is_one_deletion(together):
        return len(restore_transaction(session, gone.made.id))
    restore_record(session, table, key, gone.at - _A_MOMENT)
    return 1


def way_back(session: Session, resource: Resource, visitor: Visitor, count: int) -> str | None:
    """Give the address that takes back all that the open transaction changed.

    None where there is too much for a page, no history of it, or no right to see that.
    """
    if not resource.offers(Verb.HISTORY) or not visitor.may(resource.permission(Verb.HISTORY)):
        return None
    if count > MOST_TOGETHER or not is_recorded(session, resource.table.name):
        return None
    made = session.execute(_MADE).scalar_one()
    return f"/history/{made}" if made else None


def _is_one_deletion(changes: Iterable[Change]) -> bool:
    """Tell whether a transaction only deleted, and let go of references to what it deleted."""
    return all(
        c.kind is VersionKind.DELETE
        or (c.kind is VersionKind.UPDATE and all(v is None for v in c.new.values()))
        for c in changes
    )
