# SPDX-License-Identifier: Apache-2.0
"""What is written on one node is on the others: catalogue down, customers both ways."""

import pytest

from poser.datasync.applying import OutOfStep
from poser.datasync.exchange import give
from poser.datasync.parking import TRIES
from tests.support.nodes import Chain, differing

pytestmark = pytest.mark.postgresql

_PRODUCT = "INSERT INTO products (id, gtin, description) VALUES (:id, :gtin, :name)"
A, B, C = (f"0190aaaa-0000-7000-8000-00000000000{n}" for n in "abc")
MILK, BREAD = 4006381333931, 5000112637922


def product(chain: Chain, key: str, name: str, gtin: int | None = None) -> None:
    chain.host.run(_PRODUCT, id=key, gtin=gtin, name=name)


def name_of(chain: Chain, node: str, key: str = A) -> object:
    return chain[node].one("SELECT description FROM products WHERE id = :id", id=key)


def test_a_product_goes_to_the_stores_and_not_to_the_cloud(chain: Chain) -> None:
    product(chain, A, "Milk")
    chain.settle()
    assert name_of(chain, "store-1") == name_of(chain, "store-2") == "Milk"
    assert name_of(chain, "cloud-1") is None
    chain.host.run("UPDATE products SET description = 'Whole milk'")
    chain.settle()
    assert name_of(chain, "store-2") == "Whole milk"
    chain.host.run("DELETE FROM products")
    chain.settle()
    assert name_of(chain, "store-1") is None


def test_two_products_swap_barcodes_in_one_transaction(chain: Chain) -> None:
    product(chain, A, "Milk", MILK)
    product(chain, B, "Bread", BREAD)
    chain.settle()
    swap = "UPDATE products SET gtin = CASE gtin WHEN :milk THEN :bread ELSE :milk END"
    chain.host.run(swap, milk=MILK, bread=BREAD)
    chain.settle()
    assert not list(differing(chain, ["products"]))
    assert chain["store-1"].one("SELECT gtin FROM products WHERE id = :id", id=A) == BREAD


def test_a_row_that_is_deleted_and_made_again_is_there(chain: Chain) -> None:
    product(chain, A, "Milk", MILK)
    chain.settle()
    chain.host.run("DELETE FROM products")
    product(chain, A, "New milk", MILK)
    chain.settle()
    assert name_of(chain, "store-1") == "New milk"
    chain.host.run("DELETE FROM products")
    product(chain, B, "Other milk", MILK)
    chain.settle()
    assert not list(differing(chain, ["products"]))


def test_a_part_may_come_twice_and_none_may_be_left_out(chain: Chain) -> None:
    store = chain["store-1"]
    product(chain, A, "Milk")
    chain.queue(chain.host)
    first = chain.part(chain.host, store)
    chain.take(store, chain.host, first)
    store.run("UPDATE products SET description = 'Touched here'")
    assert chain.take(store, chain.host, first).changes == 0
    product(chain, B, "Bread")
    chain.queue(chain.host)
    second = chain.part(chain.host, store)
    product(chain, C, "Tea")
    chain.queue(chain.host)
    third = chain.host.do(lambda s: give(s, "store-1", after=second.upto))
    with pytest.raises(OutOfStep, match="sent what comes after"):
        chain.take(store, chain.host, third)


def test_a_customer_changed_in_two_fields_on_two_nodes_has_both(chain: Chain) -> None:
    chain["store-1"].run("INSERT INTO customers (id, number, name) VALUES (:id, '1', 'Kim')", id=A)
    chain.settle()
    assert chain["cloud-1"].one("SELECT name FROM customers") == "Kim"
    chain["store-1"].run("UPDATE customers SET name = 'Kim Lee'")
    chain.host.run("UPDATE customers SET number = '2'")
    chain.settle()
    for node in ("host-1", "store-1", "store-2", "cloud-1"):
        assert chain[node].rows("SELECT number, name FROM customers") == [("2", "Kim Lee")], node
    assert chain.host.one("SELECT count(*) FROM datasync_conflicts") == 0


