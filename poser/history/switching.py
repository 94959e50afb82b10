# SPDX-License-Identifier: Apache-2.0
"""Switching history and change capture on and off, per table, while everything runs."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from poser.errors import PoserError
from poser.history.reading import recorded_table
from poser.model.history import RecordedTable

_NO_RIGHT = "42501"
_NOTE = text("SELECT open_history_transaction(uuid7()) WHERE history_transaction() IS NULL")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """How a table is recorded: whether history and capture are on, None where never."""

    table: str
    history: bool | None
    capture: bool | None


def recordings(session: Session) -> list[Recording]:
    """List all recorded tables by name."""
    rows = session.scalars(select(RecordedTable).order_by(RecordedTable.name))
    return [_recording(row) for row in rows]


def switch(
    session: Session,
    tables: Sequence[str],
    *,
    history: bool | None = None,
    capture: bool | None = None,
) -> list[Recording]:
    """Switch recording of some tables, or of all when none is named; None leaves as it is.

    The next statement of everybody obeys. Who switched is kept in the history, with the
    comment of the author. Only the owner of the database may (PoserError); raises it, too,
    for a table that is not recorded, or never has what is switched on.
    """
    wanted = [recorded_table(session, name) for name in tables] or [
        row
        for row in session.scalars(select(RecordedTable).order_by(RecordedTable.name))
        if (row.has_history or not history) and (row.has_capture or not capture)
    ]
    for row in wanted:
        _check(row, history=history, capture=capture)
        row.is_history_on = row.is_history_on if history is None else history
        row.is_capture_on = row.is_capture_on if capture is None else capture
    try:
        session.flush()
        session.execute(_NOTE)
    except ProgrammingError as error:
        if getattr(error.orig, "pgcode", "") != _NO_RIGHT:
            raise
        raise PoserError(
            "only the owner of the database may switch recording",
            hint="on a node run it with sudo, such as `sudo poser history off brands`",
        ) from error
    return [_recording(row) for row in wanted]


def _check(row: RecordedTable, *, history: bool | None, capture: bool | None) -> None:
    if history and not row.has_history:
        raise PoserError(
            f"table {row.name} has no history by design", hint="its model's `info` says so"
        )
    if capture and not row.has_capture:
        raise PoserError(
            f"changes of table {row.name} are not captured by design",
            hint="its model's `info` says so",
        )


def _recording(row: RecordedTable) -> Recording:
    return Recording(
        table=row.name,
        history=row.is_history_on if row.has_history else None,
        capture=row.is_capture_on if row.has_capture else None,
    )
