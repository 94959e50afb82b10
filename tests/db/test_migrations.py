# SPDX-License-Identifier: Apache-2.0
"""Migrations: they make what the models say, can be undone, and wait for nobody long."""

import subprocess
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from poser.databases import DATABASES
from poser.db.branches import branches
from poser.db.catalog import Line, lines
from poser.db.losses import losses
from poser.db.migrations import (
    LOCK_TIMEOUT_MS,
    Phase,
    State,
    downgrade,
    heads,
    status,
    upgrade,
)
from poser.db.schema import require_schema
from poser.db.showing import sql_of_upgrade
from poser.errors import PoserError, Unavailable
from poser.extensions.schema import check_schema
from tests.support.postgresql import OWNER, Server

pytestmark = pytest.mark.postgresql


@pytest.fixture
def empty(postgresql: Server) -> Iterator[str]:
    """Give the address of an empty database."""
    name = postgresql.create()
    yield postgresql.owner_url(name)
    postgresql.drop(name)


@pytest.fixture
def migrated(new_database: Callable[[str], Engine], postgresql: Server) -> str:
    """Give the address of a `poser` database as its migrations leave it."""
    return postgresql.owner_url(str(new_database("poser").url.database))


def catalog(connected: Engine) -> dict[str, Line]:
    with connected.connect() as connection:
        return lines(connection)


def check(database: str, url: str) -> list[str]:
    return [str(one) for one in check_schema(database, url)]


@pytest.mark.parametrize("database", DATABASES)
def test_the_models_equal_the_migrated_schema(database: str, empty: str) -> None:
    upgrade(database, empty)
    assert check(database, empty) == []
    connected = create_engine(empty)
    assert len(catalog(connected)) > 50
    connected.dispose()


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("ALTER TABLE stores DROP COLUMN name CASCADE", "column stores.name is missing"),
        ("ALTER TABLE stores ADD extra text", "column stores.extra is in no model"),
        ("ALTER TABLE stores ADD extra text", "column stores.extra has no comment"),
        ("CREATE TABLE extra (id int)", "table extra is in no model"),
        ("ALTER TABLE stores ALTER name TYPE varchar(9)", "column stores.name is: character var"),
        ("ALTER TABLE stores ALTER name DROP NOT NULL", "column stores.name is: text; the models"),
        ("COMMENT ON TABLE stores IS 'Shops.'", "table stores has the comment: 'Shops.'; the m"),
        ("CREATE FUNCTION extra() RETURNS int LANGUAGE sql AS 'SELECT 1'", "function extra() has"),
        ("CREATE VIEW extra AS SELECT 1 AS one", "view extra has no comment"),
        (
            "CREATE FUNCTION extra() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
            "function extra() runs with its owner's rights and the caller's search_path",
        ),
        (
            "ALTER TABLE stores ADD other_id uuid REFERENCES stores (id)",
            "foreign key stores.stores_other_id_fkey has no index",
        ),
        ("DROP INDEX ix_products_search", "index products.ix_products_search is missing"),
    ],
)
def test_what_differs_from_the_models_is_named(migrated: str, statement: str, found: str) -> None:
    connected = create_engine(migrated)
    with connected.begin() as connection:
        connection.execute(text(statement))
    before = catalog(connected)
    differences = check("poser", migrated)
    assert any(line.startswith(found) for line in differences), differences
    assert catalog(connected) == before, "looking changes nothing"
    connected.dispose()


def test_a_table_of_another_owner_is_named(migrated: str, postgresql: Server) -> None:
    name = make_url(migrated).database or ""
    with postgresql.connect(name, user="postgres") as other, other.cursor() as cursor:
        cursor.execute("CREATE TABLE extra (id int)")
    assert "table extra does not belong to the owner of the database" in check("poser", migrated)


def test_a_schema_that_is_behind_is_not_compared(empty: str) -> None:
    assert check("trainwreck", empty) == ["branch trainwreck is empty at nothing"]


