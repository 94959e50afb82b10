# SPDX-License-Identifier: Apache-2.0
"""A host of its own for the bench: its databases, its daemon, and the hub that peers ask."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.grid.sides import CHECKOUT, start
from bench.measure.cluster import Cluster, free_port
from bench.syncing.crowd import name
from poser.db.migrations import upgrade

DATABASES = ("poser", "trainwreck")


@dataclass(slots=True)
class Host:
    """A host that runs, with so many peers that it knows."""

    cluster: Cluster
    hub: subprocess.Popen[bytes]
    daemon: subprocess.Popen[bytes]
    port: int

    def value(self, statement: str, database: str = "poser") -> object:
        """Ask a database for one value."""
        with closing(self.cluster.connect(database)) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            row = cursor.fetchone()
            return row[0] if row else None

    def statements(self) -> int:
        """Return how many transactions the database has ended: what all its programs asked."""
        asked = "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = 'poser'"
        return int(str(self.value(asked, "postgres")))


@contextmanager
def host(folder: Path, peers: int) -> Iterator[Host]:
    """Run a host that knows so many stores."""
    with ExitStack() as stack:
        cluster = Cluster(folder / "cluster", {"shared_buffers": "256MB", "max_wal_size": "4GB"})
        cluster.create()
        cluster.start()
        stack.callback(cluster.stop)
        cluster.execute("CREATE ROLE poser LOGIN")  # the migrations grant it its work
        for each in DATABASES:
            cluster.execute(f"CREATE DATABASE {each} TEMPLATE template0")
            upgrade(each, cluster.url(each))
        port = free_port()
        config = folder / "poser.conf"
        stores = "; ".join(f"{name(number)} store {number}" for number in range(peers))
        config.write_text(
            f"[db]\nurl = {cluster.url('poser')}\n[trainwreck]\nurl = {cluster.url('trainwreck')}\n"
            f"[datasync]\nnode = host-1\nkind = host\npeers = {stores}\n"
            f"[hub]\nbind = 127.0.0.1:{port}\n"
        )
        yield _started(stack, cluster, config, port)


def _started(stack: ExitStack, cluster: Cluster, config: Path, port: int) -> Host:
    """Start the daemon, which introduces the peers, then the hub."""
    environment = {"POSER_CONFIG": str(config)}
    log = config.parent / "daemon.log"
    with log.open("wb") as output:
        daemon = subprocess.Popen(
            [sys.executable, "-m", "poser.cli", "datasync", "run"],
            env={**os.environ, **environment, "PYTHONPATH": str(CHECKOUT)},
            stdout=output,
            stderr=output,
        )
    stack.callback(stop, daemon)
    command = [sys.executable, "-m", "web.hub.serve"]
    hub = start(command, environment, port, config.parent / "hub.log", workers=1)
    stack.callback(stop, hub)
    return Host(cluster, hub, daemon, port)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process of the bench."""
    process.terminate()
    process.wait(timeout=30)
