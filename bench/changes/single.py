# SPDX-License-Identifier: Apache-2.0
"""Many clients that change one product each, commit by commit, by PostgreSQL's own pgbench."""

import re
import subprocess
from pathlib import Path

from bench.changes.sides import Side
from bench.measure.cluster import OWNER, Cluster, programs
from poser.errors import PoserError

_SCRIPT = """\\set n random(1, {rows})
UPDATE products SET is_discontinued = NOT is_discontinued, modified_at = now()
WHERE item_number = 'N' || :n;
"""
_RATE = re.compile(r"^tps = ([\d.]+)", re.MULTILINE)


def commits_per_s(
    cluster: Cluster, side: Side, *, rows: int, clients: int, seconds: float, folder: Path
) -> float:
    """Return how many single-row transactions a second were committed."""
    script = folder / "change.sql"
    script.write_text(_SCRIPT.format(rows=rows), encoding="utf-8")
    done = subprocess.run(
        [
            programs() / "pgbench", "--no-vacuum", "--protocol=prepared", f"--client={clients}",
            "--jobs=2", f"--time={max(1, round(seconds))}", f"--file={script}",
            "--host=127.0.0.1", f"--port={cluster.port}", f"--username={OWNER}", side.database,
        ],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    found = _RATE.search(done.stdout)
    if done.returncode or not found:
        raise PoserError(f"pgbench failed: {done.stderr.strip()}")
    return float(found[1])
