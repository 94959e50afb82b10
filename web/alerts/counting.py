# SPDX-License-Identifier: Apache-2.0
"""How much waits for somebody: one statement for all of the node, kept for some seconds.

The numbers are the same for everybody; each visitor gets the sum of those that they may see.
"""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from poser.errors import Unavailable
from web.permissions import Need

if TYPE_CHECKING:
    from web.visits import Visit, Visitor

log = logging.getLogger(__name__)

KEPT_S = 10.0
LOOKED_BACK = timedelta(days=7)

IMPORTS, MAILS, BATCHES, FEEDBACK, NODE = "imports", "mails", "batches", "feedback", "node"
DATASYNC = "datasync"
# A run that failed matters until its import went well again.
FAILED_RUNS = """
    SELECT DISTINCT ON (key) id, number, key, why, hint, began_at AS at FROM import_runs AS run
    WHERE status IN ('failed', 'interrupted', 'stopped') AND began_at >= :since
        AND NOT EXISTS (
            SELECT FROM import_runs AS later WHERE later.key = run.key
                AND later.number > run.number AND later.status IN ('done', 'batch')
        )
    ORDER BY key, number DESC
"""
FAILED_MAILS = """
    SELECT id, key, about, status_text, finished_at AS at FROM emails
    WHERE status = 'failed' AND queued_at >= :since
"""
WAITING_BATCHES = """
    SELECT id, number, description, status, row_count, created_at AS at FROM batches
    WHERE status IN ('open', 'complete', 'approved', 'failed')
"""
NEW_FEEDBACK = """
    SELECT id, text, user_name, page, created_at AS at FROM user_feedback
    WHERE answered_at IS NULL AND answer = ''
"""
# What was refused too often, peers that do not answer, systems that fail, and open conflicts.
OUT_OF_STEP = """
    SELECT 'given up' AS what, peer, table_name, error AS why, parked_at AS at
    FROM datasync_parked WHERE next_try_at IS NULL
    UNION ALL
    SELECT state, name, '', note, seen_at FROM datasync_peers
    WHERE state = 'held'
        OR state = 'active' AND coalesce(seen_at < now() - interval '10 minutes', true)
    UNION ALL
    SELECT 'conflict', peer, table_name, '', at FROM datasync_conflicts WHERE is_open
    UNION ALL
    SELECT 'given up', watched, model, error, found_at
    FROM datasync_watched_changes WHERE next_try_at IS NULL
    UNION ALL
    SELECT 'fails', name, '', note, failed_at FROM (
        SELECT name, note, failed_at, is_paused FROM datasync_watched
        UNION ALL SELECT name, note, failed_at, is_paused FROM datasync_pushed
    ) AS systems WHERE NOT is_paused AND failed_at < now() - interval '10 minutes'
"""
LISTS = {
    DATASYNC: OUT_OF_STEP,
    IMPORTS: FAILED_RUNS,
    MAILS: FAILED_MAILS,
    BATCHES: WAITING_BATCHES,
    FEEDBACK: NEW_FEEDBACK,
}
_EACH = (f"(SELECT count(*) FROM ({sql}) AS one) AS {kind}" for kind, sql in LISTS.items())  # noqa: S608 - our own
_COUNTS = text(f"SELECT {', '.join(_EACH)}")


@dataclass(slots=True)
class Alerts:
    """Counts, and remembers for some seconds what there was.

    `needs` says what a visitor needs to be told of each kind; the page of alerts fills it in,
    the most urgent first. `note_node` brings what was found wrong with the node itself.
    """

    needs: dict[str, Need] = field(default_factory=dict)
    _at: float = float("-inf")
    _counts: Mapping[str, int] = field(default_factory=dict)
    _node: int = 0

    def kinds_for(self, visitor: "Visitor") -> list[str]:
        """Name the kinds that a visitor is told of."""
        return [kind for kind, need in self.needs.items() if visitor.may(need)]

    def total(self, here: "Visit", *, ask: bool = True) -> int:
        """Count what waits that this visitor may see; `ask` may be the database."""
        return sum(self.counts(here, ask=ask).values())

    def counts(self, here: "Visit", *, ask: bool = True) -> dict[str, int]:
        """Count each kind that this visitor may see, the most urgent first."""
        kinds = self.kinds_for(here.visitor)
        if kinds and ask and time.monotonic() - self._at > KEPT_S:
            # Set first: whoever comes meanwhile gets the last numbers and does not wait.
            self._at = time.monotonic()
            self._ask(here)
        known = {**self._counts, NODE: self._node}
        return {kind: known.get(kind, 0) for kind in kinds}

    def note_node(self, wrong: int) -> None:
        """Remember how much was found wrong with the node itself."""
        self._node = wrong

    def forget(self) -> None:
        """Count anew when next asked."""
        self._at = float("-inf")

    def _ask(self, here: "Visit") -> None:
        try:
            values = {"since": here.site.clock() - LOOKED_BACK}
            row = here.read().connection().execute(_COUNTS, values).one()
            self._counts = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name
        except (Unavailable, SQLAlchemyError) as error:
            log.warning("alerts not counted", extra={"reason": str(error)})
