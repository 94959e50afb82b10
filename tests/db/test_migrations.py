# SPDX-License-Identifier: Apache-2.0
"""Migrations: they make what the models say, can be undone, and wait for nobody long."""

import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, MetaData, create_engine, make_url, text

from poser.databases import DATABASES
from poser.db.migrations import LOCK_TIMEOUT_MS, Phase, State, downgrade, heads, status, upgrade
from poser.errors import PoserError, Unavailable
from poser.model import Product
from poser.trainwreck.model import PosTransaction
from tests.support.postgresql import OWNER, Server

METADATA: dict[str, MetaData] = {
    "poser": Product.metadata,
    "trainwreck": PosTransaction.metadata,
}
# What PostgreSQL itself says about a schema, without names of databases or order of columns.
CATALOG = """
SELECT 'column', c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
    || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
    || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
    || CASE a.attgenerated WHEN 's' THEN ' generated' ELSE '' END,
    coalesce(col_description(c.oid, a.attnum), '')
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
    AND c.relname <> 'alembic_version'
UNION ALL
SELECT 'constraint', r.conrelid::regclass::text, r.conname, pg_get_constraintdef(r.oid), ''
FROM pg_constraint r
WHERE r.connamespace = 'public'::regnamespace AND r.conrelid <> 0
    AND r.conrelid::regclass::text <> 'alembic_version'
UNION ALL
SELECT 'index', i.indrelid::regclass::text, i.indexrelid::regclass::text,
    pg_get_indexdef(i.indexrelid), ''
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
WHERE c.relnamespace = 'public'::regnamespace AND c.relname <> 'alembic_version'
UNION ALL
SELECT 'table', c.relname, '', '', coalesce(obj_description(c.oid), '')
FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
    AND c.relname <> 'alembic_version'
"""
UNINDEXED = """
SELECT conrelid::regclass::text || '.' || conname
FROM pg_constraint f
WHERE contype = 'f' AND NOT EXISTS (
    SELECT FROM pg_index i
    WHERE i.indrelid = f.conrelid
        AND (i.indkey::int2[])[0:array_length(f.conkey, 1) - 1] @> f.conkey
)
"""

pytestmark = pytest.mark.postgresql


@pytest.fixture
def empty(postgresql: Server) -> Iterator[str]:
    """Give the address of an empty database."""
    name = postgresql.create()
    yield postgresql.owner_url(name)
    postgresql.drop(name)


def catalog(connected: Engine) -> set[tuple[str, ...]]:
    with connected.connect() as connection:
        return {tuple(row) for row in connection.execute(text(CATALOG))}


@pytest.mark.parametrize("database", DATABASES)
def test_the_models_equal_the_migrated_schema(
    database: str, empty: str, new_database: Callable[[str], Engine]
) -> None:
    from_models = create_engine(empty)
    with from_models.begin() as connection:
        connection.execute(text("CREATE EXTENSION pg_trgm"))
        connection.execute(text("CREATE EXTENSION btree_gist"))
        # A stand-in: what the function does is tested below, the models only name it.
        connection.execute(
            text("CREATE FUNCTION uuid7() RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()'")
        )
        METADATA[database].create_all(connection)
    from_migrations = catalog(new_database(database))
    expected = catalog(from_models)
    from_models.dispose()
    assert sorted(expected - from_migrations) == []
    assert sorted(from_migrations - expected) == []
    assert len(expected) > 50


@pytest.mark.parametrize("database", DATABASES)
def test_up_down_up_gives_the_same_schema(database: str, empty: str) -> None:
    connected = create_engine(empty)
    assert status(database, empty).state is State.EMPTY
    ran = upgrade(database, empty)
    first = catalog(connected)
    assert status(database, empty).state is State.CURRENT
    downgrade(database, empty, "base")
    assert catalog(connected) == set()
    with connected.connect() as connection:
        functions = connection.execute(text("SELECT to_regproc('uuid7')")).scalar_one()
    assert functions is None
    assert upgrade(database, empty) == ran
    assert catalog(connected) == first
    assert upgrade(database, empty) == []
    connected.dispose()


