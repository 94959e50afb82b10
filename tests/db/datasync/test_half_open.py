# SPDX-License-Identifier: Apache-2.0
"""A line that dies without a word: what is sent into it is lost, and nobody hangs up."""

import time
from pathlib import Path

import pytest
from sqlalchemy import Engine

from poser.datasync.client import ANSWER_TIMEOUT_S, GIVE_TIMEOUT_S
from poser.datasync.daemon import WAIT_S
from tests.support.daemons import eventually, hosted
from tests.support.nodes import Node
from tests.support.relay import relay

pytestmark = pytest.mark.postgresql

NOTICED_WITHIN_S = 30.0
SLACK_S = 5.0


def test_it_is_noticed_within_half_a_minute_and_work_goes_on(
    nodes: tuple[Node, Node], sales: tuple[Engine, Engine], tmp_path: Path
) -> None:
    host, store = nodes
    assert max(WAIT_S + GIVE_TIMEOUT_S, ANSWER_TIMEOUT_S) <= NOTICED_WITHIN_S
    with hosted(tmp_path, host, sales[0], store) as made, relay(made.port) as line:
        made.join(store, sales[1], port=line.port)
        eventually(lambda: store.one("SELECT count(*) FROM stores") == 1)
        # Both directions have a line that works, and the host has just been asked anew.
        store.run("INSERT INTO customers (number, name) VALUES ('1', 'Kim')")
        host.run("INSERT INTO brands (name) VALUES ('Acme')")
        eventually(lambda: store.one("SELECT count(*) FROM brands") == 1)
        eventually(lambda: host.one("SELECT count(*) FROM customers") == 1)
        before = line.dialled
        line.lose()
        began = time.monotonic()
        host.run("INSERT INTO brands (name) VALUES ('Later')")
        store.run("INSERT INTO customers (number, name) VALUES ('2', 'Lee')")
        left = NOTICED_WITHIN_S + SLACK_S
        eventually(lambda: store.one("SELECT count(*) FROM brands") == 2, within_s=left)
        left -= time.monotonic() - began
        eventually(lambda: host.one("SELECT count(*) FROM customers") == 2, within_s=left)
        assert time.monotonic() - began > 1, "nothing was lost"
        assert line.dialled > before
        assert "does not answer" in made.log("store")
        # It is told only as long as it is so.
        eventually(lambda: store.one("SELECT note FROM datasync_peers") == "")
