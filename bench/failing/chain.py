# SPDX-License-Identifier: Apache-2.0
"""A host over a database that is there twice, and a store that dials it, as their daemons run."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import psycopg2
from sqlalchemy import text

from bench.failing.patroni import Twice, eventually
from bench.measure.cluster import Cluster
from poser.datasync import epochs
from poser.db import engine, transaction
from poser.db.migrations import upgrade
from poser.model import NodeKind
from tests.support.daemons import Running, hosted
from tests.support.nodes import Node

RATE = 20
_PRODUCTS = "INSERT INTO products (description) SELECT 'Bench ' || n FROM generate_series(1, :n) n"
_IN_STEP = "SELECT coalesce(bool_and(is_filled), false) FROM datasync_peers"
COMPARED = "this node is compared with the host"


@dataclass(slots=True)
class Chain:
    """The nodes, and the processes of the host and of the store."""

    host: Node
    store: Node
    running: Running

    @property
    def hub(self) -> int:
        """The id of the process that serves the store."""
        return self.running.processes["hub"].pid

    def compared(self) -> int:
        """Return how often the store was compared as a whole so far."""
        return self.running.log("store").count(COMPARED)

    def compare(self) -> float:
        """Begin a new epoch at the host, as after a fail-over; returns the seconds it took."""
        before = self.compared()
        self.host.do(epochs.renew)
        # The store learns of it when it asks for more: give it something to come for.
        self.host.run("INSERT INTO brands (name) VALUES (gen_random_uuid()::text)")
        eventually(lambda: self.compared() > before, "the store was not compared")
        began = time.monotonic()
        self.wait_until_in_step()
        return time.monotonic() - began

    def wait_until_in_step(self) -> None:
        """Wait until the store has been compared and has every brand of the host."""
        count = "SELECT count(*) FROM brands"

        def is_in_step() -> bool:
            return bool(self.store.one(_IN_STEP)) and self.store.one(count) == self.host.one(count)

        eventually(is_in_step, "the store is not in step")


@contextmanager
def chain(folder: Path, pair: Twice, products: int) -> Iterator[Chain]:
    """Run host and store; the store has everything when this yields."""
    with ExitStack() as stack:
        own = Cluster(folder / "store", {"shared_buffers": "256MB"})
        own.create()
        own.start()
        stack.callback(own.stop)
        urls = {}
        for name, where in (("host", pair), ("store", own)):
            with closing(psycopg2.connect(where.dsn("postgres"))) as line:
                line.autocommit = True
                with line.cursor() as cursor:
                    cursor.execute("CREATE ROLE poser LOGIN")  # the migrations grant it its work
                    for database in ("poser", "trainwreck"):
                        cursor.execute(f"CREATE DATABASE {database} TEMPLATE template0")
            for database in ("poser", "trainwreck"):
                upgrade(database, where.url(database))
                urls[name, database] = engine(where.url(database))
                stack.callback(urls[name, database].dispose)
        host = Node("host-1", NodeKind.HOST, urls["host", "poser"])
        store = Node("store-1", NodeKind.STORE, urls["store", "poser"], ("1",))
        host.run("INSERT INTO stores (number, name) VALUES ('1', 'North')")
        host.run(_PRODUCTS, n=products)
        sales = urls["host", "trainwreck"], urls["store", "trainwreck"]
        running = stack.enter_context(hosted(folder, host, sales[0], store))
        running.join(store, sales[1])
        made = Chain(host, store, running)
        eventually(
            lambda: store.one("SELECT count(*) FROM products") == products, "it is not filled"
        )
        made.wait_until_in_step()
        yield made


@dataclass(slots=True)
class Writer:
    """Writes brands to the host without a pause, and notes which were acknowledged and when.

    `gaps` has the seconds between an acknowledged commit and the next one.
    """

    pair: Twice
    mark: str
    acknowledged: list[str] = field(default_factory=list)
    at: list[float] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread = field(init=False)

    def __enter__(self) -> Self:
        """Begin."""
        self._thread = threading.Thread(target=self._write)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """End; what is acknowledged is final."""
        self._stop.set()
        self._thread.join()

    def gap(self) -> float:
        """Return for how long nothing was acknowledged, at the longest."""
        return max(late - soon for soon, late in zip(self.at, self.at[1:], strict=False))

    def _write(self) -> None:
        number = 0
        while not self._stop.is_set():
            with (
                suppress(psycopg2.Error),
                closing(psycopg2.connect(self.pair.dsn("poser"))) as line,
            ):
                line.autocommit = True
                with line.cursor() as cursor:
                    cursor.execute("SET statement_timeout = '5s'")
                    while not self._stop.wait(1 / RATE):
                        number += 1
                        name = f"{self.mark} {number}"
                        cursor.execute("INSERT INTO brands (name) VALUES (%s)", [name])
                        self.acknowledged.append(name)
                        self.at.append(time.monotonic())
            self._stop.wait(0.2)


def lacking(node: Node, names: list[str]) -> set[str]:
    """Return which of the brands a node does not have."""
    with transaction(node.engine, read_only=True) as session:
        there = set(session.scalars(text("SELECT name FROM brands")))
    return set(names) - there
