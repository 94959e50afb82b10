# SPDX-License-Identifier: Apache-2.0
"""Measures datasync: between a host and a store of the lab, or from one host to many stores.

Without --peers two machines are booted and provisioned, and datasync is measured beside
PostgreSQL's logical replication and a consumer that works row by row. With --peers one host of
this computer brings changes to so many stores that all wait.
"""

import argparse
import sys
from pathlib import Path

from bench.measure.telling import tell
from bench.syncing import pair, scale


def main() -> int:
    """Run the bench; exit code 1 when it could not be run, 3 when a bar was missed."""
    parser = argparse.ArgumentParser(
        prog="bench/datasync",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--runs", type=int, default=3, help="rounds (default 3)")
    parser.add_argument("--idle", type=float, default=60.0, help="seconds of waiting to look at")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--changes", type=int, help="changes to bring (100,000; with --peers 1,000)"
    )
    two = parser.add_argument_group("two machines")
    two.add_argument("--products", type=int, default=100_000, help="products (default 100,000)")
    two.add_argument("--seconds", type=float, default=20.0, help="seconds at each rate of changes")
    two.add_argument("--keep", action="store_true", help="leave the machines for the next run")
    two.add_argument(
        "--only",
        default="datasync,logical,rows",
        help="ways to measure, of datasync, nats (with a leaf node), logical and rows",
    )
    two.add_argument("--client", type=Path, help=argparse.SUPPRESS)  # where nats-py is
    many = parser.add_argument_group("many stores")
    many.add_argument("--peers", type=int, help="stores that wait, 1 to 2000")
    asked = parser.parse_args()
    asked.only = set(asked.only.split(","))
    if asked.changes is None:
        asked.changes = 1000 if asked.peers else 100_000
    if asked.runs < 1 or asked.changes < 1 or (asked.peers and not 1 <= asked.peers <= 2000):
        parser.error("1 to 2000 peers, at least one change and one run")
    if not asked.peers and asked.changes > asked.products:
        parser.error("each change is of another product: no more --changes than --products")
    measure = scale.run if asked.peers else pair.run
    return tell(lambda: measure(asked), as_json=asked.json)


if __name__ == "__main__":
    sys.exit(main())
