# SPDX-License-Identifier: Apache-2.0
"""Measures what keeping keys and sales right costs a load of POS transactions by COPY."""

import argparse
import sys
import tempfile
from pathlib import Path

from bench.measure import machine
from bench.measure.cluster import Cluster, version
from bench.measure.machine import Loads
from bench.measure.telling import Report, tell
from bench.trainwreck import load, report

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
}


def main() -> int:
    """Run the bench; exit code 1 when it could not be run, 3 when a bar was missed."""
    asked = _arguments()
    return tell(lambda: _run(asked), as_json=asked.json)


def _run(asked: argparse.Namespace) -> Report:
    here, loads = machine.look(), Loads()
    with tempfile.TemporaryDirectory(prefix="poser-bench-pos-", dir=STATE) as folder:
        Path(folder).chmod(0o755)
        cluster = Cluster(Path(folder) / "cluster", SETTINGS)
        cluster.create()
        cluster.start()
        try:
            figures = load.measure(cluster, asked.transactions, asked.chunk, loads)
        finally:
            cluster.stop()
    return Report(
        machine=here,
        loads=loads,
        about=f"PostgreSQL {version()}",
        text=report.text(figures),
        values=report.as_json(figures),
        is_missed=not report.holds(figures),
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/pos", description=__doc__)
    parser.add_argument(
        "--transactions", type=int, default=1_000_000, help="POS transactions (default 1,000,000)"
    )
    parser.add_argument(
        "--chunk", type=int, default=5_000, help="of them in a database transaction (default 5,000)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON; text on standard error")
    asked = parser.parse_args()
    if asked.transactions < 1_000 or not 1 <= asked.chunk <= asked.transactions:
        parser.error("at least 1,000 POS transactions are needed, and a chunk of some of them")
    return asked


if __name__ == "__main__":
    sys.exit(main())
