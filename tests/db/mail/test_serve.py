# SPDX-License-Identifier: Apache-2.0
"""The service as systemd runs it: a process of its own, a Unix socket, signals, bad times."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from poser.db import transaction
from poser.mail import queue
from poser.mail.emails import TRIAL
from poser.mail.serve import LOOKS_EVERY_S
from tests.db.mail.conftest import Node
from tests.support.mail import Postbox, on_socket
from tests.support.postgresql import Server

pytestmark = pytest.mark.postgresql


@dataclass
class Service:
    process: "subprocess.Popen[str]"
    line: socket.socket
    log: Path

    def says(self, state: str, within_s: float = 30.0) -> None:
        """Wait until systemd would hear `state`."""
        self.line.settimeout(within_s)
        try:
            while state not in self.line.recv(4096).decode().split("\n"):
                continue
        except TimeoutError:
            self.process.kill()
            raise AssertionError(f"never said {state}: {self.log.read_text()}") from None

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


def start(node: Node, folder: Path) -> Service:
    line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    line.bind(str(folder / "notify"))
    with (folder / "log").open("a") as log:
        process = subprocess.Popen(
            (sys.executable, "-m", "poser.mail.serve", "--config", str(node.path)),
            env={**os.environ, "NOTIFY_SOCKET": str(folder / "notify")},
            stderr=log, text=True,
        )  # fmt: skip
    return Service(process, line, folder / "log")


@pytest.fixture
def service(node: Node, tmp_path: Path) -> Iterator[Service]:
    node.server = f"unix:{tmp_path}/smtp"
    made = start(node, tmp_path)
    try:
        yield made
    finally:
        made.line.close()
        made.process.kill()
        made.process.wait()


@pytest.fixture
def over_socket(postbox: Postbox, tmp_path: Path) -> Iterator[None]:
    server = on_socket(postbox, tmp_path / "smtp")
    server.start()
    yield
    server.stop()


def queue_trial(node: Node) -> None:
    with transaction(node.engine) as session:
        queue(session, TRIAL, data=TRIAL.sample)


def until(condition: Callable[[], object], within_s: float) -> None:
    give_up = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.01)


@pytest.mark.usefixtures("over_socket")
def test_mail_goes_when_it_is_committed_until_the_service_is_stopped(
    node: Node, service: Service
) -> None:
    service.says("WATCHDOG=1")
    queue_trial(node)
    until(lambda: node.postbox.came, within_s=LOOKS_EVERY_S / 3)
    assert node.subjects() == ["Poser can send mail from store-1"]
    assert service.stop() == 0
    assert "mail sent" in service.log.read_text()


@pytest.mark.usefixtures("over_socket")
def test_it_goes_on_after_the_database_ended_its_connections(
    node: Node, service: Service, postgresql: Server
) -> None:
    service.says("READY=1")
    postgresql.end_connections(str(node.engine.url.database))
    node.engine.dispose()
    queue_trial(node)
    until(lambda: node.postbox.came, 30)
    assert service.process.poll() is None


def test_it_sends_when_the_mail_server_comes_back(
    node: Node, service: Service, tmp_path: Path
) -> None:
    queue_trial(node)
    until(lambda: "mail cannot be sent now" in service.log.read_text(), 60)
    assert node.postbox.came == []
    server = on_socket(node.postbox, tmp_path / "smtp")
    server.start()
    try:
        until(lambda: node.postbox.came, 30)
    finally:
        server.stop()
    service.stop()
    assert service.log.read_text().count("mail cannot be sent now") == 1


@pytest.mark.usefixtures("over_socket")
def test_killed_in_the_middle_nothing_is_lost(node: Node, service: Service, tmp_path: Path) -> None:
    service.says("READY=1")
    for _ in range(100):
        queue_trial(node)
    until(lambda: node.postbox.came, 30)
    service.process.kill()
    service.process.wait()
    (tmp_path / "notify").unlink()
    with node.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE emails SET due_at = now() WHERE status = 'waiting'")
    again = start(node, tmp_path)
    try:
        until(lambda: len({one.message["Message-ID"] for one in node.postbox.came}) == 30, 60)
        assert len(node.postbox.came) <= 31, "at most the one that was under way comes twice"
        assert again.stop() == 0
    finally:
        again.line.close()
        again.process.kill()
        again.process.wait()


def test_a_mail_server_that_is_no_address_stops_it_with_one_line(node: Node) -> None:
    node.server = "nowhere"
    done = subprocess.run(
        (sys.executable, "-m", "poser.mail.serve", "--config", str(node.path)),
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("error: mail.server: 'nowhere' is neither HOST:PORT nor unix:")


def test_it_does_not_start_before_its_database_is_prepared(
    postgresql: Server, tmp_path: Path
) -> None:
    url = postgresql.url(postgresql.create())
    (tmp_path / "empty.conf").write_text(f"[db]\nurl = {url}\n", encoding="utf-8")
    done = subprocess.run(
        (sys.executable, "-m", "poser.mail.serve", "--config", str(tmp_path / "empty.conf")),
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    error, hint = done.stderr.splitlines()
    assert error.startswith("error: database 'poser' has no tables at all, but this release needs")
    assert hint == "hint: bring it up to date: poser db upgrade"
