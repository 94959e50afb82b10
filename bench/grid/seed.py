# SPDX-License-Identifier: Apache-2.0
"""Makes the database that both web apps show: our migrations, then products made in SQL.

The tables and indexes are those of our own migrations. Indexes are taken down while rows are
written and made again from their own definitions, which is minutes quicker.
"""

import hashlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg2.extensions

from bench.grid import words
from bench.measure.cluster import Cluster, version
from poser.db.migrations import upgrade
from poser.demo.words import PATH as LISTS_AT

HERE = Path(__file__).parent
MIGRATIONS = HERE.parent.parent / "migrations" / "versions" / "poser"
DATABASE = "poser"
TRAINWRECK = "trainwreck"
TABLES = ("products", "product_codes", "product_prices")

# Indexes that belong to no constraint, and exclusion constraints (an index each).
_INDEXES = """
    SELECT indexrelid::regclass::text AS name,
        format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid)
    FROM pg_index
    WHERE indrelid = ANY (%(tables)s::regclass[])
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
    UNION ALL
    SELECT conname,
        format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
        format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s',
            conrelid::regclass, conname, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE contype = 'x' AND conrelid = ANY (%(tables)s::regclass[])
    ORDER BY name
"""

Say = Callable[[str], None]


def fingerprint(rows: int) -> str:
    """Return a short hash of everything that decides what is in the database."""
    hashed = hashlib.sha256(f"{rows} {version()}".encode())
    ours = [*HERE.glob("seed*"), *HERE.glob("words.*"), LISTS_AT, *MIGRATIONS.glob("*.py")]
    for path in sorted(ours):
        hashed.update(path.read_bytes())
    return hashed.hexdigest()[:12]


def seed(cluster: Cluster, rows: int, say: Say) -> None:
    """Make the database with so many products in a running cluster."""
    cluster.execute("CREATE ROLE poser LOGIN")  # the migrations grant it its work
    for database in (DATABASE, TRAINWRECK):
        cluster.execute(f"CREATE DATABASE {database} TEMPLATE template0")
        upgrade(database, cluster.url(database))
    with closing(cluster.connect(DATABASE)) as connection, connection.cursor() as cursor:
        _fill(cursor, rows, say)


def _fill(cursor: psycopg2.extensions.cursor, rows: int, say: Say) -> None:
    # the rows are consistent by construction: no trigger has to look each of them up
    cursor.execute("SET session_replication_role = replica")
    cursor.execute("SET maintenance_work_mem = '512MB'")
    cursor.execute((HERE / "seed_functions.sql").read_text())
    indexes = _take_down_indexes(cursor)
    say(f"writing {rows:,} products")
    cursor.execute((HERE / "seed.sql").read_text(), _parameters(rows))
    for name, make in indexes:
        say(name)
        cursor.execute(make)
    say("vacuum and statistics")
    cursor.execute("VACUUM (ANALYZE)")


def _take_down_indexes(cursor: psycopg2.extensions.cursor) -> list[tuple[str, str]]:
    """Drop what is quicker made at the end; return the statements that make it again."""
    cursor.execute(_INDEXES, {"tables": list(TABLES)})
    found = cursor.fetchall()
    for _, drop, _ in found:
        cursor.execute(drop)
    return [(name, make) for name, _, make in found]


def _parameters(rows: int) -> dict[str, object]:
    rare = {"rare_food": words.RARE_FOOD, "rare_flavor": words.RARE_FLAVOR}
    return {"rows": rows, **words.WORDS, **rare}
