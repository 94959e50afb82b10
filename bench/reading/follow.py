# SPDX-License-Identifier: Apache-2.0
"""How long a change takes until another process goes by it."""

import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from bench.measure.cluster import Cluster
from bench.reading.sides import DATABASE

# The clock is the same in all processes of one computer.
_FOLLOWER = """
import logging, sys, time
from pathlib import Path
from poser.config import load
from poser.settings import Live
from web.settings import WORKERS
logging.getLogger("poser").setLevel(logging.ERROR)
config = load([Path(sys.argv[1])], environment={})
live = Live(config, sys.argv[2], application="a follower")
live.start()
assert live.wait(10)
last = WORKERS(config)
print(last, time.monotonic(), flush=True)
while True:
    now = WORKERS(config)
    if now != last:
        print(now, time.monotonic(), flush=True)
        last = now
    time.sleep(0.0005)
"""


def delays_ms(cluster: Cluster, folder: Path, changes: int) -> list[float]:
    """Change a setting so many times; return the milliseconds from commit to being seen."""
    follower = subprocess.Popen(
        [sys.executable, "-c", _FOLLOWER, str(folder / "poser.conf"), cluster.url(DATABASE)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert follower.stdout is not None
        follower.stdout.readline()
        found = []
        with closing(cluster.connect(DATABASE)) as connection, connection.cursor() as cursor:
            for number in range(changes):
                wanted = 10 + number % 2
                cursor.execute(
                    "UPDATE settings SET value = %s WHERE name = 'web.workers'", (str(wanted),)
                )
                began = time.monotonic()
                value, at = follower.stdout.readline().split()
                assert int(value) == wanted
                found.append((float(at) - began) * 1000)
                time.sleep(0.02)
        return found
    finally:
        follower.kill()
        follower.wait()
