# SPDX-License-Identifier: Apache-2.0
"""The application adds to the history by writing its tables, and can do nothing else to it."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from poser.db import engine, transaction
from poser.errors import PoserError
from poser.history.catching_up import catch_up
from poser.history.switching import switch
from tests.support.postgresql import Server

pytestmark = pytest.mark.postgresql

FORBIDDEN = (
    "INSERT INTO versions SELECT * FROM versions",
    "UPDATE versions SET new = old",
    "DELETE FROM versions",
    "TRUNCATE versions",
    "DROP TABLE versions",
    "INSERT INTO versions_default SELECT * FROM versions",
    "UPDATE versions_default SET new = old",
    "DELETE FROM versions_default",
    "SELECT nextval('versions_statement')",
    "SELECT setval('versions_statement', 1)",
    "INSERT INTO history_transactions (id, at, source) VALUES (uuid7(), now(), 'web')",
    "UPDATE history_transactions SET user_name = 'somebody else'",
    "DELETE FROM history_transactions",
    "TRUNCATE history_transactions",
    "INSERT INTO recorded_tables (name) VALUES ('x')",
    "UPDATE recorded_tables SET is_history_on = false",
    "DELETE FROM recorded_tables",
    "INSERT INTO capture (table_id, key, operation, origin) VALUES (1, uuid7(), 'x', '')",
    "UPDATE capture SET origin = 'x'",
    "TRUNCATE capture",
    "DROP TRIGGER keep_update ON brands",
    "ALTER TABLE brands DISABLE TRIGGER keep_update",
    "ALTER TABLE brands DISABLE TRIGGER ALL",
    "TRUNCATE brands",
    "SET session_replication_role = 'replica'",
    "SET ROLE poser_owner",
    "CREATE OR REPLACE FUNCTION keep_changes() RETURNS trigger LANGUAGE sql AS 'SELECT 1'",
    "ALTER FUNCTION keep_changes() RENAME TO gone",
    "SELECT record_changes('brands', false, false, '{}', '{}')",
    "SELECT unrecord_changes('brands')",
    "SELECT keep_baseline('brands', uuid7(), uuid7())",
    "SELECT open_history_transaction(uuid7())",
    # A table of its own, from which the function would write as the owner.
    """CREATE TEMP TABLE mine (id uuid); CREATE TRIGGER x AFTER INSERT ON mine
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION keep_changes('brands')""",
    "ALTER DEFAULT PRIVILEGES FOR ROLE poser_owner GRANT ALL ON TABLES TO poser",
)


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_application_cannot(statement: str, poser_shared: Engine) -> None:
    with pytest.raises(DBAPIError) as caught, transaction(poser_shared) as session:
        session.execute(text(statement))
    assert getattr(caught.value.orig, "pgcode", "") == "42501", caught.value.orig


@pytest.fixture(scope="module")
def poser_shared(postgresql: Server, templates: dict[str, str]) -> Iterator[Engine]:
    """Give one database to all these tests: none of them changes anything."""
    name = postgresql.create(templates["poser"])
    connected = engine(postgresql.url(name))
    yield connected
    connected.dispose()
    postgresql.drop(name)


def test_partitions_of_months_to_come_are_as_closed(poser_shared: Engine) -> None:
    with transaction(poser_shared, read_only=True) as session:
        rights = session.execute(
            text(
                "SELECT c.relname, has_table_privilege('poser', c.oid,"
                " 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')"
                " FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid"
                " WHERE inhparent = 'versions'::regclass"
            )
        ).all()
    assert len(rights) == 4
    assert [name for name, may in rights if may] == []


def test_a_temporary_table_of_the_same_name_does_not_mislead_the_trigger(
    poser_db: Engine,
) -> None:
    with transaction(poser_db) as session:
        for name in ("versions", "recorded_tables", "capture", "history_transactions"):
            session.execute(text(f"CREATE TEMP TABLE {name} (LIKE public.{name})"))
        session.execute(text("INSERT INTO brands (name) VALUES ('Acme')"))
        kept = session.execute(
            text("SELECT count(*) FROM public.versions WHERE new -> 'name' = 'Acme'")
        ).scalar_one()
    assert kept == 1


def test_switching_and_catching_up_need_the_owner_and_say_so(
    new_database: Callable[[str], Engine],
) -> None:
    connected = new_database("poser")
    with (
        pytest.raises(PoserError, match="only the owner of the database may switch") as caught,
        transaction(connected) as session,
    ):
        switch(session, ["brands"], history=False)
    assert "sudo poser history off" in caught.value.hint
    with pytest.raises(PoserError, match="only the owner of the database may add baselines"):
        catch_up(connected, "user_roles")
