# SPDX-License-Identifier: Apache-2.0
"""Counts the SQL statements of a page: the server logs them all while one request is made."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from bench.measure.cluster import Cluster

PREFIX = "%a|"
OWN = "bench"
TRIES = 5
_STATEMENT = re.compile(r"^(?P<application>[^|]*)\|LOG:  (?:statement|execute [^:]*): (?P<sql>.*)")
_FRAMES = re.compile(r"(BEGIN|COMMIT|ROLLBACK|SET|SHOW|START)\b|SELECT 1;?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """What one request asked the database; `frames` begin and end transactions and the like."""

    queries: int
    frames: int

    @property
    def all(self) -> int:
        """How many times the web app waited for the database."""
        return self.queries + self.frames


def count(cluster: Cluster, request: Callable[[], object]) -> Statements:
    """Make some requests and count the statements of the one with the fewest.

    Others may have opened a connection, too. Nobody else may use the server meanwhile.
    """
    _log(cluster, "all")
    try:
        return min((_count(cluster, request) for _ in range(TRIES)), key=lambda each: each.all)
    finally:
        _log(cluster, "none")


def _count(cluster: Cluster, request: Callable[[], object]) -> Statements:
    start = cluster.log.stat().st_size
    request()
    time.sleep(0.2)  # the log of the last statement may still be on its way
    with cluster.log.open("rb") as log:
        log.seek(start)
        text = log.read().decode(errors="replace")
    found = [match for line in text.splitlines() if (match := _STATEMENT.match(line))]
    others = [match["sql"].upper() for match in found if match["application"] != OWN]
    frames = sum(_FRAMES.match(sql) is not None for sql in others)
    return Statements(queries=len(others) - frames, frames=frames)


def _log(cluster: Cluster, what: str) -> None:
    cluster.execute(f"ALTER SYSTEM SET log_statement = '{what}'", "SELECT pg_reload_conf()")
    time.sleep(0.3)  # each backend reads its settings again before its next statement
