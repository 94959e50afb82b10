# SPDX-License-Identifier: Apache-2.0
"""Real daemons and a real hub over TLS: what is written on one node is soon on the other."""

import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from poser.db import transaction
from tests.support.daemons import eventually, running
from tests.support.nodes import Node
from tests.support.sales import add_pos_transaction

pytestmark = pytest.mark.postgresql


def count(node: Node, table: str) -> object:
    return node.one(f"SELECT count(*) FROM {table}")  # noqa: S608


def ring(store: Engine, first: int, count: int) -> None:
    with transaction(store) as session:
        for number in range(first, first + count):
            add_pos_transaction(session.connection(), number, store_number="1")


def rung(host: Engine) -> object:
    with transaction(host, read_only=True) as session:
        return session.execute(text("SELECT count(*) FROM pos_transactions")).scalar()


def test_both_ways_and_whatever_is_killed(
    nodes: tuple[Node, Node], sales: tuple[Engine, Engine], tmp_path: Path
) -> None:
    host, store = nodes
    with running(tmp_path, host, store, sales) as made:
        eventually(lambda: count(store, "stores") == 1)
        host.run("INSERT INTO brands (name) VALUES ('Acme')")
        eventually(lambda: count(store, "brands") == 1)
        store.run("INSERT INTO customers (number, name) VALUES ('1', 'Kim')")
        eventually(lambda: count(host, "customers") == 1)
        for n, victim in enumerate(["store", "hub", "host", "store", "hub", "host"]):
            made.kill(victim)
            host.run(
                "INSERT INTO brands (name) SELECT :n || '-' || g FROM generate_series(1, 500) g",
                n=f"brand {n}",
            )
            store.run(
                "INSERT INTO customers (number, name)"
                " SELECT :n || g, 'Kim' FROM generate_series(1, 200) g",
                n=f"{n}-",
            )
            ring(sales[1], 1 + 30 * n, 30)
            made.again(victim)
            time.sleep(0.3)
        eventually(lambda: count(store, "brands") == 3001)
        eventually(lambda: count(host, "customers") == 1201)
        eventually(lambda: rung(sales[0]) == 180)
        assert host.rows("SELECT id, name FROM brands ORDER BY id") == store.rows(
            "SELECT id, name FROM brands ORDER BY id"
        )
        assert count(store, "datasync_parked") == count(host, "datasync_parked") == 0
        for name, process in made.processes.items():
            assert process.poll() is None, (name, made.log(name))
