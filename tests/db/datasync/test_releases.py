# SPDX-License-Identifier: Apache-2.0
"""Nodes of different releases: one apart go on, those further apart wait and say so."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest

from poser.datasync import reading, releases
from poser.datasync.exchange import NotInStep, give, greet, take
from poser.datasync.filling import greet_host
from poser.db.branches import Revision
from tests.support.nodes import Chain, Node

pytestmark = pytest.mark.postgresql

TEA = "0190aaaa-0000-7000-8000-00000000000a"


@dataclass
class Direct:
    """A line that goes no way, and on which the host can be made another release."""

    chain: Chain
    peer: Node
    change: Callable[[dict[str, Any]], None] = lambda _: None
    tell: Callable[[dict[str, Any]], None] = lambda _: None

    def hello(self, said: dict[str, Any]) -> dict[str, Any]:
        sent = json.loads(json.dumps(said))
        self.tell(sent)
        sent["epoch"] = UUID(sent["epoch"])
        host = self.chain.host
        answer = host.do(lambda session: greet(session, self.peer.name, sent))
        answer = {"name": host.name, **json.loads(json.dumps(answer))}
        self.change(answer)
        return answer

    def greet(self) -> bool:
        return greet_host(self.peer.engine, self).is_in_step  # type: ignore[arg-type]


def state(node: Node, of: Node) -> tuple[object, ...]:
    asked = "SELECT state, note FROM datasync_peers WHERE name = :name"
    return node.rows(asked, name=of.name)[0]


def line(*ends: int) -> tuple[Revision, ...]:
    """Make a line of revisions; those of these numbers end a release."""
    return tuple(
        Revision(
            id=f"poser_{n:04}",
            after=None,
            phase="pre",
            needs=None,
            what="",
            ends_release=f"0.{n}" if n in ends else None,
        )
        for n in range(1, 10)
    )


@pytest.fixture
def store(chain: Chain) -> Direct:
    return Direct(chain, chain["store-1"])


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Say at which revisions nodes are, in a line of nine; three of these end a release."""

    def say(**revisions_of: tuple[Node, str]) -> None:
        known = {node.engine: revision for node, revision in revisions_of.values()}
        monkeypatch.setattr(releases, "revisions", lambda: line(3, 5, 7))
        monkeypatch.setattr(reading, "release", lambda session: known[session.get_bind().engine])

    return say


@pytest.mark.parametrize(
    ("host", "peer", "words"),
    [
        ("poser_0009", "poser_0009", ""),
        ("poser_0009", "poser_0006", ""),
        ("poser_0006", "poser_0009", ""),
        ("poser_0009", "poser_0005", "the releases 0.5, 0.7 ended between them"),
        ("poser_0003", "poser_0009", "the releases 0.3, 0.5, 0.7 ended between them"),
        ("poser_0009", "other_0001", "neither knows the other's revision"),
    ],
)
def test_one_release_may_lie_between(
    store: Direct,
    at: Callable[..., None],
    host: str,
    peer: str,
    words: str,
) -> None:
    at(host=(store.chain.host, host), peer=(store.peer, peer))
    if not words:
        store.greet()
        assert state(store.chain.host, store.peer) == ("active", "")
        return
    if peer == "other_0001":  # in one process there is one line of revisions
        store.change = lambda answer: answer.update(release="else_0001")
    with pytest.raises(NotInStep, match=words):
        store.greet()
    assert state(store.peer, store.chain.host)[0] == "held"
    told, note = state(store.chain.host, store.peer)
    assert told == "held", "the operator of the host sees it, too"
    assert peer in str(note)


