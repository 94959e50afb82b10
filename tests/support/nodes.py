# SPDX-License-Identifier: Apache-2.0
"""Nodes that are kept in step inside one process: what their transports would carry."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

import poser.model
from poser.datasync.applying import Applied
from poser.datasync.comparing import OwnSide, make_same
from poser.datasync.declared import synced
from poser.datasync.exchange import give, know, queue, take, take_again
from poser.datasync.reading import Part, head, reader_of
from poser.db import transaction
from poser.model import DatasyncPeer, NodeKind

poser.model.load()

Result = TypeVar("Result")
LATER = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Node:
    """One node: its name, its kind, its database `poser`, the numbers of its stores."""

    name: str
    kind: NodeKind
    engine: Engine
    stores: tuple[str, ...] = ()

    @property
    def is_host(self) -> bool:
        return self.kind is NodeKind.HOST

    def do(self, work: Callable[[Session], Result]) -> Result:
        with transaction(self.engine) as session:
            return work(session)

    def one(self, sql: str, **values: object) -> object:
        return self.do(lambda session: session.execute(text(sql), values).scalar())

    def rows(self, sql: str, **values: object) -> list[tuple[object, ...]]:
        return self.do(lambda session: [tuple(row) for row in session.execute(text(sql), values)])

    def run(self, sql: str, **values: object) -> None:
        self.do(lambda session: session.execute(text(sql), values))


@dataclass(frozen=True)
class Chain:
    """A host and its peers, which know each other."""

    host: Node
    peers: Sequence[Node]

    def __post_init__(self) -> None:
        for peer in self.peers:
            self.host.do(lambda s, p=peer: know(s, p.name, p.kind, p.stores))
            peer.do(lambda s: know(s, self.host.name, NodeKind.HOST, ()))

    def __getitem__(self, name: str) -> Node:
        return next(one for one in (self.host, *self.peers) if one.name == name)

    def queue(self, node: Node) -> int:
        total = 0
        while (moved := node.do(queue)).taken:
            total += moved.taken
        return total

    def part(self, giver: Node, taker: Node, *, rows: int = 5000) -> Part:
        after = taker.do(
            lambda s: s.query(DatasyncPeer).filter_by(name=giver.name).one().received_pos
        )
        return giver.do(lambda s: give(s, taker.name, after=after, rows=rows))

    def take(self, taker: Node, giver: Node, part: Part) -> Applied:
        return taker.do(lambda s: take(s, giver.name, part, is_host=taker.is_host))

    def send(self, giver: Node, taker: Node, *, rows: int = 5000) -> list[Applied]:
        """Queue what the giver has and send all of it; returns what became of each part."""
        self.queue(giver)
        found = []
        while True:
            part = self.part(giver, taker, rows=rows)
            found.append(self.take(taker, giver, part))
            if part.upto >= part.head:
                break
        # What the answers tell the giver.
        giver.run(
            "UPDATE datasync_peers SET sent_pos = :upto WHERE name = :name",
            upto=part.upto,
            name=taker.name,
        )
        return found

    def up(self, peer: Node) -> list[Applied]:
        return self.send(peer, self.host)

    def down(self, peer: Node) -> list[Applied]:
        return self.send(self.host, peer)

    def again(self, node: Node, of: Node) -> Applied:
        return node.do(lambda s: take_again(s, of.name, is_host=node.is_host, now=LATER))

    def compare(self, peer: Node, *, keeps: bool = False, is_sent: bool = True) -> int:
        """Compare a peer with the host as a whole and make it the same."""
        if is_sent:
            self.up(peer)
        upto = end(self.host)
        with transaction(self.host.engine, read_only=True) as session:
            row = session.query(DatasyncPeer).filter_by(name=peer.name).one()
            side = OwnSide(session, reader_of(session, row))
            count = make_same(peer.engine, self.host.name, side, upto, keeps=keeps)

        def note(session: Session) -> None:
            host = session.query(DatasyncPeer).filter_by(name=self.host.name).one()
            host.received_pos = upto

        peer.do(note)
        return count

    def settle(self, rounds: int = 4) -> None:
        """Send everything there is, up and down, until nothing moves."""
        for _ in range(rounds):
            for peer in self.peers:
                self.up(peer)
                self.down(peer)


def filled(chain: Chain) -> None:
    """Bring what the host has to all peers."""
    chain.settle(1)


def differing(chain: Chain, tables: Sequence[str]) -> Iterator[str]:
    """Name the tables of which a store does not have just what the host has, and how."""
    for table in tables:
        columns = ", ".join(synced()[table].columns)
        asked = f"SELECT {columns} FROM {table} ORDER BY id"  # noqa: S608
        ours = chain.host.rows(asked)
        for peer in chain.peers:
            if peer.kind is NodeKind.STORE and (theirs := peer.rows(asked)) != ours:
                yield f"{table} on {peer.name}: {set(map(str, ours)) ^ set(map(str, theirs))}"


def end(node: Node) -> int:
    """Return the last place of a node's queue."""
    return node.do(head)