def test_of_a_field_that_both_changed_the_host_wins_and_both_versions_are_kept(
    chain: Chain,
) -> None:
    chain.host.run("INSERT INTO customers (id, number, name) VALUES (:id, '1', 'Kim')", id=A)
    chain.settle()
    chain["store-1"].run("UPDATE customers SET name = 'Kim in the store'")
    chain.host.run("UPDATE customers SET name = 'Kim at head office'")
    chain.settle()
    for node in ("host-1", "store-1", "store-2", "cloud-1"):
        assert chain[node].one("SELECT name FROM customers") == "Kim at head office", node
    kept = chain.host.rows(
        "SELECT base->>'name', ours->>'name', theirs->>'name', fields, decided_by"
        " FROM datasync_conflicts"
    )
    assert kept == [("Kim", "Kim at head office", "Kim in the store", ["name"], "host_wins")]


def test_what_a_store_changes_of_the_catalogue_is_put_back(chain: Chain) -> None:
    product(chain, A, "Milk")
    chain.settle()
    chain["store-1"].run("UPDATE products SET description = 'Cheap milk'")
    chain["store-2"].run("DELETE FROM products")
    chain["store-2"].run(_PRODUCT, id=B, gtin=None, name="Own idea")
    chain.settle()
    assert not list(differing(chain, ["products"]))
    assert name_of(chain, "store-1") == name_of(chain, "store-2") == "Milk"
    assert chain.host.one("SELECT count(*) FROM datasync_conflicts") == 3


def test_prices_of_a_store_are_there_only_and_leave_when_they_become_anothers(
    chain: Chain,
) -> None:
    product(chain, A, "Milk")
    price = (
        "INSERT INTO product_prices (id, product_id, store_id, kind, price, valid)"
        " SELECT :id, :product, id, 'regular', 1.99, '[2026-01-01,)' FROM stores WHERE number = '1'"
    )
    chain.host.run(price, id=B, product=A)
    chain.settle()
    count = "SELECT count(*) FROM product_prices"
    assert [chain[n].one(count) for n in ("store-1", "store-2")] == [1, 0]
    chain.host.run(
        "UPDATE product_prices SET store_id = (SELECT id FROM stores WHERE number = '2')"
    )
    chain.settle()
    assert [chain[n].one(count) for n in ("store-1", "store-2")] == [0, 1]
    chain.host.run("UPDATE product_prices SET store_id = NULL")
    chain.settle()
    assert [chain[n].one(count) for n in ("store-1", "store-2")] == [1, 1]


def test_a_row_that_one_store_refuses_waits_there_and_all_others_go_on(chain: Chain) -> None:
    store = chain["store-1"]
    # Only this store has it: made while it was not in step.
    store.run("SELECT set_config('poser.origin', 'host-1', true)")
    store.run("INSERT INTO brands (id, name) VALUES (:id, 'Acme')", id=C)
    store.run("DELETE FROM capture")
    chain.host.run("INSERT INTO brands (id, name) VALUES (:id, 'Acme')", id=A)
    chain.host.run("INSERT INTO brands (id, name) VALUES (:id, 'Other')", id=B)
    chain.settle()
    assert store.rows("SELECT name FROM brands ORDER BY name") == [("Acme",), ("Other",)]
    waits = store.rows("SELECT peer, table_name, CAST(key AS text), error FROM datasync_parked")
    assert [row[:3] for row in waits] == [("host-1", "brands", A)]
    assert "Acme" in str(waits[0][3])
    chain.host.run("UPDATE brands SET name = 'Acme Ltd' WHERE id = :id", id=A)
    chain.settle()
    assert store.one("SELECT data->>'name' FROM datasync_parked") == "Acme Ltd"
    chain.again(store, chain.host)
    assert store.one("SELECT count(*) FROM datasync_parked") == 0
    assert store.one("SELECT name FROM brands WHERE id = :id", id=A) == "Acme Ltd"


