# SPDX-License-Identifier: Apache-2.0
"""A node that somebody stole writes what it likes, and gets nowhere with it."""

import pytest

from tests.support.nodes import Chain

pytestmark = pytest.mark.postgresql

A, B, C = (f"0190aaaa-0000-7000-8000-00000000000{n}" for n in "abc")
_ORDER = (
    "INSERT INTO customer_orders (id, number, store_id, customer_id)"
    " SELECT :id, 7, s.id, c.id FROM stores AS s, customers AS c WHERE s.number = :store"
)


def order(chain: Chain, node: str, key: str, store: str) -> None:
    if not chain.host.one("SELECT count(*) FROM customers"):
        chain.host.run("INSERT INTO customers (id, number, name) VALUES (:id, '1', 'Kim')", id=C)
        chain.settle()
    chain[node].run(_ORDER.replace("7", str(ord(key[-1]))), id=key, store=store)


def test_rows_of_another_store_are_neither_written_nor_taken(chain: Chain) -> None:
    order(chain, "store-2", A, "2")
    chain.settle()
    assert chain.host.one("SELECT count(*) FROM customer_orders") == 1
    assert chain["store-1"].one("SELECT count(*) FROM customer_orders") == 0
    # Store 1 makes one for store 2, and claims store 2's own.
    order(chain, "store-1", B, "2")
    order(chain, "store-1", A, "1")
    before = chain["store-2"].rows("SELECT id, store_id FROM customer_orders")
    chain.settle()
    assert chain.host.one("SELECT count(*) FROM customer_orders") == 1
    assert chain["store-2"].rows("SELECT id, store_id FROM customer_orders") == before
    assert chain["store-1"].one("SELECT count(*) FROM customer_orders") == 0, "taken back"


def test_a_deletion_of_another_stores_row_is_refused(chain: Chain) -> None:
    order(chain, "store-2", A, "2")
    chain.settle()
    order(chain, "store-1", A, "1")
    chain.queue(chain["store-1"])
    chain["store-1"].run("DELETE FROM customer_orders")
    chain.settle()
    assert chain.host.one("SELECT count(*) FROM customer_orders") == 1
    assert chain["store-2"].one("SELECT count(*) FROM customer_orders") == 1


def test_a_store_raises_nobodys_rights(chain: Chain) -> None:
    chain.host.run("INSERT INTO users (id, name) VALUES (:id, 'kim')", id=A)
    chain.host.run(
        "INSERT INTO user_roles (id, name, is_synced, syncs_users)"
        " VALUES (:id, 'Tills', true, true)",
        id=B,
    )
    chain.settle()
    store = chain["store-1"]
    store.run("UPDATE user_roles SET is_administrator = true WHERE id = :id", id=B)
    store.run(
        "INSERT INTO user_user_role (id, user_id, user_role_id) VALUES (:c, :a, :b)", c=C, a=A, b=B
    )
    store.run("UPDATE users SET password_hash = 'mine' WHERE id = :id", id=A)
    chain.settle()
    for node in ("host-1", "store-1", "store-2"):
        assert chain[node].one("SELECT is_administrator FROM user_roles WHERE id = :id", id=B) is (
            False
        ), node
        assert chain[node].one("SELECT count(*) FROM user_user_role WHERE id = :id", id=C) == 0
        assert chain[node].one("SELECT password_hash FROM users WHERE id = :id", id=A) is None


def test_the_cloud_writes_no_table_that_it_does_not_have(chain: Chain) -> None:
    chain["cloud-1"].run("INSERT INTO brands (id, name) VALUES (:id, 'Mine')", id=A)
    chain["cloud-1"].run(
        "INSERT INTO pending_customers (id, status, display_name) VALUES (:id, 'pending', 'Kim')",
        id=B,
    )
    chain.settle()
    assert chain.host.one("SELECT count(*) FROM brands") == 0
    assert chain.host.one("SELECT count(*) FROM pending_customers") == 0


def test_local_users_stay_and_what_refers_to_them_arrives_without(chain: Chain) -> None:
    store = chain["store-1"]
    store.run("INSERT INTO users (id, name, is_local) VALUES (:id, 'till', true)", id=A)
    store.run("INSERT INTO customers (id, number, name) VALUES (:id, '1', 'Kim')", id=C)
    store.run(
        "INSERT INTO notes (id, kind, text, customer_id, created_by_id)"
        " VALUES (:id, 'general', 'Likes tea', :customer, :user)",
        id=B,
        customer=C,
        user=A,
    )
    chain.settle()
    assert chain.host.one("SELECT count(*) FROM users WHERE name = 'till'") == 0
    assert chain["store-2"].rows("SELECT text, created_by_id FROM notes") == [("Likes tea", None)]
    # What comes back does not take it away where it is known.
    chain.host.run("UPDATE notes SET text = 'Likes black tea'")
    chain.settle()
    assert store.rows("SELECT text, CAST(created_by_id AS text) FROM notes") == [
        ("Likes black tea", A)
    ]
