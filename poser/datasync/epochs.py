# SPDX-License-Identifier: Apache-2.0
"""Noticing that this node was restored from a backup: what its peers know of it is no longer so.

A dump that is loaded has another server around it; a base backup that is rolled forward and a
replica that takes over have another timeline. Then places of the queue go on above all that were
ever given (they begin with the time in microseconds), and the epoch is another one: who sees that
compares as a whole.
"""

import logging

from sqlalchemy import text
from sqlalchemy.orm import Session

from poser.datasync.moving import one_at_a_time

log = logging.getLogger(__name__)

# The timeline that is written now begins the name of its file. The one in pg_control_checkpoint()
# stays the old one until the first checkpoint after a replica took over: minutes, when it was busy.
_SERVER = text("""
SELECT (SELECT system_identifier FROM pg_control_system())
    || '/' || ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int
    || '/' || current_database()
""")
_KNOWN = text("SELECT server FROM datasync_node")
_NOTE = text("UPDATE datasync_node SET server = :server")
_RENEW = text("UPDATE datasync_node SET epoch = gen_random_uuid(), server = :server")
_ABOVE = text("SELECT skip_datasync_places()")
_COMPARE = text("UPDATE datasync_peers SET is_filled = false")


def renew_if_restored(session: Session) -> bool:
    """Begin a new epoch when the database is not on the server where the last one began."""
    one_at_a_time(session)
    server = session.execute(_SERVER).scalar_one()
    known = session.execute(_KNOWN).scalar_one()
    if known == server:
        return False
    if not known:
        session.execute(_NOTE, {"server": server})
        return False
    renew(session, server=server)
    log.warning("this node was restored: it is compared with its peers", extra={"was": known})
    return True


def renew(session: Session, *, server: str | None = None) -> None:
    """Begin a new epoch: all peers compare as a whole, and no place is given twice."""
    one_at_a_time(session)
    server = server or session.execute(_SERVER).scalar_one()
    session.execute(_RENEW, {"server": server})
    session.execute(_ABOVE)
    session.execute(_COMPARE)
