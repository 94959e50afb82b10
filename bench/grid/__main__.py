# SPDX-License-Identifier: Apache-2.0
"""Measures the products grid of our web app beside Django's admin over the same million rows."""

import argparse
import sys
import tempfile
import time
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

from bench.grid import pages as pages_module
from bench.grid import report, rounds, seed, statements
from bench.grid.client import Connection, Load, request_bytes
from bench.grid.kept import kept_database
from bench.grid.pages import Page
from bench.grid.sides import Side, start_django, start_poser
from bench.measure import machine, processes
from bench.measure.cluster import Cluster
from bench.measure.cluster import version as postgresql_version
from bench.measure.machine import Loads
from bench.measure.telling import Report, tell
from poser.errors import PoserError

SCANS = 2_000


def main() -> int:
    """Run the bench; exit code 1 when it could not be run, whatever the figures are."""
    asked = _arguments()
    return tell(lambda: _run(asked), as_json=asked.json)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/web", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="products (default 1,000,000)")
    parser.add_argument("--runs", type=int, default=5, help="interleaved rounds (default 5)")
    parser.add_argument(
        "--seconds", type=float, default=4.0, help="load for each measurement (default 4)"
    )
    parser.add_argument(
        "--json", action="store_true", help="print JSON; tables go to standard error"
    )
    parser.add_argument("--fresh", action="store_true", help="make the database anew")
    parser.add_argument("--peers", type=Path, required=True, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.rows < 20_000 or asked.runs < 1 or asked.seconds <= 0:
        parser.error("at least 20,000 rows, 1 run and some time are needed")
    return asked


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def _run(asked: argparse.Namespace) -> Report:
    here, loads = machine.look(), Loads()
    with ExitStack() as stack:
        cluster = stack.enter_context(kept_database(asked.rows, _say, fresh=asked.fresh))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="poser-bench-")))
        poser = start_poser(cluster, folder)
        stack.callback(poser.stop)
        django = start_django(cluster, folder, asked.peers / "bin" / "python")
        stack.callback(django.stop)
        with closing(cluster.connect(seed.DATABASE)) as connection, connection.cursor() as cursor:
            pages = pages_module.pages(cursor)
            scans = pages_module.scan_paths(cursor, SCANS)
        measured = _measure(
            asked, cluster, sides=[poser, django], pages=pages, scans=scans, loads=loads
        )
        return Report(
            machine=here,
            loads=loads,
            about=f"{asked.rows:,} products",
            text=report.text(measured),
            values=report.as_json(measured),
        )


def _measure(
    asked: argparse.Namespace,
    cluster: Cluster,
    *,
    sides: list[Side],
    pages: list[Page],
    scans: list[str],
    loads: Loads,
) -> report.Outcome:
    for side in sides:
        _check_pages(side, pages)
    counted = {
        (page.name, side.name): statements.count(cluster, partial(_ask, side, page, 0))
        for page in pages
        for side in sides
    }
    plan = rounds.Plan(rounds=asked.runs, seconds=asked.seconds)
    measured = rounds.run(plan, pages, sides, sql_server=cluster.pid, loads=loads, say=_say)
    scan = {each: rounds.Figures() for each in plan.connections}
    for _ in range(plan.rounds):
        for connections, figures in scan.items():
            rounds.measure(
                plan,
                scans,
                sides[0],
                connections=connections,
                sql_server=cluster.pid,
                figures=figures,
                expect=303,
            )
    return report.Outcome(
        plan=plan,
        pages=pages,
        measured=measured,
        scan=scan,
        statements=counted,
        servers=", ".join([*(side.what for side in sides), f"PostgreSQL {postgresql_version()}"]),
        rss_mib={side.name: processes.largest_rss_mib(side.workers) for side in sides},
    )


def _check_pages(side: Side, pages: list[Page]) -> None:
    """Ask for each page some times, so that all workers are warm, and look at the rows shown."""
    for page in pages:
        for number, sample in enumerate(page.samples):
            path = page.paths(side.name)[number]
            for _ in range(4 if len(page.samples) == 1 else 1):
                pages_module.check(side.name, path, sample, _ask(side, page, number))


def _ask(side: Side, page: Page, number: int) -> str:
    """Make one request on a connection of its own and return the page."""
    path = page.paths(side.name)[number]
    load = Load(
        port=side.port,
        paths=[path],
        headers=dict(side.headers),
        expect=200,
        connections=1,
        seconds=1,
        least=1,
        most=1,
    )
    connection = Connection(side.port)
    try:
        status, _, body = connection.ask(request_bytes(load, path))
    finally:
        connection.close()
    if status != load.expect:
        raise PoserError(f"{side.name} answers {status} at {path}", hint=f"see {side.log}")
    return body.decode()


if __name__ == "__main__":
    sys.exit(main())
