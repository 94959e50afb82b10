# SPDX-License-Identifier: Apache-2.0
"""Measures imports of a CSV file beside a raw COPY of the same rows."""

import argparse
import sys
import tempfile
from pathlib import Path

from bench.importing import report
from bench.importing.measuring import Bench, Figures
from bench.measure import machine
from bench.measure.cluster import Cluster, version
from bench.measure.machine import Loads
from bench.measure.telling import Report, tell

STATE = Path("/var/tmp")  # noqa: S108 - PostgreSQL's owner must reach it
SETTINGS = {
    "shared_buffers": "512MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "autovacuum": "off",
}


def main() -> int:
    """Run the bench; exit code 1 when it could not be run, 3 when a bar was missed."""
    asked = _arguments()
    return tell(lambda: _run(asked), as_json=asked.json)


def _run(asked: argparse.Namespace) -> Report:
    here, loads = machine.look(), Loads()
    figures = Figures(rows=asked.rows, vendor_rows=asked.vendors)
    with tempfile.TemporaryDirectory(prefix="poser-bench-importers-", dir=STATE) as folder:
        Path(folder).chmod(0o755)
        cluster = Cluster(Path(folder) / "cluster", SETTINGS)
        cluster.create()
        cluster.start()
        try:
            bench = Bench(cluster=cluster, folder=Path(folder), figures=figures, loads=loads)
            bench.measure(asked.rounds, asked.many)
        finally:
            cluster.stop()
    return Report(
        machine=here,
        loads=loads,
        about=f"PostgreSQL {version()}",
        text=report.text(figures),
        values=report.as_json(figures),
        is_missed=not all(bar.is_met for bar in report.bars(figures)),
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/importers", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="products (default 1,000,000)")
    parser.add_argument(
        "--many", type=int, default=4_000_000, help="for the memory alone (default 4,000,000)"
    )
    parser.add_argument("--vendors", type=int, default=100_000, help="vendors (default 100,000)")
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds (default 3)")
    parser.add_argument("--json", action="store_true", help="print JSON; text on standard error")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
