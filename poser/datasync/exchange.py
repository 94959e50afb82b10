# SPDX-License-Identifier: Apache-2.0
"""One node's side of an exchange with a peer: give it the next part, take a part from it.

Both are what the transports are built of (the hub and its clients), and know nothing of them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from poser.clock import utc_now
from poser.datasync import reading, releases
from poser.datasync.applying import Applied, apply, retry
from poser.datasync.moving import Moved, move
from poser.datasync.reading import ROWS, Part, begins_after, epoch, head, read, reader_of
from poser.errors import PoserError
from poser.model import DatasyncPeer, NodeKind, PeerState


class NotInStep(PoserError, RuntimeError):  # noqa: N818 - what happened
    """Nothing goes to or from a peer now, and the message says why."""


def know(session: Session, name: str, kind: NodeKind, stores: Sequence[str] = ()) -> None:
    """Make a peer known, or note that its kind or its stores are others now."""
    values = {"kind": str(kind), "stores": list(stores)}
    row = insert(DatasyncPeer).values(name=name, **values)
    session.execute(row.on_conflict_do_update(index_elements=["name"], set_=values))


def peer_named(
    session: Session, name: str, *, lock: bool = False, greets: bool = False
) -> DatasyncPeer:
    """Return a peer, locked until the transaction ends if wanted; raises NotInStep.

    One that is held may still greet: it says whether it has to be held any longer.
    """
    asked = select(DatasyncPeer).where(DatasyncPeer.name == name)
    if lock:
        asked = asked.with_for_update()
    peer = session.scalars(asked).one_or_none()
    if peer is None:
        raise NotInStep(
            f"{name} is no node that this one is kept in step with",
            hint="the setting datasync.peers of the host names them; fab provision writes it",
        )
    if peer.state != PeerState.ACTIVE and not (greets and peer.state == PeerState.HELD):
        raise NotInStep(
            f"{name} is {peer.state}: {peer.note}", hint=f"poser datasync resume {name}"
        )
    return peer


def queue(session: Session) -> Moved:
    """Move captured changes into the queue of this node."""
    host = session.execute(
        select(DatasyncPeer.name, DatasyncPeer.received_pos).where(
            DatasyncPeer.kind == NodeKind.HOST
        )
    ).one_or_none()
    return move(session, base=host[1], but_from=host[0]) if host is not None else move(session)


def greet(session: Session, name: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """Tell a peer where this node is, given where it says that it is itself.

    `said` has `epoch` (a UUID), `head` (of its queue), `release`, the `columns` that it may send
    and, as `held`, why it wants to wait. A peer whose queue is shorter than what is applied of it
    here was restored from a backup without noticing it.
    """
    peer = peer_named(session, name, lock=True, greets=True)
    peer.epoch = said["epoch"]
    peer.release = said["release"]
    peer.seen_at = utc_now()
    ours = reading.release(session)
    hold(peer, said["held"] or releases.too_far(ours, peer.release, name) or _too_new(peer, said))
    return {
        "epoch": str(epoch(session)),
        "received": peer.received_pos,
        "head": head(session),
        "begins_after": begins_after(session),
        "is_restored": peer.received_pos > said["head"],
        "release": ours,
        "knows_release": releases.place(peer.release) is not None,
        "columns": reading.columns(reader_of(session, peer)),
        "held": peer.note if peer.state == PeerState.HELD else "",
    }


def hold(peer: DatasyncPeer, why: str) -> None:
    """Let nothing go to or from a peer that greets, and say why; with no reason it goes on."""
    peer.state, peer.note = (PeerState.HELD, why) if why else (PeerState.ACTIVE, "")


def _too_new(peer: DatasyncPeer, said: Mapping[str, Any]) -> str:
    """Say what would be lost of what a peer sends; it keeps it until this node can take it."""
    lacks = releases.unknown(said["columns"])
    if not lacks:
        return ""
    return f"{peer.name} sends {', '.join(lacks)}, which this node lacks: upgrade this node"


def give(session: Session, name: str, *, after: int, rows: int = ROWS) -> Part:
    """Read what a peer gets next; that it asks is its word that it applied all up to `after`."""
    return read(session, peer_named(session, name), after, rows=rows)


def take(session: Session, name: str, part: Part, *, is_host: bool) -> Applied:
    """Write what a peer sent; raises OutOfStep when it does not follow what is here."""
    peer = peer_named(session, name, lock=True)
    if peer.epoch is None:
        peer.epoch = part.epoch
    applied = apply(session, peer, part, is_host=is_host)
    peer.sent_pos = max(peer.sent_pos, part.received)
    peer.seen_at = utc_now()
    if part.upto >= part.head:
        peer.in_step_at = utc_now()
    return applied


def take_again(session: Session, name: str, *, is_host: bool, now: datetime) -> Applied:
    """Try again what a peer sent and the database refused, as far as it is due."""
    return retry(session, peer_named(session, name, lock=True), now, is_host=is_host)
