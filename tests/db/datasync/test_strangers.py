# SPDX-License-Identifier: Apache-2.0
"""A node with a certificate that is none, or of another: nothing moves, and people are told why."""

import ssl
from collections.abc import Callable
from datetime import timedelta
from http.client import HTTPSConnection
from pathlib import Path

import pytest
from sqlalchemy import Engine

from poser.datasync.exchange import know
from poser.model import NodeKind
from tests.support.daemons import Running, eventually, hosted
from tests.support.nodes import Node
from tests.support.tls_front import Authority

pytestmark = pytest.mark.postgresql

Shown = tuple[Path, Path]
NOT_TAKEN = "the host does not take the certificate of this node"
FORBIDDEN = 403


def of_another_authority(made: Running) -> Shown:
    folder = made.folder / "elsewhere"
    folder.mkdir()
    return Authority.make(folder).sign("store-1")


def ended(made: Running) -> Shown:
    return made.authority.sign("store-1", ago=timedelta(days=60))


def of_another_node(made: Running) -> Shown:
    return made.authority.sign("store-9")


@pytest.mark.parametrize(
    ("show", "reason"),
    [
        (of_another_authority, f"{NOT_TAKEN}: unknown ca"),
        (ended, f"{NOT_TAKEN}: certificate expired"),
        (of_another_node, "store-9 is no node that this one is kept in step with"),
    ],
)
def test_the_log_and_status_say_what_is_wrong_and_a_good_one_mends_it(
    nodes: tuple[Node, Node],
    sales: tuple[Engine, Engine],
    tmp_path: Path,
    show: Callable[[Running], Shown],
    reason: str,
) -> None:
    host, store = nodes
    store.run("INSERT INTO customers (number, name) VALUES ('1', 'Kim')")
    store.do(lambda session: know(session, host.name, NodeKind.HOST))
    with hosted(tmp_path, host, sales[0], store) as made:
        made.join(store, sales[1], signed=show(made))
        eventually(lambda: reason in made.log("store"))
        eventually(lambda: reason in made.poser("store", "datasync", "status").stdout)
        assert "hint" in made.log("store")
        assert "Traceback" not in made.log("store")
        # Nothing is known at the host of who it says it is.
        assert host.rows("SELECT name, seen_at FROM datasync_peers") == [("store-1", None)]
        assert host.one("SELECT count(*) FROM customers") == 0
        made.kill("store")
        made.join(store, sales[1])
        eventually(lambda: host.one("SELECT count(*) FROM customers") == 1)
        eventually(lambda: reason not in made.poser("store", "datasync", "status").stdout)


def test_who_answers_with_another_authority_is_not_the_host(
    nodes: tuple[Node, Node], sales: tuple[Engine, Engine], tmp_path: Path
) -> None:
    host, store = nodes
    store.run("INSERT INTO customers (number, name) VALUES ('1', 'Kim')")
    with hosted(tmp_path, host, sales[0], store) as made:
        other = tmp_path / "elsewhere"
        other.mkdir()
        Authority.make(other)
        made.join(store, sales[1], authority=str(other / "authority.pem"))
        eventually(lambda: "is not the host" in made.log("store"))
        said = made.poser("store", "datasync", "status").stdout
        assert "this node has not reached its host yet" in said
        assert host.one("SELECT count(*) FROM customers") == 0


def test_a_node_that_claims_anothers_name_is_who_its_certificate_says(
    nodes: tuple[Node, Node], sales: tuple[Engine, Engine], tmp_path: Path
) -> None:
    host, store = nodes
    with hosted(tmp_path, host, sales[0], store) as made:
        context = ssl.create_default_context(cafile=str(tmp_path / "authority.pem"))
        context.load_cert_chain(*of_another_node(made))
        eventually(lambda: host.one("SELECT count(*) FROM datasync_peers") == 1)

        def asked() -> tuple[int, bytes]:
            line = HTTPSConnection("127.0.0.1", made.port, timeout=30, context=context)
            epoch = host.one("SELECT epoch FROM datasync_node")
            path = f"/datasync/changes?after=0&epoch={epoch}"
            try:
                line.request("GET", path, headers={"X-Poser-Node": store.name})
                answer = line.getresponse()
                return answer.status, answer.read()
            except OSError:  # the hub is not there yet
                return 0, b""
            finally:
                line.close()

        eventually(lambda: asked()[0] == FORBIDDEN)
        assert b"store-9 is no node" in asked()[1]
        assert host.one("SELECT seen_at FROM datasync_peers") is None
