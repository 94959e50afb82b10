# SPDX-License-Identifier: Apache-2.0
"""Bringing a node in step as a whole: when its queue and the host's do not reach each other."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, select

from poser.datasync import epochs, reading
from poser.datasync.client import Line
from poser.datasync.comparing import Difference, make_same
from poser.datasync.exchange import give, know, peer_named, queue
from poser.db import transaction
from poser.model import DatasyncPeer, NodeKind

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeting:
    """What the host says of itself: its name, its epoch, the end of its queue.

    `is_in_step` tells whether its queue has all that this node lacks, `has_lost` whether it lacks
    what it once had and this node cannot send again.
    """

    host: str
    epoch: UUID
    head: int
    is_in_step: bool
    has_lost: bool


def greet_host(engine: Engine, line: Line) -> Greeting:
    """Exchange greetings; a node that was restored and did not notice is told, and begins anew."""
    said = _hello(engine, line)
    if said["is_restored"]:
        with transaction(engine) as session:
            epochs.renew(session)
        log.warning("the host has more of this node than it has itself: it was restored")
        said = _hello(engine, line)
    host, epoch, head = str(said["name"]), UUID(said["epoch"]), int(said["head"])
    with transaction(engine) as session:
        know(session, host, NodeKind.HOST)
        peer = peer_named(session, host, lock=True)
        if peer.epoch != epoch:
            peer.epoch, peer.is_filled = epoch, False
        reaches = int(said["begins_after"]) <= peer.received_pos <= head
        peer.is_filled = peer.is_filled and reaches
        # Only the host knows what it has; after a restore that is less than it said once.
        peer.sent_pos = int(said["received"])
        return Greeting(
            host=host,
            epoch=epoch,
            head=head,
            is_in_step=peer.is_filled,
            has_lost=peer.sent_pos < reading.begins_after(session),
        )


def fill(
    engine: Engine,
    line: Line,
    host: str,
    beat: Callable[[], None],
    watch: Callable[[Difference], None] | None = None,
) -> int:
    """Make this node the same as the host; returns how many rows differed.

    What was written here goes up first, or it would look like what the host has deleted.
    """
    keeps = greet_host(engine, line).has_lost
    push_all(engine, line, host, beat)
    # Before anything is compared: what changes meanwhile comes again from the queue.
    upto = greet_host(engine, line).head
    log.info("this node is compared with the host", extra={"host": host})

    def compared(found: Difference) -> None:
        beat()
        if found.count:
            log.info("a table differed", extra={"table": found.table, "rows": found.count})
        if watch is not None:
            watch(found)

    count = make_same(engine, host, line, upto, watch=compared, keeps=keeps)
    reached = greet_host(engine, line).head
    with transaction(engine) as session:
        peer = peer_named(session, host, lock=True)
        # The daemon may have gone on meanwhile; a host that was set back has a shorter queue.
        is_ahead = upto < peer.received_pos <= reached
        peer.received_pos, peer.is_filled = peer.received_pos if is_ahead else upto, True
    log.info("this node is as the host is", extra={"rows": count})
    return count


def push_all(engine: Engine, line: Line, host: str, beat: Callable[[], None]) -> None:
    """Bring the host everything that was written here so far."""
    while _moved(engine):
        beat()
    while push(engine, line, host):
        beat()


def push(engine: Engine, line: Line, host: str) -> bool:
    """Bring the host the next part of this node's queue; False when there is nothing for it."""
    with transaction(engine, read_only=True) as session:
        sent = session.scalars(select(DatasyncPeer.sent_pos).where(DatasyncPeer.name == host)).one()
        part = give(session, host, after=sent)
    if not part.changes:
        return False
    received = line.bring(part)
    with transaction(engine) as session:
        peer_named(session, host, lock=True).sent_pos = received
    return True


def _moved(engine: Engine) -> bool:
    with transaction(engine) as session:
        return queue(session).taken > 0


def _hello(engine: Engine, line: Line) -> dict[str, Any]:
    with transaction(engine, read_only=True) as session:
        ours, end = reading.epoch(session), reading.head(session)
        release = reading.release(session)
    return line.hello(epoch=ours, head=end, release=release)
