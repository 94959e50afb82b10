# SPDX-License-Identifier: Apache-2.0
"""Real daemons of nodes and a real hub over TLS, started and killed at will."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine

from tests.support.nodes import Node
from tests.support.tls_front import Authority, front

PATIENCE_S = 60.0


def eventually(what: Callable[[], object], *, within_s: float = PATIENCE_S) -> float:
    """Wait until something holds; returns for how many seconds."""
    began = time.monotonic()
    while not what():
        assert time.monotonic() < began + within_s, "it did not come true in time"
        time.sleep(0.05)
    return time.monotonic() - began


@dataclass
class Running:
    """The processes of the nodes, started and killed at will; `port` is the host's door."""

    folder: Path
    authority: Authority
    port: int = 0
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    commands: dict[str, tuple[list[str], Path]] = field(default_factory=dict)

    def configure(
        self, node: Node, sales: Engine, *, signed: tuple[Path, Path] | None = None, **more: str
    ) -> Path:
        """Write the settings of a node, with the files of another certificate if wanted."""
        certificate, key = signed or self.authority.sign(node.name)
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

    def join(self, node: Node, sales: Engine, *, port: int = 0, **more: str) -> None:
        """Run the daemon of a node that dials the host, or what is at another port."""
        url = f"https://127.0.0.1:{port or self.port}"
        config = self.configure(node, sales, **{"host_url": url, **more})
        self.start("store", ["poser.cli", "datasync", "run"], config)

    def start(self, name: str, words: list[str], config: Path) -> None:
        self.commands[name] = (words, config)
        log = (self.folder / f"{name}.log").open("ab")
        environment = {**os.environ, "POSER_CONFIG": str(config)}
        self.processes[name] = subprocess.Popen(
            [sys.executable, "-m", *words], env=environment, stdout=log, stderr=log
        )
        log.close()

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def poser(self, name: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Type `poser` with words behind it on the node of a process, as a sysadmin does."""
        _, config = self.commands[name]
        return subprocess.run(
            [sys.executable, "-m", "poser.cli", "-c", str(config), *words],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

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


def listens(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def served(folder: Path, host: Node, sales: Engine, *stores: Node) -> Iterator[Running]:
    """Run the host's hub alone, for stores that do not run yet."""
    made = Running(folder, Authority.make(folder))
    behind = free_port()
    peers = "; ".join(f"{one.name} store {'+'.join(one.stores)}" for one in stores)
    config = made.configure(host, sales, peers=peers)
    with config.open("a") as file:
        file.write(f"[hub]\nbind = 127.0.0.1:{behind}\n")
    with front(made.authority, behind) as made.port:
        try:
            made.start("hub", ["web.hub.serve"], config)
            eventually(lambda: listens(behind))
            yield made
        finally:
            made.stop()


@contextmanager
def hosted(folder: Path, host: Node, sales: Engine, *stores: Node) -> Iterator[Running]:
    """Run the host's hub and daemon, for stores that do not run yet."""
    with served(folder, host, sales, *stores) as made:
        made.start("host", ["poser.cli", "datasync", "run"], folder / f"{host.name}.conf")
        yield made


@contextmanager
def running(
    folder: Path, host: Node, store: Node, sales: tuple[Engine, Engine]
) -> Iterator[Running]:
    """Run the host's hub and daemon, and the store's daemon."""
    with hosted(folder, host, sales[0], store) as made:
        made.join(store, sales[1])
        yield made
