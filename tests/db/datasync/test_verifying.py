# SPDX-License-Identifier: Apache-2.0
"""`verify` and `reseed` typed on a store, over TLS and the real hub; a store that was away long."""

import signal
from pathlib import Path

import pytest
from sqlalchemy import Engine

from poser.cli.app import DIFFERS
from tests.support.daemons import Running, eventually, running
from tests.support.nodes import Node

pytestmark = pytest.mark.postgresql

A, B, C = (f"0190aaaa-0000-7000-8000-00000000000{n}" for n in "abc")
BRANDS = "SELECT id, name FROM brands ORDER BY id"


def spoil(store: Node) -> None:
    """Do to the store what datasync is not told of: a row gone, one otherwise, one of its own."""
    store.run(
        "DELETE FROM brands WHERE id = :a;"
        " UPDATE brands SET name = 'Spoilt' WHERE id = :b;"
        " INSERT INTO brands (id, name) VALUES (:c, 'Its own');"
        " DELETE FROM capture",
        a=A,
        b=B,
        c=C,
    )


def fill(host: Node, store: Node) -> None:
    host.run("INSERT INTO brands (id, name) VALUES (:a, 'Acme'), (:b, 'Bolt')", a=A, b=B)
    eventually(lambda: store.one("SELECT count(*) FROM brands") == 2)
    eventually(lambda: store.one("SELECT bool_and(is_filled) FROM datasync_peers"))


def typed(made: Running, *words: str, code: int = 0) -> str:
    done = made.poser("store", "datasync", *words)
    assert done.returncode == code, done.stderr
    return done.stdout


def test_what_differs_is_named_and_mended(
    nodes: tuple[Node, Node], sales: tuple[Engine, Engine], tmp_path: Path
) -> None:
    host, store = nodes
    with running(tmp_path, host, store, sales) as made:
        fill(host, store)
        assert typed(made, "verify") == "this node is as host-1 is\n"
        spoil(store)
        assert typed(made, "verify", "--table", "vendors") == "this node is as host-1 is\n"
        said = typed(made, "verify", code=DIFFERS)
        head, row, hint = said.splitlines()
        assert head.split()[:4] == ["table", "missing", "extra", "other"]
        assert row.split() == ["brands", "1", "1", "1", A, C, B]
        assert "--mend" in hint
        assert store.one("SELECT count(*) FROM brands WHERE name = 'Spoilt'") == 1
        assert "mended" in typed(made, "verify", "--mend")
        assert store.rows(BRANDS) == host.rows(BRANDS)
        assert typed(made, "verify") == "this node is as host-1 is\n"


def test_reseed_makes_it_the_same_and_brings_what_was_written_here(
    nodes: tuple[Node, Node], sales: tuple[Engine, Engine], tmp_path: Path
) -> None:
    host, store = nodes
    with running(tmp_path, host, store, sales) as made:
        fill(host, store)
        made.kill("store")
        spoil(store)
        store.run("INSERT INTO customers (number, name) VALUES ('1', 'Kim')")
        assert "brands" in typed(made, "verify", code=DIFFERS)
        assert host.one("SELECT count(*) FROM customers") == 0
        assert typed(made, "reseed") == "this node is as host-1 is; 3 rows were not\n"
        assert store.rows(BRANDS) == host.rows(BRANDS)
        assert host.one("SELECT count(*) FROM customers") == 1
        # The host is away: it is said, and nothing is changed.
        spoil(store)
        made.kill("hub")
        done = made.poser("store", "datasync", "reseed")
        assert done.returncode == 1
        assert "does not answer" in done.stderr
        assert "hint:" in done.stderr
        assert store.one("SELECT count(*) FROM brands WHERE name = 'Spoilt'") == 1


def test_a_store_that_was_off_longer_than_the_queue_reaches_back_converges(
    nodes: tuple[Node, Node], sales: tuple[Engine, Engine], tmp_path: Path
) -> None:
    host, store = nodes
    with running(tmp_path, host, store, sales) as made:
        fill(host, store)
        host.run("INSERT INTO brands (name) SELECT 'Brand ' || n FROM generate_series(1, 300) n")
        eventually(lambda: store.one("SELECT count(*) FROM brands") == 302)
        made.kill("store")
        store.run("INSERT INTO customers (number, name) VALUES ('1', 'Kim')")
        host.run("DELETE FROM brands WHERE name LIKE 'Brand %7'")
        host.run("UPDATE brands SET name = 'New ' || name WHERE name LIKE 'Brand %3'")
        host.run("INSERT INTO brands (name) VALUES ('Late')")
        eventually(lambda: host.one("SELECT count(*) FROM capture") == 0)
        # Eight days later: datasync.keep is over, and the sweeper of a daemon looks as it starts.
        host.run("UPDATE datasync_changes SET at = at - interval '8 days'")
        for name in ("host", "hub"):  # the hub knows the newest changes by heart
            made.kill(name)
            made.again(name)
        eventually(lambda: host.one("SELECT count(*) FROM datasync_changes") == 1)
        host.run("INSERT INTO brands (name) VALUES ('Later')")
        eventually(lambda: host.one("SELECT count(*) FROM datasync_changes") == 2)
        made.again("store")
        eventually(lambda: store.rows(BRANDS) == host.rows(BRANDS))
        assert store.one("SELECT count(*) FROM brands WHERE name LIKE 'Brand %7'") == 0
        eventually(lambda: host.one("SELECT count(*) FROM customers") == 1)
        assert made.log("store").count("this node is compared with the host") == 2
        # From here on by changes again.
        host.run("UPDATE brands SET name = 'Latest' WHERE name = 'Later'")
        eventually(lambda: store.rows(BRANDS) == host.rows(BRANDS))
        assert store.one("SELECT count(*) FROM datasync_parked") == 0
        assert store.one("SELECT count(*) FROM customers") == 1


def test_a_store_that_slept_for_longer_and_did_not_notice_converges(
    nodes: tuple[Node, Node], sales: tuple[Engine, Engine], tmp_path: Path
) -> None:
    """As a machine that was suspended: it asks on where it stopped, without saying hello."""
    host, store = nodes
    with running(tmp_path, host, store, sales) as made:
        fill(host, store)
        made.processes["store"].send_signal(signal.SIGSTOP)
        host.run("DELETE FROM brands WHERE id = :a", a=A)
        host.run("INSERT INTO brands (name) VALUES ('The last one is kept')")
        eventually(lambda: host.one("SELECT count(*) FROM capture") == 0)
        host.run("UPDATE datasync_changes SET at = at - interval '8 days'")
        for name in ("host", "hub"):
            made.kill(name)
            made.again(name)
        host.run("INSERT INTO brands (name) VALUES ('Later')")
        eventually(lambda: host.one("SELECT count(*) FROM datasync_changes") == 2)
        made.processes["store"].send_signal(signal.SIGCONT)
        eventually(lambda: store.one("SELECT count(*) FROM brands WHERE name = 'Later'") == 1)
        eventually(lambda: store.rows(BRANDS) == host.rows(BRANDS))
