# SPDX-License-Identifier: Apache-2.0
"""Measures what history and change capture cost, beside doing without and beside their peers."""

import argparse
import shutil
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from bench.changes import report
from bench.changes.bulk import change_all
from bench.changes.lookup import look_up
from bench.changes.report import Outcome
from bench.changes.sides import BOTH, CAPTURE, CONTINUUM, NOTHING, OBJECTS, SIDES, prepare, settle
from bench.changes.single import commits_per_s
from bench.grid.settings import SETTINGS
from bench.measure import machine
from bench.measure.cluster import Cluster
from bench.measure.machine import Loads
from bench.measure.telling import Report, tell

STATE = Path("/var/tmp/poser-bench-history")  # noqa: S108 - PostgreSQL's owner must reach it


def main() -> int:
    """Run the bench; exit code 1 when it could not be run, 3 when a bar was missed."""
    asked = _arguments()
    return tell(lambda: _run(asked), as_json=asked.json)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/history", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="products (default 100,000)")
    parser.add_argument("--runs", type=int, default=5, help="interleaved rounds (default 5)")
    parser.add_argument(
        "--seconds", type=float, default=10.0, help="single commits for each round (default 10)"
    )
    parser.add_argument("--clients", type=int, default=16, help="that commit at once (default 16)")
    parser.add_argument(
        "--versions", type=int, default=1_000_000, help="to look up records among (default 1M)"
    )
    parser.add_argument(
        "--objects",
        type=int,
        default=5_000,
        help="products that the ORM changes; its time is shown for all rows (default 5,000)",
    )
    parser.add_argument("--no-orm", action="store_true", help="leave the ORM's sides out")
    parser.add_argument(
        "--json", action="store_true", help="print JSON; tables go to standard error"
    )
    parser.add_argument("--peers", type=Path, required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


def _run(asked: argparse.Namespace) -> Report:
    sides = SIDES if asked.no_orm else (*SIDES, OBJECTS, CONTINUUM)
    outcome, loads = Outcome(rows=asked.rows, clients=asked.clients), Loads()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        cluster = Cluster(folder=STATE, settings={**SETTINGS, "autovacuum": "off"})
        cluster.create()
        stack.callback(_remove, cluster)
        cluster.start()
        prepare(cluster, asked.rows, sides)
        for number in range(asked.runs):
            turn = sides if number % 2 == 0 else tuple(reversed(sides))
            for side in turn:
                settle(cluster, side)
                took = change_all(cluster, side, asked.rows, asked.objects, asked.peers)
                outcome.bulk_s.setdefault(side.name, []).append(took)
                loads.note()
                _say(f"round {number + 1}: {side.name}: {took:.2f} s")
            for side in (one for one in turn if one in {NOTHING, CAPTURE, BOTH}):
                settle(cluster, side)
                rate = commits_per_s(
                    cluster,
                    side,
                    rows=asked.rows,
                    clients=asked.clients,
                    seconds=asked.seconds,
                    folder=folder,
                )
                outcome.rates.setdefault(side.name, []).append(rate)
                _say(f"round {number + 1}: {side.name}: {rate:.0f} commits/s")
        outcome.bulk_s = {side.name: outcome.bulk_s[side.name] for side in sides}
        outcome.lookups = look_up(cluster, asked.versions)
    return Report(
        machine=machine.look(),
        loads=loads,
        text=report.text(outcome),
        values=report.as_json(outcome),
        is_missed=not all(met for _bar, met in report.bars(outcome)),
    )


def _remove(cluster: Cluster) -> None:
    cluster.stop()
    shutil.rmtree(cluster.folder, ignore_errors=True)


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
