# SPDX-License-Identifier: Apache-2.0
"""The queue forgets what is old, and nothing that somebody still has to be told."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from poser.datasync.reading import begins_after, head
from poser.datasync.sweeping import sweep
from tests.support.nodes import Chain

pytestmark = pytest.mark.postgresql

WEEK = timedelta(days=7)
COUNT = "SELECT count(*) FROM datasync_changes"


def forget(session: Session) -> int:
    return sweep(session, WEEK)


def test_the_host_forgets_what_is_old_but_for_the_last(chain: Chain) -> None:
    chain.host.run("INSERT INTO brands (name) SELECT 'Brand ' || n FROM generate_series(1, 9) n")
    chain.queue(chain.host)
    was = chain.host.do(head)
    assert chain.host.do(forget) == 0
    chain.host.run("UPDATE datasync_changes SET at = at - interval '8 days'")
    assert chain.host.do(forget) > 8
    assert chain.host.one(COUNT) == 1
    assert chain.host.do(head) == was
    assert chain.host.do(begins_after) == was - 1
    chain.settle()


def test_a_store_keeps_what_the_host_does_not_have_however_old_it_is(chain: Chain) -> None:
    store = chain["store-1"]
    store.run("INSERT INTO customers (number, name) VALUES ('1', 'Kim')")
    chain.settle()
    store.run("INSERT INTO customers (number, name) VALUES ('2', 'Lee'), ('3', 'Max')")
    chain.queue(store)
    store.run("UPDATE datasync_changes SET at = at - interval '80 days'")
    assert store.do(forget) > 0
    assert store.one(COUNT) == 2
    chain.settle()
    assert chain.host.one("SELECT count(*) FROM customers") == 3
    assert store.do(forget) == 1
