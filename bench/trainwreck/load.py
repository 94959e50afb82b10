# SPDX-License-Identifier: Apache-2.0
"""Loads the same rows into two databases in turn: bare tables, and ours with all they keep."""

import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import StringIO

import psycopg2.extensions
from sqlalchemy import create_engine

from bench.measure.cluster import Cluster
from bench.measure.machine import Loads
from bench.trainwreck import rows
from poser.db.migrations import upgrade
from poser.db.partitions import make_ahead
from poser.trainwreck import recount
from poser.trainwreck.model import PARTITIONS

BARE, OURS = "bare", "ours"
OWNER = "poser_owner"
MONTH = """
SELECT department_number, sum(line_count), sum(net) FROM sales_departments
WHERE business_date >= '2026-02-01' AND business_date < '2026-03-01' GROUP BY department_number
"""
FROM_LINES = """
SELECT l.department_number, count(*), sum(l.extended) FROM pos_lines l
JOIN pos_transactions t ON t.id = l.transaction_id AND t.business_date = l.business_date
WHERE l.business_date >= '2026-02-01' AND l.business_date < '2026-03-01' AND NOT t.is_void
GROUP BY l.department_number
"""
# What a loader does with a log that may have come before: write what is not known.
AGAIN = """
INSERT INTO pos_transactions ({columns}) SELECT {columns} FROM staged s
WHERE NOT EXISTS (
    SELECT FROM pos_transaction_keys k WHERE k.system = s.system AND k.system_id = s.system_id)
"""
STAGED = """
CREATE TEMP TABLE staged
(LIKE pos_transactions INCLUDING DEFAULTS INCLUDING GENERATED) ON COMMIT DROP
"""
_OUR_TRIGGERS = """
SELECT DISTINCT format('DROP FUNCTION %s CASCADE', tgfoid::regprocedure) FROM pg_trigger
WHERE NOT tgisinternal AND tgrelid IN (
    'pos_transactions'::regclass, 'pos_lines'::regclass, 'pos_discounts'::regclass,
    'pos_taxes'::regclass, 'pos_tenders'::regclass)
"""
_RUNS = 15

Cursor = psycopg2.extensions.cursor


@dataclass(slots=True, kw_only=True)
class Figures:
    """What was measured. Seconds of COPY and commit by side and chunk; milliseconds of reads."""

    transactions: int
    lines: int = 0
    mib: float = 0.0
    seconds: dict[str, list[float]] = field(default_factory=lambda: {BARE: [], OURS: []})
    again_s: float = 0.0
    again_changes: int = 0
    refused: int = 0
    month_ms: list[float] = field(default_factory=list)
    folded_month_ms: list[float] = field(default_factory=list)
    from_lines_ms: float = 0.0
    fold_ms: float = 0.0
    recount_s: float = 0.0
    differences: int = 0
    disk_mib: dict[str, float] = field(default_factory=dict)


def measure(cluster: Cluster, transactions: int, size: int, loads: Loads) -> Figures:
    """Load all rows into both databases, the same again into ours, and read the sums."""
    cluster.execute(*(f"CREATE ROLE {role} LOGIN" for role in (OWNER, "poser")))
    for side in (BARE, OURS):
        _make(cluster, side)
    figures = Figures(transactions=transactions)
    with closing(cluster.connect(BARE)) as bare, closing(cluster.connect(OURS)) as ours:
        for connection in (bare, ours):
            connection.autocommit = False
        _take_ours_away(bare)
        _load(figures, {BARE: bare, OURS: ours}, transactions, size, loads)
        _analyze(ours)
        _read(figures, ours)
        _again(figures, ours, transactions, size)
        _count_anew(figures, cluster)
        for side, connection in ((BARE, bare), (OURS, ours)):
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_database_size(current_database()) / 1048576.0")
                figures.disk_mib[side] = float(_one(cursor))
    return figures


def _make(cluster: Cluster, side: str) -> None:
    cluster.execute(f"CREATE DATABASE {side} TEMPLATE template0 OWNER {OWNER}")
    url = cluster.url(side).replace("postgres@", f"{OWNER}@")
    upgrade("trainwreck", url)
    engine = create_engine(url)
    with engine.begin() as connection:
        make_ahead(connection, PARTITIONS, datetime.now(UTC), since=rows.FIRST_DAY)
    engine.dispose()


