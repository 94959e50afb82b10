# SPDX-License-Identifier: Apache-2.0
"""The history of one record, found among very many versions in the months of two years."""

import random
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from bench.changes.sides import BOTH
from bench.measure.cluster import Cluster
from poser.db.partitions import make_ahead
from poser.history import as_of, changes_of
from poser.model.history import PARTITIONS

PER_RECORD = 50
TRIES = 300
_FILL = """
INSERT INTO history_transactions (id, at, source, user_name)
SELECT uuid7(), '{start}'::timestamptz + n * interval '{days} days' / {transactions}, 'web', 'anna'
FROM generate_series(0, {transactions} - 1) AS n;
INSERT INTO versions (table_id, row_id, statement, n, at, transaction_id, kind, old, new)
SELECT r.id, p.id, v.n, row_number() OVER (), t.at, t.id, 'update',
    hstore(ARRAY['size', v.n || ' oz', 'modified_at', t.at::text]),
    hstore(ARRAY['size', (v.n + 1) || ' oz', 'modified_at', t.at::text])
FROM generate_series(1, {per_record}) AS v (n)
JOIN (SELECT row_number() OVER (ORDER BY at) AS n, * FROM history_transactions) AS t
    ON t.n = 1 + (v.n - 1) * {transactions} / {per_record}
CROSS JOIN (SELECT id FROM products ORDER BY id LIMIT {records}) AS p
CROSS JOIN (SELECT id FROM recorded_tables WHERE name = 'products') AS r;
ANALYZE versions; ANALYZE history_transactions
"""
_EMPTY = "TRUNCATE versions, history_transactions, capture"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookups:
    """Milliseconds of each try: what a record is and who made it so, and all its history."""

    latest_ms: tuple[float, ...]
    history_ms: tuple[float, ...]
    versions: int
    months: int


def look_up(cluster: Cluster, versions: int) -> Lookups:
    """Fill the history with that many versions and look up records at random."""
    engine = create_engine(cluster.url(BOTH.database))
    now = datetime.now(UTC)
    start = now.date().replace(year=now.year - 2, day=1)
    cluster.execute(_EMPTY, database=BOTH.database)
    with engine.begin() as connection:
        make_ahead(connection, PARTITIONS, now, since=start)
    records = versions // PER_RECORD
    filling = _FILL.format(
        start=start,
        days=(now.date() - start).days,
        transactions=max(versions // 10, PER_RECORD),
        per_record=PER_RECORD,
        records=records,
    )
    cluster.execute(*filling.split(";\n"), "CHECKPOINT", database=BOTH.database)
    with closing(cluster.connect(BOTH.database)) as connected, connected.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM versions")
        (count,) = cursor.fetchone() or (0,)
        cursor.execute("SELECT count(*) FROM pg_inherits WHERE inhparent = 'versions'::regclass")
        (months,) = cursor.fetchone() or (0,)
    with Session(engine) as session:
        ids = list(session.scalars(text(f"SELECT id FROM products ORDER BY id LIMIT {records}")))  # noqa: S608
        chosen = random.Random(7).sample(ids, min(TRIES, len(ids)))  # noqa: S311 - not secret
        latest = _times(lambda id_: as_of(session, "products", id_, now), chosen)
        history = _times(lambda id_: changes_of(session, "products", id_), chosen)
        assert len(changes_of(session, "products", chosen[0])) == PER_RECORD
    engine.dispose()
    return Lookups(latest_ms=latest, history_ms=history, versions=count, months=months)


def _times(ask: Callable[[UUID], object], ids: list[UUID]) -> tuple[float, ...]:
    found = []
    for id_ in ids:
        began = time.perf_counter()
        ask(id_)
        found.append((time.perf_counter() - began) * 1_000)
    return tuple(found)
