# SPDX-License-Identifier: Apache-2.0
"""Old changes leave the queue: after their time, and on other nodes never before the host has them.

A peer of the host that was away for longer is compared as a whole. The last change always stays:
the end of the queue is known by it.
"""

from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

_SWEEP = text("""
WITH settled AS (
    DELETE FROM datasync_settled WHERE at < now() - CAST(:keep AS interval)
), gone AS (
    DELETE FROM datasync_changes
    WHERE at < now() - CAST(:keep AS interval)
        AND pos < (SELECT max(pos) FROM datasync_changes)
        AND pos <= coalesce(
            (SELECT min(sent_pos) FROM datasync_peers WHERE kind = 'host'), 9223372036854775807)
    RETURNING 1
)
SELECT count(*) FROM gone
""")


def sweep(session: Session, keep: timedelta) -> int:
    """Delete changes that are older than `keep`; returns how many."""
    return int(session.execute(_SWEEP, {"keep": keep}).scalar_one())