def test_what_is_refused_too_often_is_given_to_a_person(chain: Chain) -> None:
    store = chain["store-1"]
    store.run("INSERT INTO brands (id, name) VALUES (:id, 'Acme')", id=C)
    store.run("DELETE FROM capture")
    chain.host.run("INSERT INTO brands (id, name) VALUES (:id, 'Acme')", id=A)
    chain.settle()
    tried = [chain.again(store, chain.host) for _ in range(TRIES - 1)]
    assert [one.parked for one in tried] == [1] * (TRIES - 2) + [0]
    assert tried[-1].given_up == [f"brands {A}"]
    assert store.one("SELECT next_try_at FROM datasync_parked") is None
    assert chain.again(store, chain.host).given_up == [], "it is said once"


def test_what_is_changed_further_before_the_answer_comes_takes_nothing_back(chain: Chain) -> None:
    """A store goes on with its own version; the host has taken a field from elsewhere meanwhile."""
    host, store = chain.host, chain["store-1"]
    host.run("INSERT INTO customers (id, number, name) VALUES (:id, '1', 'Kim')", id=A)
    chain.settle()
    host.run("UPDATE customers SET discount_percent = 5")
    chain.queue(host)
    for name in ("Kim B", "Kim C", "Kim D"):
        # Each is sent by itself, and the host's answers are on their way all the time.
        store.run("UPDATE customers SET name = :name", name=name)
        chain.up(store)
        found = host.rows("SELECT name, CAST(discount_percent AS integer) FROM customers")
        assert found == [(name, 5)]
    assert host.one("SELECT count(*) FROM datasync_conflicts") == 0
    host.run("UPDATE customers SET discount_percent = 7")
    chain.queue(host)
    store.run("UPDATE customers SET name = 'Kim E'")
    chain.settle()
    for node in (host, store, chain["store-2"]):
        found = node.rows("SELECT name, CAST(discount_percent AS integer) FROM customers")
        assert found == [("Kim E", 7)]
    assert host.one("SELECT count(*) FROM datasync_conflicts") == 0


def test_a_store_that_was_never_in_step_is_merged_by_fields_too(chain: Chain) -> None:
    """It has applied nothing of the host's queue, and what both write is queued in one move."""
    host, store = chain.host, chain["store-1"]
    store.run("UPDATE datasync_peers SET received_pos = 0")
    store.run("INSERT INTO customers (id, number, name) VALUES (:id, '1', 'Kim')", id=A)
    chain.up(store)
    host.run("UPDATE customers SET discount_percent = 5")
    for name in ("Kim B", "Kim C"):
        store.run("UPDATE datasync_peers SET received_pos = 0")
        store.run("UPDATE customers SET name = :name", name=name)
        chain.up(store)
    found = host.rows("SELECT name, CAST(discount_percent AS integer) FROM customers")
    assert found == [("Kim C", 5)]
    assert host.one("SELECT count(*) FROM datasync_conflicts") == 0


def test_changes_that_come_together_know_what_the_first_of_them_knew(chain: Chain) -> None:
    """What the host sent between them was left out: the row had changed already."""
    host, store = chain.host, chain["store-1"]
    host.run("INSERT INTO customers (id, number, name) VALUES (:id, '1', 'Kim')", id=A)
    chain.settle()
    store.run("UPDATE customers SET name = 'Kim B'")
    chain.queue(store)
    host.run("UPDATE customers SET discount_percent = 5")
    chain.queue(host)
    chain.down(store)
    store.run("UPDATE customers SET name = 'Kim C'")
    chain.settle()
    for node in (host, store, chain["store-2"]):
        found = node.rows("SELECT name, CAST(discount_percent AS integer) FROM customers")
        assert found == [("Kim C", 5)]
    assert host.one("SELECT count(*) FROM datasync_conflicts") == 0
