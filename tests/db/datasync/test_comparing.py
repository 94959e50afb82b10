# SPDX-License-Identifier: Apache-2.0
"""Nodes that cannot be brought in step by changes are compared as a whole."""

from uuid import UUID

import pytest

from poser.datasync.epochs import renew_if_restored
from poser.datasync.reading import epoch
from tests.support.nodes import Chain, differing, end

pytestmark = pytest.mark.postgresql

A, B, C, D = (f"0190aaaa-0000-7000-8000-00000000000{n}" for n in "abcd")
TABLES = ["stores", "brands", "products", "people", "customers", "phones", "product_prices"]
MILK, BREAD = 4006381333931, 5000112637922


def goods(chain: Chain, count: int = 300) -> None:
    chain.host.run("INSERT INTO brands (name) SELECT 'Brand ' || n FROM generate_series(1, 20) n")
    chain.host.run(
        "INSERT INTO products (description, brand_id, brand_name)"
        " SELECT 'Product ' || n, b.id, b.name FROM generate_series(1, :count) n"
        " JOIN brands b ON b.name = 'Brand ' || (n % 20 + 1)",
        count=count,
    )
    chain.host.run(
        "INSERT INTO product_prices (product_id, store_id, kind, price, valid)"
        " SELECT p.id, s.id, 'regular', 1.99, '[2026-01-01,)' FROM products p, stores s"
    )


def forget_the_queue(chain: Chain) -> None:
    """Let the host's queue have nothing left of what was, as upkeep does after a long time."""
    chain.queue(chain.host)
    chain.host.run(
        "DELETE FROM datasync_changes WHERE pos < (SELECT max(pos) FROM datasync_changes)"
    )


def test_a_new_node_gets_all_that_is_its_own(chain: Chain) -> None:
    goods(chain)
    forget_the_queue(chain)
    store = chain["store-1"]
    store.run("INSERT INTO brands (name) VALUES ('Left over')")
    assert chain.compare(store) > 600
    assert not list(differing(chain, ["brands", "products"])) or chain.compare(chain["store-2"])
    assert not [one for one in differing(chain, ["brands", "products"]) if "store-1" in one]
    assert store.one("SELECT count(*) FROM product_prices") == 300, "of its own store"
    chain.compare(chain["cloud-1"])
    assert chain["cloud-1"].one("SELECT count(*) FROM products") == 0
    assert chain["cloud-1"].one("SELECT count(*) FROM stores") == 2
    assert chain.compare(store) == 0, "nothing differs any more"


def test_a_node_that_was_away_too_long_has_the_same_in_the_end_deletions_included(
    chain: Chain,
) -> None:
    goods(chain)
    chain.settle()
    chain.host.run("DELETE FROM products WHERE description LIKE '%7'")
    chain.host.run(
        "UPDATE products SET description = 'New ' || description WHERE description LIKE '%3'"
    )
    chain.host.run("INSERT INTO brands (name) VALUES ('Late')")
    forget_the_queue(chain)
    store = chain["store-1"]
    store.run("INSERT INTO customers (id, number, name) VALUES (:id, '7', 'Kim')", id=A)
    assert chain.compare(store) == 30 + 30 + 30 + 1
    assert not [one for one in differing(chain, TABLES[:3]) if "store-1" in one]
    assert chain.host.one("SELECT name FROM customers") == "Kim", "it was not deleted, it was sent"
    assert store.one("SELECT name FROM customers") == "Kim"
    chain.settle()
    assert not [one for one in differing(chain, ["customers"]) if "store-1" in one]


def test_what_is_written_while_it_is_compared_stays(chain: Chain) -> None:
    chain.host.run("INSERT INTO people (id, display_name) VALUES (:id, 'Ada')", id=A)
    chain.settle()
    store = chain["store-1"]
    # It goes up after the comparison has begun: the host does not have it yet.
    chain.host.run("UPDATE people SET display_name = 'Ada at the host'")
    store.run("INSERT INTO people (id, display_name) VALUES (:id, 'Kim')", id=B)
    store.run("UPDATE people SET display_name = 'Ada in the store' WHERE id = :id", id=A)
    chain.compare(store, is_sent=False)
    assert store.rows("SELECT display_name FROM people ORDER BY id") == [
        ("Ada in the store",),
        ("Kim",),
    ]
    chain.settle()
    assert not list(differing(chain, ["people"]))
    assert chain.host.one("SELECT count(*) FROM people") == 2


def test_unique_values_that_moved_between_rows_arrive(chain: Chain) -> None:
    product = "INSERT INTO products (id, gtin, description) VALUES (:id, :gtin, :name)"
    chain.host.run(product, id=A, gtin=MILK, name="Milk")
    chain.host.run(product, id=B, gtin=BREAD, name="Bread")
    chain.settle()
    swap = "UPDATE products SET gtin = CASE gtin WHEN :milk THEN :bread ELSE :milk END"
    chain.host.run(swap, milk=MILK, bread=BREAD)
    # And one that goes to a row the node does not have, from one that it still has.
    chain.host.run("DELETE FROM products WHERE id = :id", id=B)
    chain.host.run(product, id=C, gtin=MILK, name="Other milk")
    forget_the_queue(chain)
    for store in ("store-1", "store-2"):
        chain.compare(chain[store])
        assert chain[store].one("SELECT count(*) FROM datasync_parked") == 0
    assert not list(differing(chain, ["products"]))


def test_where_the_host_has_lost_it_what_stores_wrote_comes_back(chain: Chain) -> None:
    store = chain["store-1"]
    store.run("INSERT INTO customers (id, number, name) VALUES (:id, '7', 'Kim')", id=A)
    chain.settle()
    # The host as it was in a backup, from before the store's queue begins.
    chain.host.run("SELECT set_config('poser.origin', 'store-1', true)")
    chain.host.run("DELETE FROM customers")
    chain.host.run("DELETE FROM capture")
    chain.host.run("INSERT INTO brands (name) VALUES ('Since then')")
    chain.compare(store, keeps=True)
    assert store.one("SELECT name FROM customers") == "Kim"
    assert store.one("SELECT name FROM brands") == "Since then"
    chain.settle()
    assert chain.host.one("SELECT name FROM customers") == "Kim"


def test_a_restored_node_begins_anew_above_all_places_that_were_given(chain: Chain) -> None:
    host = chain.host
    assert not host.do(renew_if_restored)
    host.run("INSERT INTO brands (name) VALUES ('Acme')")
    chain.queue(host)
    before, was = end(host), host.do(epoch)
    assert not host.do(renew_if_restored)
    host.run("UPDATE datasync_node SET server = 'another/1/poser'")
    assert host.do(renew_if_restored)
    assert host.do(epoch) != was
    assert not host.do(renew_if_restored)
    host.run("INSERT INTO brands (name) VALUES ('Later')")
    chain.queue(host)
    assert end(host) > before + 1_000_000_000 or end(host) > before
    assert isinstance(host.do(epoch), UUID)
    assert host.one("SELECT bool_or(is_filled) FROM datasync_peers") is False
