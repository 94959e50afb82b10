# SPDX-License-Identifier: Apache-2.0
"""What triggers keep of changes: every kind, whoever makes it, and nothing twice."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, create_engine, text, update
from sqlalchemy.exc import DBAPIError

from poser.db import transaction
from poser.db.authors import Author, authored
from poser.history import changes_of, changes_of_transaction, deleted, last_change
from poser.history.reading import newest_transactions
from poser.model import Brand, Department, Product, User, load
from tests.support.postgresql import Server

pytestmark = pytest.mark.postgresql

VERSIONS = """
SELECT r.name, v.kind, hstore_to_json(v.old), hstore_to_json(v.new)
FROM versions v JOIN recorded_tables r ON r.id = v.table_id ORDER BY v.statement, v.n
"""


def run(engine: Engine, *statements: str, author: Author | None = None) -> None:
    with transaction(engine, author=author) as session:
        for statement in statements:
            session.execute(text(statement))


def rows(engine: Engine, statement: str) -> list[tuple[Any, ...]]:
    with transaction(engine, read_only=True) as session:
        return [tuple(row) for row in session.execute(text(statement))]


def versions(engine: Engine, table: str) -> list[tuple[Any, ...]]:
    return [row[1:] for row in rows(engine, VERSIONS) if row[0] == table]


def ask(engine: Engine, question: Callable[..., Any], *about: object) -> Any:  # noqa: ANN401 - as the question answers
    with transaction(engine, read_only=True) as session:
        return question(session, *about)


def refused(engine: Engine, statement: str) -> str:
    with pytest.raises(DBAPIError) as caught:
        run(engine, statement)
    return " ".join(str(caught.value.orig).split())


def test_a_row_that_comes_changes_and_goes_leaves_three_versions(poser_db: Engine) -> None:
    run(poser_db, "INSERT INTO brands (name) VALUES ('Acme')")
    run(poser_db, "UPDATE brands SET name = 'Acme & Co'")
    run(poser_db, "DELETE FROM brands")
    came, changed, gone = versions(poser_db, "brands")
    assert came[0] == "insert"
    assert came[1] is None
    assert came[2]["name"] == "Acme"
    assert came[2].keys() > {"id", "name", "created_at", "modified_at"}
    assert changed == ("update", {"name": "Acme"}, {"name": "Acme & Co"})
    assert gone[0] == "delete"
    assert gone[1] == {**came[2], "name": "Acme & Co"}
    assert gone[2] is None


def test_an_update_that_changes_nothing_makes_no_version_and_no_transaction(
    poser_db: Engine,
) -> None:
    run(poser_db, "INSERT INTO brands (name) VALUES ('Acme'), ('Bell')")
    before = rows(poser_db, "SELECT count(*) FROM history_transactions")
    run(poser_db, "UPDATE brands SET name = name")
    run(poser_db, "UPDATE brands SET name = name || 'x' WHERE name = 'nobody'")
    assert len(versions(poser_db, "brands")) == 2
    assert rows(poser_db, "SELECT count(*) FROM history_transactions") == before
    run(poser_db, "UPDATE brands SET name = CASE name WHEN 'Acme' THEN 'Apex' ELSE name END")
    assert versions(poser_db, "brands")[2:] == [("update", {"name": "Acme"}, {"name": "Apex"})]


def test_null_and_empty_text_are_told_apart(poser_db: Engine) -> None:
    run(poser_db, "INSERT INTO products (description, plu) VALUES ('Kale', 94011)")
    run(poser_db, "UPDATE products SET plu = NULL, size = 'a'")
    run(poser_db, "UPDATE products SET plu = 4011, size = ''")
    first, second = versions(poser_db, "products")[1:]
    assert first[1:] == ({"plu": "94011", "size": ""}, {"plu": None, "size": "a"})
    assert second[1:] == ({"plu": None, "size": "a"}, {"plu": "4011", "size": ""})


def test_cascades_are_kept_as_changes_of_the_table_they_reach(poser_db: Engine) -> None:
    run(
        poser_db,
        "INSERT INTO products (description) VALUES ('Kale'), ('Leek')",
        "INSERT INTO product_codes (product_id, code) SELECT id, description FROM products",
    )
    run(poser_db, "DELETE FROM products WHERE description = 'Kale'")
    assert [one[0] for one in versions(poser_db, "product_codes")] == ["insert", "insert", "delete"]
    assert versions(poser_db, "product_codes")[2][1]["code"] == "Kale"


def test_a_row_that_one_statement_changes_twice_has_both_versions_in_order(
    postgresql: Server, poser_db: Engine
) -> None:
    owner = create_engine(postgresql.owner_url(poser_db.url.database or ""))
    run(
        owner,
        "CREATE TABLE parents (id uuid PRIMARY KEY DEFAULT uuid7(), name text)",
        "CREATE TABLE children (id uuid PRIMARY KEY DEFAULT uuid7(), a uuid, b uuid,"
        " FOREIGN KEY (a) REFERENCES parents ON DELETE SET NULL,"
        " FOREIGN KEY (b) REFERENCES parents ON DELETE SET NULL)",
        "SELECT record_changes('children', true, true, '{}', '{}')",
    )
    run(
        poser_db,
        "INSERT INTO parents (name) VALUES ('x')",
        "INSERT INTO children (a, b) SELECT id, id FROM parents, generate_series(1, 3)",
    )
    run(poser_db, "DELETE FROM parents")
    changed = [one for one in versions(poser_db, "children") if one[0] == "update"]
    assert sorted(tuple(one[1]) for one in changed) == [("a",)] * 3 + [("b",)] * 3
    assert all(list(one[2].values()) == [None] for one in changed)
    owner.dispose()


def test_upserts_and_statements_with_several_parts_are_kept_whole(poser_db: Engine) -> None:
    run(poser_db, "INSERT INTO user_roles (id, name) VALUES (uuid7(), 'Cashiers')")
    before = len(versions(poser_db, "user_roles"))
    run(
        poser_db,
        "INSERT INTO user_roles (id, name) SELECT id, name || '!' FROM user_roles"
        " WHERE name = 'Cashiers' UNION ALL SELECT uuid7(), 'Clerks'"
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name",
    )
    kept = versions(poser_db, "user_roles")[before:]
    assert sorted(one[0] for one in kept) == ["insert", "update"]
    assert ("update", {"name": "Cashiers"}, {"name": "Cashiers!"}) in kept
    run(
        poser_db,
        "WITH gone AS (DELETE FROM user_roles WHERE name = 'Clerks' RETURNING name),"
        " new AS (INSERT INTO user_roles (name) SELECT name || ' 2' FROM gone)"
        " UPDATE user_roles SET description = 'x' WHERE name = 'Cashiers!'",
    )
    assert sorted(one[0] for one in versions(poser_db, "user_roles")[before + 2 :]) == [
        "delete",
        "insert",
        "update",
    ]


def test_generated_columns_are_never_kept(poser_db: Engine) -> None:
    run(poser_db, "INSERT INTO products (description) VALUES ('Kale')")
    run(poser_db, "UPDATE products SET description = 'Leek'")
    assert all("search" not in (one[1] or {}) for one in versions(poser_db, "products"))
    assert all("search" not in (one[2] or {}) for one in versions(poser_db, "products"))
    assert versions(poser_db, "products")[1][2] == {"description": "Leek"}


def test_of_a_secret_only_its_change_is_kept_and_of_other_columns_not_even_that(
    poser_db: Engine,
) -> None:
    run(poser_db, "INSERT INTO users (name, password_hash) VALUES ('anna', 'argon-1')")
    run(poser_db, "UPDATE users SET last_sign_in_at = now()")
    run(poser_db, "UPDATE users SET password_hash = 'argon-2'")
    run(poser_db, "DELETE FROM users")
    came, changed, gone = versions(poser_db, "users")
    assert came[2]["password_hash"] == gone[1]["password_hash"] == "(secret)"
    assert changed == ("update", {"password_hash": "(secret)"}, {"password_hash": "(secret)"})
    assert "last_sign_in_at" not in gone[1]
    assert not [
        row for row in rows(poser_db, "SELECT v::text FROM versions v") if "argon" in row[0]
    ]


def test_values_are_kept_alike_whatever_the_writers_settings_are(poser_db: Engine) -> None:
    run(poser_db, "INSERT INTO brands (name, created_at) VALUES ('A', '2026-02-03 04:05:06.7+00')")
    with transaction(poser_db) as session:
        session.execute(text("SET LOCAL datestyle = 'SQL, DMY'"))
        session.execute(text("SET LOCAL timezone = 'Asia/Tokyo'"))
        session.execute(text("UPDATE brands SET created_at = '04/02/2026 13:05:06.7'"))
        session.execute(text("SET LOCAL enable_nestloop = on"))
        session.execute(text("UPDATE brands SET modified_at = '05/02/2026 00:00'"))
        shown = session.execute(text("SELECT created_at::text FROM brands")).scalar_one()
    # What the session itself sees is as it wants it.
    assert shown == "04/02/2026 13:05:06.7 JST"
    first, second = versions(poser_db, "brands")[1:]
    assert first[1:] == (
        {"created_at": "2026-02-03 04:05:06.7+00"},
        {"created_at": "2026-02-04 04:05:06.7+00"},
    )
    assert second[2] == {"modified_at": "2026-02-04 15:00:00+00"}


def test_the_planners_settings_of_a_session_are_its_own_after_a_change_of_many_rows(
    poser_db: Engine,
) -> None:
    with transaction(poser_db) as session:
        session.add_all([Brand(name=f"Brand {n}") for n in range(5)])
        session.flush()
        session.execute(text("UPDATE brands SET name = name || '!'"))
        settings = "current_setting('enable_nestloop'), current_setting('enable_mergejoin')"
        assert tuple(session.execute(text(f"SELECT {settings}")).one()) == ("on", "on")


def test_what_is_rolled_back_to_a_savepoint_leaves_nothing(poser_db: Engine) -> None:
    made = rows(poser_db, "SELECT count(*) FROM history_transactions")
    run(
        poser_db,
        "SAVEPOINT one",
        "INSERT INTO brands (name) VALUES ('Acme')",
        "ROLLBACK TO SAVEPOINT one",
        "INSERT INTO brands (name) VALUES ('Bell')",
        "SAVEPOINT two",
        "INSERT INTO brands (name) VALUES ('Coop')",
        "RELEASE SAVEPOINT two",
    )
    kept = versions(poser_db, "brands")
    assert [one[2]["name"] for one in kept] == ["Bell", "Coop"]
    added = rows(poser_db, "SELECT count(*) FROM history_transactions")[0][0] - made[0][0]
    assert added == 1
    orphans = "SELECT FROM versions v WHERE NOT EXISTS (SELECT FROM history_transactions t"
    assert rows(poser_db, f"{orphans} WHERE t.id = v.transaction_id)") == []


def test_a_setting_cannot_put_changes_into_the_transaction_of_another(poser_db: Engine) -> None:
    run(poser_db, "INSERT INTO brands (name) VALUES ('Acme')", author=Author(source="web"))
    other = rows(poser_db, "SELECT id FROM history_transactions ORDER BY id DESC LIMIT 1")[0][0]
    run(
        poser_db,
        f"SET LOCAL poser.history_transaction = '{other}'",
        "INSERT INTO brands (name) VALUES ('Bell')",
    )
    found = rows(
        poser_db,
        "SELECT new -> 'name', transaction_id FROM versions WHERE new ? 'name'"
        " AND new -> 'name' IN ('Acme', 'Bell')",
    )
    assert dict(found)["Acme"] == other
    assert dict(found)["Bell"] != other


def test_truncate_of_a_recorded_table_is_refused_to_its_owner_too(
    postgresql: Server, poser_db: Engine
) -> None:
    owner = create_engine(postgresql.owner_url(poser_db.url.database or ""))
    words = refused(owner, "TRUNCATE brands CASCADE")
    assert "table brands is recorded: TRUNCATE would leave no history" in words
    assert "use DELETE FROM brands" in words
    owner.dispose()


def test_the_id_of_a_recorded_row_cannot_change(poser_db: Engine) -> None:
    run(poser_db, "INSERT INTO brands (name) VALUES ('Acme')")
    assert "table brands is recorded: the id" in refused(poser_db, "UPDATE brands SET id = uuid7()")
    run(poser_db, "UPDATE brands SET id = id, name = 'Bell'")


def test_the_author_of_a_transaction_is_kept_with_all_its_changes(poser_db: Engine) -> None:
    anna = UUID("01900000-0000-7000-8000-00000000000a")
    author = Author(
        source="web",
        user_id=anna,
        user_name="anna",
        address="203.0.113.9",
        via="/products",
        comment='a "price" war\nagain',
        origin="north",
    )
    with authored(author), transaction(poser_db) as session:
        session.add(Brand(name="Acme"))
        session.add(Department(number="1", name="Dairy"))
    (made,) = ask(poser_db, newest_transactions, "brands")
    changes = ask(poser_db, changes_of_transaction, made.id)
    assert {change.table for change in changes} == {"brands", "departments"}
    assert {change.made for change in changes} == {made}
    assert (made.source, made.user_id, made.user_name, made.address) == (
        "web",
        anna,
        "anna",
        "203.0.113.9",
    )
    assert (made.via, made.comment, made.origin) == ("/products", 'a "price" war\nagain', "north")


def test_psql_is_told_apart_by_its_role_and_its_own_name(
    postgresql: Server, poser_db: Engine
) -> None:
    other = postgresql.connect(poser_db.url.database or "", program="psql")
    with other, other.cursor() as cursor:
        cursor.execute("INSERT INTO brands (name) VALUES ('by hand')")
    other.close()
    (made,) = ask(poser_db, newest_transactions, "brands")
    assert (made.source, made.user_name, made.via) == ("sql", "poser", "psql")


def test_one_transactions_author_is_not_that_of_the_next_on_the_same_connection(
    poser_db: Engine,
) -> None:
    run(poser_db, "INSERT INTO brands (name) VALUES ('A')", author=Author(source="web"))
    run(poser_db, "INSERT INTO brands (name) VALUES ('B')")
    second, first = ask(poser_db, newest_transactions, "brands")
    assert (first.source, second.source) == ("web", "sql")


def test_bulk_changes_through_the_orm_are_kept(poser_db: Engine) -> None:
    with transaction(poser_db) as session:
        session.add_all([Product(description=f"Kale {n}") for n in range(50)])
    with transaction(poser_db) as session:
        session.execute(update(Product).values(is_weighed=True))
    kept = [one for one in versions(poser_db, "products") if one[0] == "update"]
    assert len(kept) == 50
    assert all(one[2]["is_weighed"] == "t" for one in kept)


def test_the_last_change_of_a_field_and_what_was_deleted_are_found(poser_db: Engine) -> None:
    with transaction(poser_db, author=Author(source="web", user_name="anna")) as session:
        brand = Brand(name="Acme")
        session.add(brand)
    run(poser_db, "UPDATE brands SET name = 'Bell'", author=Author(source="web", user_name="ben"))
    run(poser_db, "UPDATE brands SET modified_at = now() + '1 s'", author=Author(source="web"))
    found = ask(poser_db, last_change, "brands", brand.id, "name")
    assert found is not None
    assert found.made.user_name == "ben"
    assert ask(poser_db, deleted, "brands") == []
    run(poser_db, "DELETE FROM brands")
    assert [change.old["name"] for change in ask(poser_db, deleted, "brands")] == ["Bell"]
    with transaction(poser_db) as session:
        session.add(Brand(id=brand.id, name="Back"))
    assert ask(poser_db, deleted, "brands") == []
    assert [c.kind for c in ask(poser_db, changes_of, "brands", brand.id)] == [
        "insert",
        "update",
        "update",
        "delete",
        "insert",
    ]


def test_deleting_a_user_keeps_their_authorship(poser_db: Engine) -> None:
    with transaction(poser_db) as session:
        user = User(name="anna")
        session.add(user)
    author = Author(source="web", user_id=user.id, user_name="anna")
    run(poser_db, "INSERT INTO brands (name) VALUES ('Acme')", author=author)
    run(poser_db, "DELETE FROM users")
    (made,) = ask(poser_db, newest_transactions, "brands")
    assert (made.user_id, made.user_name) == (user.id, "anna")


def test_every_table_of_the_model_is_recorded_unless_it_says_otherwise(
    new_database: Callable[[str], Engine],
) -> None:
    connected = new_database("poser")
    expected = {}
    load()
    for table in Product.metadata.sorted_tables:
        is_kept = table.info.get("history", True), table.info.get("capture", True)
        if any(is_kept):
            without = {c.name for c in table.columns if c.computed is not None}
            without |= {c.name for c in table.columns if c.info.get("history") is False}
            secret = {c.name for c in table.columns if c.info.get("history") == "secret"}
            expected[table.name] = (*is_kept, without, secret)
    found = {
        row[0]: (row[1], row[2], set(row[3]), set(row[4]))
        for row in rows(
            connected,
            "SELECT name, is_history_on, is_capture_on, without, secret FROM recorded_tables"
            " WHERE has_history OR has_capture",
        )
    }
    assert found == expected
    triggers = rows(
        connected,
        "SELECT c.relname, array_agg(t.tgname::text ORDER BY t.tgname) FROM pg_trigger t"
        " JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE NOT t.tgisinternal AND NOT c.relispartition"
        " AND (t.tgname LIKE 'keep\\_%' OR t.tgname LIKE 'refuse\\_%') GROUP BY 1",
    )
    five = ["keep_delete", "keep_insert", "keep_update", "refuse_new_id", "refuse_truncate"]
    assert dict(triggers) == dict.fromkeys(expected, five)


def test_a_table_without_an_id_cannot_be_recorded(postgresql: Server, poser_db: Engine) -> None:
    owner = create_engine(postgresql.owner_url(poser_db.url.database or ""))
    run(owner, "CREATE TABLE plain (name text PRIMARY KEY)")
    assert re.search(
        'table plain cannot be recorded: it has no primary key "id uuid"',
        refused(owner, "SELECT record_changes('plain', true, true, '{}', '{}')"),
    )
    assert 'it has no column "nome"' in refused(
        owner, "SELECT record_changes('brands', true, true, '{nome}', '{}')"
    )
    owner.dispose()
