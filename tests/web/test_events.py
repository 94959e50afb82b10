# SPDX-License-Identifier: Apache-2.0
"""Event streams: a process of its own tells open pages that something changed."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine, select, text

from poser.db import transaction
from poser.db.authors import Author, Source, authored
from poser.model import User
from poser.model.tasks import TaskStatus
from poser.tasks import ask
from poser.tasks.queue import claim, end
from tests.web.conftest import Browser, Writer
from tests.web.factories import add_person
from tests.web.running import CHECKOUT, free_port, stop, write_settings
from web.app import create_app
from web.site import Site

pytestmark = pytest.mark.postgresql


@dataclass
class Streams:
    """The process, running; `cookie` is that of ada, who asked for `task`."""

    process: "subprocess.Popen[bytes]"
    port: int
    cookie: str
    task: UUID
    opened: "list[tuple[HTTPConnection, HTTPResponse]]" = field(default_factory=list)

    def open(self, cookie: str | None = None, key: UUID | None = None) -> HTTPResponse:
        """Open a stream, and leave it open."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Cookie": self.cookie if cookie is None else cookie}
        connection.request("GET", f"/events/tasks/{key or self.task}", headers=headers)
        answer = connection.getresponse()
        self.opened.append((connection, answer))
        return answer

    def close(self) -> None:
        """Close every stream."""
        for connection, answer in self.opened:
            answer.close()
            connection.close()


@pytest.fixture
def streams(
    engines: dict[str, Engine], poser: Writer, site: Site, tmp_path: Path
) -> Iterator[Streams]:
    """Run the streams of a node on which ada has a task."""
    poser(add_person, "ada", "products.view")
    browser = Browser(create_app(replace(site, is_secure=False)))
    assert browser.sign_in("ada").status_code == 303
    with transaction(engines["poser"]) as session:
        user = session.scalars(select(User)).one()
        who = Author(source=Source.WEB, user_id=user.id, user_name="ada")
    with authored(who), transaction(engines["poser"]) as session:
        task = ask(session, "dance", title="Dance", params={})
    urls = {k: e.url.render_as_string(hide_password=False) for k, e in engines.items()}
    port = free_port()
    path = write_settings(tmp_path, urls, bind=f"127.0.0.1:{free_port()}")
    path.write_text(path.read_text() + f"[events]\nbind = 127.0.0.1:{port}\n")
    clean = {k: v for k, v in os.environ.items() if k != "POSER_CONFIG"}
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(str(tmp_path / "notify"))
        told.settimeout(60)
        process = subprocess.Popen(
            (sys.executable, "-m", "web.events.serve", "--config", str(path)),
            cwd=CHECKOUT,
            env={**clean, "NOTIFY_SOCKET": str(tmp_path / "notify")},
        )
        try:
            while b"READY=1" not in told.recv(4096):
                continue
            cookie = "; ".join(f"{k}={v}" for k, v in browser.cookies.items())
            made = Streams(process, port, cookie, task)
            yield made
            made.close()
        finally:
            stop(process)


def event(stream: HTTPResponse) -> bytes:
    """Read the next event."""
    while not (line := stream.readline()).startswith(b"data:"):
        assert line, "the stream ended"
    return line.removeprefix(b"data:").strip()


def test_a_change_is_told_to_every_open_page_at_once(
    streams: Streams, engines: dict[str, Engine]
) -> None:
    opened = [streams.open() for _ in range(40)]
    for stream in opened:
        assert stream.status == 200
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        assert event(stream) == b"look"
    began = time.monotonic()
    with transaction(engines["poser"]) as session:
        assert claim(session) == streams.task
    for stream in opened:
        assert event(stream) == b"changed"
    assert time.monotonic() - began < 10
    with transaction(engines["poser"]) as session:
        end(session, streams.task, TaskStatus.DONE, message="done")
    assert event(opened[0]) == b"changed"


def test_only_who_may_see_a_task_hears_of_it(streams: Streams) -> None:
    assert streams.open(cookie="").status == 404
    assert streams.open(cookie="poser-session=guessed").status == 404
    other = UUID("0196f3c0-0000-7000-8000-000000000000")
    assert streams.open(key=other).status == 404


def test_it_hears_again_after_the_database_was_away(
    streams: Streams, engines: dict[str, Engine]
) -> None:
    stream = streams.open()
    assert event(stream) == b"look"
    with engines["poser"].connect() as connection:
        ended = connection.scalar(
            text(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE query = 'LISTEN poser_changes'"
            )
        )
    assert ended == 1
    assert event(stream) == b"changed"  # what was told meanwhile is not known: look again
    with transaction(engines["poser"]) as session:
        assert claim(session) == streams.task
    assert event(stream) == b"changed"


def test_open_streams_do_not_keep_it_from_stopping(streams: Streams) -> None:
    assert event(streams.open()) == b"look"
    streams.process.send_signal(signal.SIGTERM)
    ended = threading.Event()
    threading.Thread(target=lambda: (streams.process.wait(20), ended.set()), daemon=True).start()
    assert ended.wait(20)
