# SPDX-License-Identifier: Apache-2.0
"""Bringing a node in step as a whole: when its queue and the host's do not reach each other."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from poser.datasync import epochs, reading, releases
from poser.datasync.client import Line
from poser.datasync.comparing import Difference, make_same
from poser.datasync.declared import synced
from poser.datasync.exchange import NotInStep, give, hold, know, peer_named, queue
from poser.db import transaction
from poser.model import DatasyncPeer, NodeKind
from poser.model.syncing import Flow

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
    """Exchange greetings; a node that was restored and did not notice is told, and begins anew.

    Raises NotInStep when the releases of the two are too far apart, or the host holds this node.
    """
    said = _hello(engine, line)
    if said["is_restored"]:
        with transaction(engine) as session:
            epochs.renew(session)
        log.warning("the host has more of this node than it has itself: it was restored")
        said = _hello(engine, line)
    host = str(said["name"])
    why = str(said["held"]) or _why_not(engine, host, said)
    if why and not said["held"]:
        _hello(engine, line, held=why)
    with transaction(engine) as session:
        know(session, host, NodeKind.HOST)
        peer = peer_named(session, host, lock=True, greets=True)
        hold(peer, why)
        greeting = _noted(session, peer, said)
    if why:
        raise NotInStep(f"{host} and this node wait: {why}", hint="this is tried again by itself")
    return greeting


def _noted(session: Session, peer: DatasyncPeer, said: Mapping[str, Any]) -> Greeting:
    """Write down what the host said of itself, and see whether its queue will do."""
    epoch, head = UUID(said["epoch"]), int(said["head"])
    if peer.epoch != epoch:
        peer.epoch, peer.is_filled = epoch, False
    reaches = int(said["begins_after"]) <= peer.received_pos <= head
    # What an older release left out of what came is fetched now.
    was_upgraded = releases.known_by_now(peer.dropped)
    peer.is_filled = peer.is_filled and reaches and not was_upgraded
    peer.release, peer.dropped = str(said["release"]), releases.unknown(said["columns"])
    # Only the host knows what it has; after a restore that is less than it said once.
    peer.sent_pos = int(said["received"])
    return Greeting(
        host=peer.name,
        epoch=epoch,
        head=head,
        is_in_step=peer.is_filled,
        has_lost=peer.sent_pos < reading.begins_after(session),
    )


def _why_not(engine: Engine, host: str, said: Mapping[str, Any]) -> str:
    """Judge the host's release, where this node is the newer one; empty when all is well."""
    with transaction(engine, read_only=True) as session:
        ours = reading.release(session)
    theirs = str(said["release"])
    if releases.place(theirs) is None and not said["knows_release"]:
        return releases.strangers(ours, theirs, host)
    return releases.too_far(ours, theirs, host)


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


def _hello(engine: Engine, line: Line, *, held: str = "") -> dict[str, Any]:
    with transaction(engine, read_only=True) as session:
        ours, end = reading.epoch(session), reading.head(session)
        release = reading.release(session)
    sends = {name: one.columns for name, one in synced().items() if one.sync.flow is Flow.BOTH}
    return line.hello(
        {"epoch": str(ours), "head": end, "release": release, "columns": sends, "held": held}
    )
