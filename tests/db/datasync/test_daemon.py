# SPDX-License-Identifier: Apache-2.0
"""Real daemons and a real hub over TLS: what is written on one node is soon on the other."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from poser.db import transaction
from poser.model import NodeKind
from tests.support.nodes import Node
from tests.support.sales import add_pos_transaction
from tests.support.tls_front import Authority, front

pytestmark = pytest.mark.postgresql

PATIENCE_S = 60.0


def eventually(what: Callable[[], object], *, within_s: float = PATIENCE_S) -> None:
    """Wait until something holds."""
    end = time.monotonic() + within_s
    while not what():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.05)


@dataclass
class Running:
    """The processes of the nodes, started and killed at will."""

    folder: Path
    authority: Authority
    stack: ExitStack
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    commands: dict[str, tuple[list[str], Path]] = field(default_factory=dict)

    def configure(self, node: Node, sales: Engine, **more: str) -> Path:
        certificate, key = self.authority.sign(node.name)
        url = node.engine.url.render_as_string(hide_password=False)
        path = self.folder / f"{node.name}.conf"
        settings = {
            "node": node.name,
            "kind": str(node.kind),
            "certificate": str(certificate),
            "key": str(key),
            "authority": str(self.folder / "authority.pem"),
            **more,
        }
        lines = "".join(f"{name} = {value}\n" for name, value in settings.items())
        trainwreck = sales.url.render_as_string(hide_password=False)
        path.write_text(f"[db]\nurl = {url}\n[trainwreck]\nurl = {trainwreck}\n[datasync]\n{lines}")
        return path

    def start(self, name: str, words: list[str], config: Path) -> None:
        self.commands[name] = (words, config)
        log = (self.folder / f"{name}.log").open("ab")
        environment = {**os.environ, "POSER_CONFIG": str(config)}
        self.processes[name] = subprocess.Popen(
            [sys.executable, "-m", *words], env=environment, stdout=log, stderr=log
        )
        log.close()

    def kill(self, name: str) -> None:
        process = self.processes.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def again(self, name: str) -> None:
        self.start(name, *self.commands[name])

    def stop(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            process.wait(timeout=20)


def free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


@contextmanager
def running(
    folder: Path, host: Node, store: Node, sales: tuple[Engine, Engine]
) -> Iterator[Running]:
    """Run the host's hub and daemon, and the store's daemon."""
    with ExitStack() as stack:
        made = Running(folder, Authority.make(folder), stack)
        stack.callback(made.stop)
        behind = free_port()
        config = made.configure(
            host, sales[0], peers=f"{store.name} store {'+'.join(store.stores)}"
        )
        with config.open("a") as file:
            file.write(f"[hub]\nbind = 127.0.0.1:{behind}\n")
        port = stack.enter_context(front(made.authority, behind))
        made.start("hub", ["web.hub.serve"], config)
        made.start("host", ["poser.cli", "datasync", "run"], config)
        other = made.configure(store, sales[1], host_url=f"https://127.0.0.1:{port}")
        made.start("store", ["poser.cli", "datasync", "run"], other)
        yield made


@pytest.fixture
def nodes(new_database: Callable[[str], object]) -> tuple[Node, Node]:
    host = Node("host-1", NodeKind.HOST, new_database("poser"))  # type: ignore[arg-type]
    store = Node("store-1", NodeKind.STORE, new_database("poser"), ("1",))  # type: ignore[arg-type]
    host.run("INSERT INTO stores (number, name) VALUES ('1', 'North')")
    return host, store


def count(node: Node, table: str) -> object:
    return node.one(f"SELECT count(*) FROM {table}")  # noqa: S608


@pytest.fixture
def sales(new_database: Callable[[str], Engine]) -> tuple[Engine, Engine]:
    return new_database("trainwreck"), new_database("trainwreck")


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
            assert process.poll() is None, (name, (tmp_path / f"{name}.log").read_text())