def _take_ours_away(bare: psycopg2.extensions.connection) -> None:
    """Leave the tables with their keys, indexes, checks and foreign keys, and nothing of ours."""
    with bare.cursor() as cursor:
        cursor.execute(_OUR_TRIGGERS)
        for (drop,) in cursor.fetchall():
            cursor.execute(drop)
    bare.commit()


def _load(
    figures: Figures,
    sides: dict[str, psycopg2.extensions.connection],
    transactions: int,
    size: int,
    loads: Loads,
) -> None:
    for number, chunk in enumerate(_chunks(transactions, size)):
        figures.lines += chunk.lines
        figures.mib += chunk.mib
        for side in (BARE, OURS) if number % 2 else (OURS, BARE):
            began = time.perf_counter()
            with sides[side].cursor() as cursor:
                for table, columns in rows.COLUMNS.items():
                    _copy(cursor, table, columns, chunk.texts[table])
            sides[side].commit()
            figures.seconds[side].append(time.perf_counter() - began)
        if number % 10 == 0:
            loads.note()


def _chunks(transactions: int, size: int) -> Iterator[rows.Chunk]:
    done = 0
    for chunk in rows.chunks(transactions, size=size):
        yield chunk
        done += chunk.transactions
        said = f"{time.strftime('%H:%M:%S')} {done:,} of {transactions:,} POS transactions"
        print(said, end="\r" if sys.stderr.isatty() else "\n", file=sys.stderr, flush=True)


def _read(figures: Figures, ours: psycopg2.extensions.connection) -> None:
    """Read a month's sales by department: from increments, folded, and from the lines."""
    with ours.cursor() as cursor:
        figures.month_ms = [_ms(cursor, MONTH) for _ in range(_RUNS)]
        before = cursor.fetchall()
        figures.fold_ms = _ms(cursor, "SELECT fold_sales()")
        ours.commit()
        figures.folded_month_ms = [_ms(cursor, MONTH) for _ in range(_RUNS)]
        if sorted(before) != sorted(cursor.fetchall()):
            raise AssertionError("folding changed a sum")
        figures.from_lines_ms = _ms(cursor, FROM_LINES)
    ours.commit()


def _again(
    figures: Figures, ours: psycopg2.extensions.connection, transactions: int, size: int
) -> None:
    """Bring the same rows again: as a loader does, and as COPY that knows nothing."""
    columns = rows.COLUMNS["pos_transactions"]
    with ours.cursor() as cursor:
        before = _everything(cursor)
        for chunk in _chunks(transactions, size):
            text = chunk.texts["pos_transactions"]
            began = time.perf_counter()
            cursor.execute(STAGED)
            _copy(cursor, "staged", columns, text)
            cursor.execute(AGAIN.format(columns=columns))
            figures.again_changes += cursor.rowcount
            ours.commit()
            figures.again_s += time.perf_counter() - began
            try:
                _copy(cursor, "pos_transactions", columns, text)
            except psycopg2.errors.UniqueViolation:
                figures.refused += 1
            ours.rollback()
        if _everything(cursor) != before:
            raise AssertionError("the same rows again changed something")
    ours.commit()


def _count_anew(figures: Figures, cluster: Cluster) -> None:
    engine = create_engine(cluster.url(OURS))
    began = time.perf_counter()
    figures.differences = len(recount.compare(engine))
    figures.recount_s = time.perf_counter() - began
    engine.dispose()


def _everything(cursor: Cursor) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = []
    for statement in (
        "SELECT count(*), sum(total) FROM pos_transactions",
        "SELECT count(*), sum(extended) FROM pos_lines",
        "SELECT count(*) FROM pos_transaction_keys",
        "SELECT sum(transaction_count), sum(net) FROM sales_by_day",
        "SELECT sum(line_count), sum(net) FROM sales_by_department",
    ):
        cursor.execute(statement)
        found += cursor.fetchall()
    return found


def _analyze(connection: psycopg2.extensions.connection) -> None:
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
    connection.autocommit = False


def _copy(cursor: Cursor, table: str, columns: str, text: str) -> None:
    cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", StringIO(text))


def _ms(cursor: Cursor, statement: str) -> float:
    began = time.perf_counter()
    cursor.execute(statement)
    return (time.perf_counter() - began) * 1000


def _one(cursor: Cursor) -> float:
    row = cursor.fetchone()
    if row is None:
        raise AssertionError("no row")
    return float(row[0])
