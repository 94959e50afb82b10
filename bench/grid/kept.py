# SPDX-License-Identifier: Apache-2.0
"""The seeded database, which takes minutes to make and is therefore kept."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.grid import seed
from bench.grid.settings import SETTINGS
from bench.measure.cluster import Cluster

STATE = Path("/var/tmp/poser-bench")  # noqa: S108 - PostgreSQL's owner must reach it


@contextmanager
def kept_database(
    rows: int, say: Callable[[str], None], *, fresh: bool = False
) -> Iterator[Cluster]:
    """Run the server with the seeded database, made on the first run and kept by content."""
    folder = STATE / f"{rows}-{seed.fingerprint(rows)}"
    done = folder / "complete"
    cluster = Cluster(folder, SETTINGS)
    is_new = fresh or not done.exists()
    if is_new:
        for old in STATE.glob(f"{rows}-*"):
            shutil.rmtree(old)
        say(f"making a database with {rows:,} products in {folder}")
        cluster.create()
    cluster.start()
    try:
        if is_new:
            seed.seed(cluster, rows, say)
            done.touch()
        yield cluster
    finally:
        cluster.stop()
