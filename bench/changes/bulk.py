# SPDX-License-Identifier: Apache-2.0
"""One change of every product: as one statement, or object by object through an ORM."""

import json
import subprocess
import time
from contextlib import closing
from pathlib import Path

from bench.changes.sides import Side
from bench.measure.cluster import Cluster
from poser.errors import PoserError

HERE = Path(__file__).parent
CHECKOUT = HERE.parent.parent
_LIMIT_S = 1_800
# A field, and with it the time of the change, as all our writers do.
STATEMENT = "UPDATE products SET is_discontinued = NOT is_discontinued, modified_at = now()"
_COUNT = {
    "shop_capture": "SELECT count(*) FROM capture",
    "shop_both": "SELECT count(*) FROM versions WHERE kind = 'update'",
    "shop_rows": "SELECT count(*) FROM audit",
    "shop_continuum": "SELECT count(*) FROM products_version",
}


def change_all(cluster: Cluster, side: Side, rows: int, objects: int, peers: Path) -> float:
    """Change all products once and return how many seconds that took, with its commit.

    Through an ORM only `objects` of them are changed, and the seconds are those of all in
    proportion: each object costs the same. Raises PoserError when changes were not kept.
    """
    if side.orm is None:
        seconds = _statement_s(cluster, side)
    else:
        seconds = _objects_s(cluster, side, objects, peers) * rows / objects
        rows = objects
    if side.database in _COUNT:
        with closing(cluster.connect(side.database)) as connection, connection.cursor() as cursor:
            cursor.execute(_COUNT[side.database])
            (kept,) = cursor.fetchone() or (0,)
        if kept != rows:
            raise PoserError(f"{side.name} kept {kept} of {rows} changes")
    return seconds


def _statement_s(cluster: Cluster, side: Side) -> float:
    with closing(cluster.connect(side.database)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM products")  # the session is warm
        began = time.monotonic()
        cursor.execute(STATEMENT)
        return time.monotonic() - began


def _objects_s(cluster: Cluster, side: Side, objects: int, peers: Path) -> float:
    command = [peers / "bin/python", "-m", "bench.changes.continuum", cluster.url(side.database)]
    done = subprocess.run(
        [*command, "continuum" if side.orm else "plain", str(objects)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
        timeout=_LIMIT_S,
    )
    if done.returncode:
        raise PoserError(f"{side.name} failed: {done.stderr.strip().splitlines()[-1]}")
    return float(json.loads(done.stdout)["seconds"])
