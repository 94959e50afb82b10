# SPDX-License-Identifier: Apache-2.0
"""Bringing a system up to date when it is time, and when tables have changed since.

PostgreSQL counts what is written to each table. How the counts were is read before the rows are,
and kept when these have arrived: who is killed in between brings them again, and what is written
meanwhile is a change the next time. Rows that were rolled back count, too, which costs a look.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from poser.datasync.pushing.bringing import Bring, bringing
from poser.datasync.pushing.lines import Push
from poser.db import transaction
from poser.errors import PoserError
from poser.extensions.packages import Extension
from poser.model import PushedSystem

_SEEN = text("""
SELECT coalesce(string_agg(concat_ws('/', relname, n_tup_ins, n_tup_upd, n_tup_del), ' '
    ORDER BY relname), '') FROM pg_stat_user_tables
WHERE schemaname = 'public' AND relname = ANY (CAST(:tables AS text[]))
""")
_STATE = text("SELECT is_paused, seen FROM datasync_pushed WHERE name = :name")
_PUSHED = text("""
INSERT INTO datasync_pushed (name, seen, pushed_at) VALUES (:name, :seen, now())
ON CONFLICT (name) DO UPDATE SET seen = excluded.seen, pushed_at = excluded.pushed_at,
    note = '', failed_at = NULL
""")
_FAILED = text("""
INSERT INTO datasync_pushed (name, note, failed_at) VALUES (:name, :note, now())
ON CONFLICT (name) DO UPDATE SET note = excluded.note,
    failed_at = coalesce(datasync_pushed.failed_at, excluded.failed_at)
""")


@dataclass(frozen=True, slots=True)
class Pushed:
    """One system that is kept up to date: its line, and what brings the rows."""

    push: Push
    bring: Bring

    @classmethod
    def of(cls, push: Push, extensions: Sequence[Extension]) -> "Pushed":
        """Find what a line names; raises PoserError for words that are none."""
        return cls(push, bringing(push, extensions))

    def turn(
        self,
        engines: Mapping[str, Engine],
        beat: Callable[[], None] = lambda: None,
        *,
        now: bool = False,
    ) -> bool:
        """Bring the rows if any changed since, or `now` in any case; tells whether it did.

        Raises PoserError when they cannot be brought, which is written down.
        """
        engine, name = engines["poser"], {"name": self.push.name}
        with transaction(engine, read_only=True) as session:
            is_paused, before = session.execute(_STATE, name).first() or (False, None)
            tables = {"tables": list(self.push.tables)}
            seen = str(session.execute(_SEEN, tables).scalar())
        if not now and (is_paused or seen == before):
            return False
        try:
            self.bring(engines, lambda _: beat())
        except PoserError as error:
            with transaction(engine) as session:
                session.execute(_FAILED, {**name, "note": str(error)})
            raise
        with transaction(engine) as session:
            session.execute(_PUSHED, {**name, "seen": seen})
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class PushedStatus:
    """How a system is that is kept up to date; `failed_at`: since when it has failed."""

    name: str
    is_paused: bool
    note: str
    pushed_at: datetime | None
    failed_at: datetime | None

    def to_json(self) -> dict[str, object]:
        """Give it for programs."""
        said = asdict(self)
        for each in ("pushed_at", "failed_at"):
            said[each] = said[each].isoformat() if said[each] else None
        return said


def pushed(session: Session) -> list[PushedStatus]:
    """Return how each system is that was ever brought up to date, by name."""
    return [
        PushedStatus(
            name=one.name,
            is_paused=one.is_paused,
            note=one.note,
            pushed_at=one.pushed_at,
            failed_at=one.failed_at,
        )
        for one in session.query(PushedSystem).order_by(PushedSystem.name)
    ]