@pytest.mark.parametrize("database", DATABASES)
def test_every_table_and_column_says_what_it_is(database: str) -> None:
    silent = [
        f"{table.name}.{column.name}"
        for table in METADATA[database].sorted_tables
        for column in table.columns
        if not column.comment
    ]
    silent += [table.name for table in METADATA[database].sorted_tables if not table.comment]
    assert silent == []


@pytest.mark.parametrize("database", DATABASES)
def test_every_foreign_key_has_an_index(
    database: str, new_database: Callable[[str], Engine]
) -> None:
    with new_database(database).connect() as connection:
        assert list(connection.execute(text(UNINDEXED)).scalars()) == []


@pytest.mark.parametrize("database", DATABASES)
def test_ids_made_by_the_database_are_of_version_7_and_of_now(
    database: str, new_database: Callable[[str], Engine]
) -> None:
    before = time.time_ns() // 10**6
    with new_database(database).connect() as connection:
        ids = connection.execute(text("SELECT uuid7() FROM generate_series(1, 1000)")).scalars()
        made = list(ids)
    after = time.time_ns() // 10**6
    assert len(set(made)) == 1000
    assert {id_.version for id_ in made} == {7}
    assert {id_.variant for id_ in made} == {"specified in RFC 4122"}
    assert all(before <= id_.int >> 80 <= after for id_ in made)
    microseconds = [id_.int >> 64 for id_ in made]
    assert microseconds == sorted(microseconds)


def test_a_database_that_does_not_answer_is_named() -> None:
    with pytest.raises(Unavailable, match="database 'poser' does not answer") as caught:
        status("poser", "postgresql+psycopg2:///poser?host=/nowhere")
    assert caught.value.hint


def test_an_unknown_database_is_named() -> None:
    with pytest.raises(PoserError, match="no database 'tills'"):
        heads("tills")


def test_a_second_upgrade_at_the_same_time_is_refused(empty: str, postgresql: Server) -> None:
    other = postgresql.connect(make_url(empty).database or "")
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(7076737)")
    other.commit()
    began = time.monotonic()
    with pytest.raises(Unavailable, match=r"another upgrade of database .* is running"):
        upgrade("poser", empty)
    assert LOCK_TIMEOUT_MS / 1000 - 0.5 < time.monotonic() - began < LOCK_TIMEOUT_MS / 1000 + 5
    other.close()
    assert upgrade("poser", empty)


def test_a_table_that_others_hold_ends_the_upgrade_and_a_second_run_finishes_it(
    empty: str, postgresql: Server
) -> None:
    upgrade("poser", empty)
    downgrade("poser", empty, "poser_0001")
    name = make_url(empty).database or ""
    other = postgresql.connect(name, program="a long report", user=OWNER)
    with other.cursor() as cursor:
        cursor.execute("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE")
    with pytest.raises(Unavailable, match="locked for more than 4 s") as caught:
        upgrade("poser", empty)
    assert "a long report" in caught.value.hint
    other.close()
    assert upgrade("poser", empty)[0] == "poser_0002"


def test_a_revision_that_fails_leaves_nothing_behind(empty: str) -> None:
    connected = create_engine(empty)
    with connected.begin() as connection:
        connection.execute(text("CREATE TABLE departments (id int)"))
    with pytest.raises(PoserError, match=r"revision failed and was undone: .*departments"):
        upgrade("poser", empty)
    found = status("poser", empty)
    assert found.current == ("poser_0001",)
    assert found.pending[0] == "poser_0002"
    with connected.begin() as connection:
        assert connection.execute(text("SELECT to_regclass('stores')")).scalar_one() is None
        connection.execute(text("DROP TABLE departments"))
    connected.dispose()
    assert upgrade("poser", empty)[0] == "poser_0002"


def test_a_database_of_a_newer_release_is_left_alone(empty: str) -> None:
    upgrade("poser", empty)
    connected = create_engine(empty)
    with connected.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'poser_9999'"))
    connected.dispose()
    assert status("poser", empty).state is State.UNKNOWN
    with pytest.raises(PoserError, match="poser_9999, which this release does not know"):
        upgrade("poser", empty)


def test_the_first_phase_runs_only_what_the_old_code_can_live_with(empty: str) -> None:
    assert upgrade("trainwreck", empty, Phase.PRE) == ["trainwreck_0001"]
