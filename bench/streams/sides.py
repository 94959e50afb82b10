# SPDX-License-Identifier: Apache-2.0
"""The event streams as their service runs them, a task to watch, and those who watch it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select

from bench.grid.seed import DATABASE
from bench.grid.sides import CHECKOUT, Side, start
from bench.measure.cluster import Cluster, free_port
from poser.db import engine, transaction
from poser.db.authors import Author, Source, authored
from poser.errors import PoserError
from poser.model import User
from poser.tasks import CHANGES, ask


@dataclass(slots=True, kw_only=True)
class Watched:
    """A task that is asked for and never begun, and the address of its stream."""

    cluster: Cluster
    key: UUID

    @property
    def path(self) -> str:
        """Where its stream is."""
        return f"/events/tasks/{self.key}"

    def change(self) -> None:
        """Tell all streams of a change, as whoever works on a task does."""
        with transaction(engine(self.cluster.url(DATABASE))) as session:
            session.execute(select(func.pg_notify(CHANGES, f"task {self.key}")))


def add_task(cluster: Cluster) -> Watched:
    """Ask for a task; no service runs that would do it."""
    with transaction(engine(cluster.url(DATABASE))) as session:
        user = session.scalars(select(User).limit(1)).one()
        who = Author(source=Source.WEB, user_id=user.id, user_name=user.name)
        with authored(who):
            key = ask(session, "bench", title="Bench", params={})
    return Watched(cluster=cluster, key=key)


def start_events(folder: Path, headers: dict[str, str]) -> Side:
    """Start the event streams beside our web app, whose settings file lies in `folder`."""
    port = free_port()
    config = folder / "poser.conf"
    config.write_text(f"{config.read_text()}[events]\nbind = 127.0.0.1:{port}\n")
    log = folder / "events.log"
    command = [sys.executable, "-m", "web.events.serve"]
    server = start(command, {"POSER_CONFIG": str(config)}, port, log, workers=1)
    return Side(name="events", what="streams", port=port, headers=headers, server=server, log=log)


@contextmanager
def held(events: Side, path: str, count: int) -> Iterator[list[int]]:
    """Hold streams open; the list has, at the end, the events told and the streams still open."""
    command = [sys.executable, "-m", "bench.streams.holder"]
    command += [str(events.port), path, str(count), events.headers["Cookie"]]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT
    ) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        if holder.stdout.readline().strip() != "open":
            raise PoserError(f"{count} streams could not be opened", hint=f"see {events.log}")
        told: list[int] = []
        try:
            yield told
        finally:
            holder.stdin.close()
            told += [int(word) for word in holder.stdout.readline().split()]