@pytest.mark.parametrize("database", DATABASES)
def test_up_down_up_gives_the_same_schema(database: str, empty: str) -> None:
    connected = create_engine(empty)
    assert status(database, empty).state is State.EMPTY
    ran = upgrade(database, empty)
    first = catalog(connected)
    assert status(database, empty).state is State.CURRENT
    downgrade(database, empty, "base")
    assert catalog(connected) == {}
    with connected.connect() as connection:
        functions = connection.execute(text("SELECT to_regproc('uuid7')")).scalar_one()
    assert functions is None
    assert upgrade(database, empty) == ran
    assert catalog(connected) == first
    assert upgrade(database, empty) == []
    connected.dispose()


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
    migrated: str, postgresql: Server
) -> None:
    downgrade("poser", migrated, "poser_0001")
    name = make_url(migrated).database or ""
    other = postgresql.connect(name, program="a long report", user=OWNER)
    with other.cursor() as cursor:
        cursor.execute("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE")
    with pytest.raises(Unavailable, match="locked for more than 4 s") as caught:
        upgrade("poser", migrated)
    assert "a long report" in caught.value.hint
    other.close()
    assert upgrade("poser", migrated)[0] == "poser_0002"


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


def test_a_database_of_a_newer_release_is_left_alone(migrated: str) -> None:
    connected = create_engine(migrated)
    with connected.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'poser_9999'"))
    connected.dispose()
    assert status("poser", migrated).state is State.UNKNOWN
    with pytest.raises(PoserError, match="poser_9999, which this release does not know"):
        upgrade("poser", migrated)


def test_the_first_phase_runs_only_what_the_old_code_can_live_with(empty: str) -> None:
    assert upgrade("trainwreck", empty, Phase.PRE)[0] == "trainwreck_0001"


@pytest.mark.parametrize("database", DATABASES)
def test_every_revision_is_named_after_its_branch_and_says_when_it_runs(database: str) -> None:
    (branch,) = branches(database)
    assert heads(database) == (branch.head,)
    for number, revision in enumerate(branch.revisions, start=1):
        assert revision.id == f"{database}_{number:04}"
        assert revision.phase in {"pre", "post"}
        assert revision.needs is None
        assert revision.what


@pytest.mark.parametrize("database", DATABASES)
def test_the_sql_of_an_upgrade_makes_the_same_schema(
    database: str, empty: str, postgresql: Server, templates: dict[str, str]
) -> None:
    script = sql_of_upgrade(database, empty)
    assert status(database, empty).state is State.EMPTY, "only shown"
    name = make_url(empty).database or ""
    done = subprocess.run(
        ["psql", "-Xqv", "ON_ERROR_STOP=1", "-h", str(postgresql.folder), "-U", OWNER, name],
        input=script, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert status(database, empty).state is State.CURRENT
    made, wanted = (create_engine(postgresql.owner_url(n)) for n in (name, templates[database]))
    assert catalog(made) == catalog(wanted)
    assert sql_of_upgrade(database, empty) == ""
    made.dispose()
    wanted.dispose()


def test_what_a_downgrade_loses_is_said_and_not_lost_by_saying(migrated: str) -> None:
    connected = create_engine(migrated)
    with connected.begin() as connection:
        connection.execute(text("INSERT INTO stores (number, name) VALUES ('9', 'North')"))
    before = catalog(connected)
    said = losses("poser", migrated, "poser_0001")
    assert said[0].startswith(f"undoes {heads('poser')[0]}, ")
    assert "loses table stores with 1 rows" in said
    assert catalog(connected) == before
    with connected.connect() as connection:
        assert connection.execute(text("SELECT name FROM stores")).scalars().all() == ["North"]
    assert losses("poser", migrated, heads("poser")[0]) == ["there is nothing to undo"]
    with pytest.raises(PoserError, match="poser cannot go down to 'poser_9999': it is at"):
        losses("poser", migrated, "poser_9999")
    with pytest.raises(PoserError, match="database poser has no branch 'coop'"):
        downgrade("poser", migrated, "base", branch="coop")
    connected.dispose()


def test_each_revision_is_announced_before_it_runs(empty: str) -> None:
    told: list[tuple[str, int, int]] = []
    ran = upgrade("trainwreck", empty, report=lambda one, n, of: told.append((one.id, n, of)))
    assert told == [(name, n, len(ran)) for n, name in enumerate(ran, start=1)]


def test_a_program_refuses_to_start_on_an_older_schema(migrated: str) -> None:
    require_schema({"poser": migrated})
    newest = heads("poser")[0]
    downgrade("poser", migrated, "poser_0001")
    with pytest.raises(
        PoserError, match=f"'poser' has poser_0001, but this release needs {newest}"
    ):
        require_schema({"poser": migrated})
