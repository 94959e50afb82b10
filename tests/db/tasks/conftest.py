# SPDX-License-Identifier: Apache-2.0
"""A node with the service that does long work, as systemd would run it."""

import io
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine

from poser.db import transaction
from poser.db.authors import Author, Source, authored
from poser.model.tasks import Task, TaskStatus
from poser.tasks import ask

ENDED = {TaskStatus.DONE, TaskStatus.FAILED, TaskStatus.CANCELLED}


@dataclass
class Service:
    """The service, running; `line` is what it tells systemd."""

    process: "subprocess.Popen[str]"
    line: socket.socket
    log: Path

    def says(self, state: str, within_s: float = 60.0) -> None:
        """Wait until systemd would hear `state`."""
        self.line.settimeout(within_s)
        try:
            while state not in self.line.recv(4096).decode().split("\n"):
                continue
        except TimeoutError:
            self.process.kill()
            raise AssertionError(f"never said {state}: {self.log.read_text()}") from None

    def children(self) -> list[int]:
        """List its processes that do tasks."""
        of = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in of.read_text().split()]

    def stop(self) -> int:
        """Tell it to stop; returns its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


@dataclass
class Node:
    """Databases and a settings file, and short ways to ask for work and wait for it."""

    engine: Engine
    folder: Path

    @property
    def config(self) -> Path:
        """Write the settings file and return where it is."""
        path = self.folder / "poser.conf"
        url = self.engine.url.render_as_string(hide_password=False)
        path.write_text(f"[db]\nurl = {url}\n[poser]\nnode = shop\n", encoding="utf-8")
        return path

    def ask(self, kind: str, params: Mapping[str, object], **files: str) -> UUID:
        """Ask for work as ada, with files of these contents."""
        pieces = [(name, io.BytesIO(text.encode())) for name, text in files.items()]
        with (
            authored(Author(source=Source.WEB, user_name="ada", address="192.0.2.7")),
            transaction(self.engine) as session,
        ):
            return ask(session, kind, title="a test", params=params, files=pieces)

    def task(self, id_: UUID) -> Task:
        """Read a task as it is now."""
        with transaction(self.engine, read_only=True) as session:
            found = session.get_one(Task, id_)
            session.expunge(found)
            return found

    def ended(self, id_: UUID, within_s: float = 60.0) -> Task:
        """Wait until a task has ended."""
        until(lambda: self.task(id_).status in ENDED, within_s)
        return self.task(id_)


def until(condition: Callable[[], object], within_s: float = 60.0) -> None:
    """Wait until something holds."""
    give_up = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.05)


@pytest.fixture
def node(poser_db: Engine, tmp_path: Path) -> Node:
    """Make a node on a fresh database."""
    return Node(poser_db, tmp_path)


def start(node: Node) -> Service:
    """Start the service."""
    line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    place = node.folder / "notify"
    place.unlink(missing_ok=True)
    line.bind(str(place))
    with (node.folder / "log").open("a") as log:
        process = subprocess.Popen(
            (sys.executable, "-m", "poser.tasks.serve", "--config", str(node.config)),
            env={**os.environ, "NOTIFY_SOCKET": str(place)},
            stderr=log,
            text=True,
        )
    return Service(process, line, node.folder / "log")


@pytest.fixture
def service(node: Node) -> Iterator[Service]:
    """Run the service for a test."""
    made = start(node)
    try:
        yield made
    finally:
        for child in made.children() if made.process.poll() is None else ():
            os.kill(child, signal.SIGKILL)
        made.line.close()
        made.process.kill()
        made.process.wait()