def test_nothing_goes_either_way_while_held_and_all_of_it_after(
    store: Direct, at: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    host, peer = store.chain.host, store.peer
    host.run("INSERT INTO brands (id, name) VALUES (:id, 'Tea & Sons')", id=TEA)
    peer.run("INSERT INTO customers (number, name) VALUES ('1', 'Kim')")
    store.chain.queue(host)
    store.chain.queue(peer)
    at(host=(host, "poser_0009"), peer=(peer, "poser_0001"))
    with pytest.raises(NotInStep):
        store.greet()
    with pytest.raises(NotInStep, match="held"):
        host.do(lambda session: give(session, peer.name, after=0))
    part = replace(store.chain.part(host, store.chain["store-2"]), after=0)
    with pytest.raises(NotInStep, match="held"):
        peer.do(lambda session: take(session, host.name, part, is_host=False))
    # The peer is upgraded: it says so by itself, and nobody has to resume it.
    monkeypatch.undo()
    store.greet()
    assert state(peer, host) == state(host, peer) == ("active", "")
    store.chain.settle()
    assert peer.one("SELECT name FROM brands WHERE id = :id", id=TEA) == "Tea & Sons"
    assert host.one("SELECT count(*) FROM customers") == 1


def test_a_pause_is_not_ended_by_a_greeting(store: Direct) -> None:
    store.chain.host.run("UPDATE datasync_peers SET state = 'paused', note = 'repairs'")
    with pytest.raises(NotInStep, match="paused: repairs"):
        store.greet()
    assert state(store.chain.host, store.peer) == ("paused", "repairs")


def test_columns_of_a_newer_host_are_left_out_and_fetched_after_the_upgrade(store: Direct) -> None:
    host, peer = store.chain.host, store.peer
    peer.run("UPDATE datasync_peers SET is_filled = true, received_pos = 0")
    store.change = lambda answer: answer["columns"].update(
        brands=[*answer["columns"]["brands"], "colour"], scents=["id"]
    )
    store.greet()
    lacks = peer.one("SELECT dropped FROM datasync_peers WHERE name = :name", name=host.name)
    assert lacks == ["brands.colour", "scents.*"]
    host.run("INSERT INTO brands (id, name) VALUES (:id, 'Tea & Sons')", id=TEA)
    store.chain.queue(host)
    part = store.chain.part(host, peer)
    newer = replace(
        part,
        columns={**part.columns, "brands": (*part.columns["brands"], "colour")},
        changes=[
            replace(one, data=one.data and one.data[:-1] + ', "colour": "red"}')
            for one in part.changes
        ],
    )
    assert store.chain.take(peer, host, newer).parked == 0
    assert peer.one("SELECT name FROM brands WHERE id = :id", id=TEA) == "Tea & Sons"
    # After the upgrade this release has what was left out: all of it is compared.
    peer.run("UPDATE datasync_peers SET dropped = '{brands.name}', is_filled = true")
    store.change = lambda _: None
    assert not store.greet()
    assert peer.one("SELECT dropped FROM datasync_peers WHERE name = :name", name=host.name) == []


def test_what_an_older_host_would_lose_stays_on_the_store(store: Direct) -> None:
    store.tell = lambda said: said["columns"]["customers"].append("colour")
    with pytest.raises(NotInStep, match=r"store-1 sends customers\.colour, which this node lacks"):
        store.greet()
    assert state(store.chain.host, store.peer)[0] == "held"
    store.tell = lambda _: None
    store.greet()
    assert state(store.chain.host, store.peer) == ("active", "")


def test_a_row_queued_before_the_upgrade_clears_nothing(store: Direct) -> None:
    """Its sender has the new column by now and says so, but the row was written without it."""
    host, peer = store.chain.host, store.peer
    host.run("INSERT INTO customers (id, number, name) VALUES (:id, '1', 'Kim')", id=TEA)
    host.run("INSERT INTO customers (number, name) VALUES ('2', 'Lee')")
    store.chain.settle()
    host.run("UPDATE customers SET discount_percent = 5 WHERE number = '1'")
    store.chain.queue(host)
    store.chain.down(peer)
    peer.run("UPDATE customers SET name = name || ' jr'")
    store.chain.queue(peer)
    part = store.chain.part(peer, host)
    assert part.changes

    def without(data: str | None) -> str:
        row = json.loads(data or "")
        if row["number"] == "1":
            del row["discount_percent"], row["is_active_at_till"]
        return json.dumps(row)

    older = replace(part, changes=[replace(one, data=without(one.data)) for one in part.changes])
    assert store.chain.take(host, peer, older).parked == 0
    found = host.rows("SELECT name, CAST(discount_percent AS float) FROM customers ORDER BY number")
    assert found == [("Kim jr", 5), ("Lee jr", None)]
