# SPDX-License-Identifier: Apache-2.0
"""`poser datasync` typed on a node: what it shows, what it does, and what it refuses."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from poser.cli.app import DIFFERS, USAGE, run
from tests.support.nodes import Chain, Node

pytestmark = pytest.mark.postgresql

A, C = (f"0190aaaa-0000-7000-8000-00000000000{n}" for n in "ac")
Typed = Callable[..., int]


@pytest.fixture
def typed(tmp_path: Path) -> Typed:
    """Type words behind `poser datasync` on a node."""

    def type_(node: Node, *words: str) -> int:
        url = node.engine.url.render_as_string(hide_password=False)
        path = tmp_path / f"{node.name}.conf"
        path.write_text(f"[db]\nurl = {url}\n[datasync]\nnode = {node.name}\nkind = {node.kind}\n")
        return run(("-c", str(path), "datasync", *words))

    return type_


def refuse(chain: Chain) -> None:
    """Have the store refuse a brand of the host's."""
    store = chain["store-1"]
    store.run("INSERT INTO brands (id, name) VALUES (:id, 'Acme')", id=C)
    store.run("DELETE FROM capture")
    chain.host.run("INSERT INTO brands (id, name) VALUES (:id, 'Acme')", id=A)
    chain.settle()


def test_status_says_who_is_behind_and_who_needs_somebody(
    chain: Chain, typed: Typed, capsys: pytest.CaptureFixture[str]
) -> None:
    chain.settle()
    chain.host.run("INSERT INTO brands (name) VALUES ('Fine'), ('Other')")
    chain.queue(chain.host)
    chain.down(chain["store-1"])
    chain.host.run("UPDATE datasync_peers SET seen_at = now() WHERE name = 'store-1'")
    assert typed(chain.host, "status", "--json") == 0
    found = {one["name"]: one for one in json.loads(capsys.readouterr().out)["peers"]}
    assert [found[name]["behind"] for name in ("store-1", "store-2")] == [0, 2]
    assert found["store-2"]["lag_s"] > 0
    assert found["store-1"]["lag_s"] == 0
    assert found["store-1"]["seen_at"]
    assert found["store-2"]["state"] == "active"
    assert typed(chain.host, "status", "--check") == 0
    assert "store-2  store  active  2" in capsys.readouterr().out
    assert typed(chain.host, "status", "--openmetrics") == 0
    figures = capsys.readouterr().out
    assert 'poser_datasync_behind_changes{peer="store-2"} 2.0' in figures
    assert figures.endswith("# EOF\n")
    refuse(chain)
    chain["store-1"].run("UPDATE datasync_parked SET next_try_at = NULL")
    assert typed(chain["store-1"], "status", "--check") == DIFFERS
    assert "1" in capsys.readouterr().out


def test_what_waits_is_listed_tried_again_and_dropped(
    chain: Chain, typed: Typed, capsys: pytest.CaptureFixture[str]
) -> None:
    store = chain["store-1"]
    assert typed(store, "parked") == 0
    assert "nothing waits" in capsys.readouterr().out
    refuse(chain)
    assert typed(store, "parked") == 0
    said = capsys.readouterr().out
    assert f"brands {A}" in said
    assert "Acme" in said
    assert typed(store, "retry") == USAGE
    store.run("UPDATE datasync_parked SET next_try_at = NULL, tries = 8")
    assert typed(store, "retry", "--all") == 0
    assert store.one("SELECT next_try_at IS NOT NULL FROM datasync_parked") is True
    waits = str(store.one("SELECT id FROM datasync_parked"))
    assert typed(store, "drop", waits) == USAGE, "it asks why"
    assert typed(store, "drop", waits, "--why", "is here as another") == 0
    assert store.one("SELECT count(*) FROM datasync_parked") == 0
    kept = store.rows("SELECT theirs->>'name', decided_by FROM datasync_conflicts")
    assert kept == [("Acme", "dropped: is here as another")]
    assert typed(store, "drop", waits, "--why", "again") == 1
    assert "nothing waits under the id" in capsys.readouterr().err


def test_a_paused_peer_gets_nothing_and_loses_nothing(
    chain: Chain, typed: Typed, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed(chain.host, "pause", "store-1", "--why", "stocktaking") == 0
    assert chain.host.one("SELECT note FROM datasync_peers WHERE name = 'store-1'") == "stocktaking"
    with pytest.raises(Exception, match="store-1 is paused: stocktaking"):
        chain.down(chain["store-1"])
    assert typed(chain.host, "resume", "store-1") == 0
    chain.host.run("INSERT INTO brands (name) VALUES ('Acme')")
    chain.settle()
    assert chain["store-1"].one("SELECT count(*) FROM brands") == 1
    capsys.readouterr()
    assert typed(chain.host, "pause", "store-9", "--why", "x") == 1
    assert "those are: cloud-1, store-1, store-2" in capsys.readouterr().err


def test_rows_are_touched_and_their_way_is_told(
    chain: Chain, typed: Typed, capsys: pytest.CaptureFixture[str]
) -> None:
    chain.host.run("INSERT INTO brands (id, name) VALUES (:id, 'Acme')", id=A)
    chain.settle()
    chain["store-2"].run("DELETE FROM brands")
    chain["store-2"].run("DELETE FROM capture")
    assert typed(chain.host, "touch", "brands", A) == 0
    chain.settle()
    assert chain["store-2"].one("SELECT count(*) FROM brands") == 1
    capsys.readouterr()
    assert typed(chain.host, "trace", "brands", A) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert "written here, queued at" in first
    assert "read by cloud-1, store-1, store-2" in second
    assert typed(chain.host, "touch", "tasks", "--all") == 1
    assert "tasks is not kept in step" in capsys.readouterr().err


def test_verify_says_where_it_can_be_asked(
    chain: Chain, typed: Typed, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed(chain.host, "verify") == 1
    assert "run this on a store or cloud node" in capsys.readouterr().err
