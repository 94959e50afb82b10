# SPDX-License-Identifier: Apache-2.0
"""Whatever is written where and sent when, in the end all nodes have the same."""

import contextlib
import random
from uuid import UUID

import pytest

from poser.datasync.declared import synced
from poser.datasync.exchange import give
from poser.db.refused import Refused
from poser.model import DatasyncPeer, NodeKind
from tests.support.nodes import Chain, Node

pytestmark = pytest.mark.postgresql

TABLES = ("people", "customers", "phones", "notes", "customer_people")
KEYS = [UUID(int=0x0190AAAA_0000_7000_8000_000000000000 + n) for n in range(6)]


def write(node: Node, chance: random.Random) -> None:
    """Do one thing that a clerk might do; what the node's own rules refuse was not done."""
    key, other = chance.choice(KEYS), chance.choice(KEYS)
    word = f"{node.name} {chance.randrange(1000)}"
    statements = [
        (
            "INSERT INTO people (id, display_name) VALUES (:key, :word)"
            " ON CONFLICT (id) DO UPDATE SET display_name = :word"
        ),
        (
            "INSERT INTO customers (id, number, name) VALUES (:key, :number, :word)"
            " ON CONFLICT (id) DO UPDATE SET name = :word"
        ),
        "UPDATE customers SET number = :number WHERE id = :key",
        (
            "UPDATE customers SET holder_id = (SELECT id FROM people WHERE id = :other)"
            " WHERE id = :key"
        ),
        (
            "INSERT INTO phones (id, customer_id, kind, number, ordinal)"
            " SELECT :key, id, 'mobile', :word, :place FROM customers WHERE id = :other"
            " ON CONFLICT (id) DO UPDATE SET number = :word"
        ),
        (
            "INSERT INTO notes (id, kind, text, customer_id)"
            " SELECT :key, 'general', :word, id FROM customers WHERE id = :other"
            " ON CONFLICT (id) DO UPDATE SET text = :word"
        ),
        (
            "INSERT INTO customer_people (id, customer_id, person_id)"
            " SELECT :key, c.id, p.id FROM customers c, people p"
            " WHERE c.id = :other AND p.id = :key ON CONFLICT (id) DO NOTHING"
        ),
        "DELETE FROM customers WHERE id = :key",
        "DELETE FROM phones WHERE id = :key",
        "DELETE FROM people WHERE id = :key",
    ]
    values = {
        "key": key,
        "other": other,
        "word": word,
        # Two nodes that give one number to two customers ask a person, and are not alike till then.
        "number": f"{node.name} {chance.randrange(1, 9)}",
        "place": 10 * len(node.name) + chance.randrange(10) + 100 * int(node.name == "store-2"),
    }
    weights = [4, 4, 2, 2, 3, 3, 2, 1, 1, 1]
    chosen = chance.choices(statements, weights)[0]
    asked = {name: value for name, value in values.items() if f":{name}" in chosen}
    with contextlib.suppress(Refused):
        node.run(chosen, **asked)


def send_some(chain: Chain, chance: random.Random) -> None:
    """Carry one part between two nodes, perhaps a small one, perhaps twice, perhaps stale."""
    peer = chance.choice(list(chain.peers))
    giver, taker = (peer, chain.host) if chance.random() < 0.5 else (chain.host, peer)
    if chance.random() < 0.7:
        chain.queue(giver)
    part = chain.part(giver, taker, rows=chance.choice([1, 3, 5000]))
    if chance.random() < 0.3:
        write(taker, chance)
    for _ in range(chance.choice([1, 1, 2])):
        chain.take(taker, giver, part)


def settle(chain: Chain) -> None:
    for _ in range(8):
        chain.settle(1)
        for peer in chain.peers:
            chain.again(peer, chain.host)
            chain.again(chain.host, peer)


def contents(node: Node, table: str) -> list[tuple[object, ...]]:
    columns = ", ".join(synced()[table].columns)
    return node.rows(f"SELECT {columns} FROM {table} ORDER BY id")  # noqa: S608


@pytest.mark.parametrize("seed", range(12))
def test_all_nodes_end_alike(chain: Chain, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - to be repeatable
    nodes = [chain.host, *chain.peers]
    for _ in range(60):
        if chance.random() < 0.6:
            write(chance.choice(nodes), chance)
        else:
            send_some(chain, chance)
    settle(chain)
    wrong = [
        f"{table} on {peer.name}"
        for table in TABLES
        for peer in chain.peers
        if peer.kind is NodeKind.STORE or synced()[table].sync.on_cloud
        if contents(peer, table) != contents(chain.host, table)
    ]
    waits = {
        node.name: node.rows("SELECT table_name, key, tries, error FROM datasync_parked")
        for node in nodes
    }
    assert not wrong, (wrong, waits)


def test_what_a_store_changed_stays_until_the_host_has_decided(chain: Chain) -> None:
    """What the host gave before it had the store's change does not undo that change."""
    store, key = chain["store-1"], KEYS[0]
    chain.host.run("INSERT INTO people (id, display_name) VALUES (:key, 'first')", key=key)
    chain.settle()
    chain.host.run("UPDATE people SET display_name = 'host'")
    chain.queue(chain.host)
    old = chain.part(chain.host, store)
    store.run("UPDATE people SET display_name = 'store'")
    chain.up(store)
    chain.take(store, chain.host, old)
    assert store.one("SELECT display_name FROM people") == "store", "until the host has decided"
    chain.settle()
    names = {node.one("SELECT display_name FROM people") for node in (chain.host, *chain.peers)}
    assert names == {"host"}
    peer = chain.host.do(lambda s: s.query(DatasyncPeer).filter_by(name="store-1").one())
    assert peer.received_pos > 0
    assert chain.host.do(lambda s: give(s, "store-1", after=0)).received == peer.received_pos
