# SPDX-License-Identifier: Apache-2.0
"""What the replica is good for while nothing fails: reading, and how old what it shows is."""

import time
from collections.abc import Sequence
from contextlib import closing

import psycopg2
from sqlalchemy import Engine

from bench.failing.chain import Chain
from bench.failing.patroni import Twice
from bench.measure.cluster import OWNER
from poser.datasync import wire
from poser.datasync.exchange import give
from poser.db import engine, transaction


def lags_ms(pair: Twice, commits: int, rate: float) -> list[float]:
    """Commit at a rate; returns for each how long after it the replica showed it."""
    found = []
    of_replica = f"host=127.0.0.1 port={pair.replica.port} user={OWNER} dbname=poser"
    with (
        closing(psycopg2.connect(pair.dsn("poser"))) as line,
        closing(psycopg2.connect(of_replica)) as other,
    ):
        line.autocommit = other.autocommit = True
        with line.cursor() as writing, other.cursor() as reading:
            for _ in range(commits):
                began = time.monotonic()
                writing.execute(
                    "INSERT INTO brands (name) VALUES (gen_random_uuid()::text) RETURNING id"
                )
                (key,) = writing.fetchone() or (None,)
                committed = time.monotonic()
                reading.execute("SELECT FROM brands WHERE id = %s", [key])
                while not reading.rowcount:
                    reading.execute("SELECT FROM brands WHERE id = %s", [key])
                found.append(1000 * (time.monotonic() - committed))
                time.sleep(max(0.0, began + 1 / rate - time.monotonic()))
    return found


def reads(chain: Chain, pair: Twice) -> Sequence[float]:
    """Read and encode all of the queue for the store; returns changes a second: leader, replica."""
    urls = (
        f"postgresql+psycopg2://{OWNER}@127.0.0.1:{one.port}/poser"
        for one in (pair.leader, pair.replica)
    )
    return [_read(engine(url), chain.store.name) for url in urls]


def _read(database: Engine, peer: str) -> float:
    count, after, began = 0, 0, time.monotonic()
    while True:
        with transaction(database, read_only=True) as session:
            part = give(session, peer, after=after)
        wire.encode(part)
        count, after = count + len(part.changes), part.upto
        if part.upto >= part.head:
            break
    seconds = time.monotonic() - began
    database.dispose()
    return count / seconds
