# SPDX-License-Identifier: Apache-2.0
"""A probe that runs, over a made-up bus, with a node that is there, away, wrong or in the way."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tempmon_client import running, sending
from tempmon_client.enrolling import State
from tempmon_client.places import Pins, Places
from tempmon_client.running import Probe
from tempmon_client.settings import Limits, SensorSettings, Settings
from tempmon_client.wire import Fault
from tests.support.one_wire import ZEROS, Tree, text
from tests.support.tempmon_node import Node, eventually, serving
from tests.support.tls_front import Authority

A, B = "28-000000000001", "28-000000000002"
NO_PINS = Pins(light=0, buzzer=0, button=0)
LIMITS = Limits(warning_high=500, critical_high=800, critical_delay_s=0, warning_delay_s=0)
SETTINGS = Settings(
    version=3, name="north", interval_s=1, sensors={A: SensorSettings(limits=LIMITS)}
)


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pauses be short and conversions take no time."""
    monkeypatch.setattr(sending, "FIRST_PAUSE_S", 0.05)
    monkeypatch.setattr(running, "ASK_AGAIN_S", 0.05)
    monkeypatch.setattr("tempmon_client.one_wire.CONVERSION_S", 0.0)
    monkeypatch.setattr("tempmon_client.one_wire.TRIES_S", 0.03)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.make(tmp_path)


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    made = Tree.make(tmp_path / "devices")
    made.put(A, 4.25)
    return made


def places(tmp_path: Path, node: Node) -> Places:
    return Places(
        server=node.url,
        authority=tmp_path / "authority.pem",
        state=tmp_path / "state",
        run=tmp_path / "run",
        devices=tmp_path / "devices",
        release=tmp_path / "release",
        pins=NO_PINS,
    )


@contextmanager
def running_probe(where: Places) -> Iterator[Probe]:
    probe = Probe(where, settings=Settings(interval_s=1))
    thread = threading.Thread(target=probe.run)
    thread.start()
    try:
        yield probe
    finally:
        probe.stop.set()
        thread.join(timeout=30)
        assert not thread.is_alive()


def test_a_probe_is_let_in_and_sends_what_it_measures(
    tmp_path: Path, authority: Authority, tree: Tree
) -> None:
    tree.put_text(B, text(ZEROS))
    node = Node(settings=SETTINGS, state=State.PENDING)
    with serving(authority, node), running_probe(places(tmp_path, node)) as probe:
        eventually(lambda: len(node.asked) > 2)
        assert node.kept == {}, "nothing is sent before a person has accepted it"
        assert {one.address: one.hundredths for one in node.asked[-1].sensors} == {A: 425, B: None}
        node.state = State.ACCEPTED
        eventually(lambda: len(node.kept) >= 4)
        by_sensor = {one.sensor: (one.hundredths, one.fault) for one in node.kept.values()}
        assert by_sensor == {A: (425, None), B: (None, Fault.SHORT)}
        eventually(lambda: probe.settings == SETTINGS)
        eventually(lambda: node.messages[-1].settings == SETTINGS.version)
    assert sorted(node.kept) == list(range(1, len(node.kept) + 1)), "none is missing"
    assert json.loads((tmp_path / "state" / "settings.json").read_text())["name"] == "north"
    assert (tmp_path / "run" / "sent").read_text() == "0.1.0"
    assert (tmp_path / "state" / "key").stat().st_mode & 0o777 == 0o600


def test_a_restart_goes_on_under_the_same_key_and_numbers(
    tmp_path: Path, authority: Authority, tree: Tree
) -> None:
    node = Node()
    with serving(authority, node):
        with running_probe(places(tmp_path, node)):
            eventually(lambda: node.kept)
        first, key = max(node.kept), dict(node.keys)
        tree.put(A, 5.0)
        with running_probe(places(tmp_path, node)):
            eventually(lambda: len(node.kept) > first)
    assert node.keys == key
    assert node.kept[max(node.kept)].hundredths == 500


def test_a_node_that_fails_for_a_while_loses_nothing(
    tmp_path: Path, authority: Authority, tree: Tree
) -> None:
    del tree
    node = Node(answers=[500, 200, 503, 429, 500], hangs_up=3)
    with serving(authority, node), running_probe(places(tmp_path, node)):
        eventually(lambda: not node.answers and len(node.kept) >= 2)
    assert sorted(node.kept) == list(range(1, len(node.kept) + 1))


def test_a_node_that_is_away_gets_all_of_it_later(
    tmp_path: Path, authority: Authority, tree: Tree
) -> None:
    del tree
    node = Node()
    with serving(authority, node):
        where = places(tmp_path, node)
    with running_probe(where) as probe:
        eventually(lambda: probe.spool.queued >= 3)
        assert "does not answer" in probe.note
        with serving(authority, node):
            eventually(lambda: len(node.kept) >= 3)
    assert sorted(node.kept) == list(range(1, len(node.kept) + 1))


def test_another_ones_certificate_gets_nothing_and_is_told(
    tmp_path: Path, authority: Authority, tree: Tree
) -> None:
    del authority, tree
    stranger = tmp_path / "stranger"
    stranger.mkdir()
    node = Node()
    with (
        serving(Authority.make(stranger), node),
        running_probe(places(tmp_path, node)) as probe,
    ):
        eventually(lambda: "this probe's authority has not signed" in probe.note)
    assert (node.asked, node.messages) == ([], [])


def test_a_revoked_key_is_told_and_readings_are_kept(
    tmp_path: Path, authority: Authority, tree: Tree
) -> None:
    del tree
    node = Node()
    with serving(authority, node), running_probe(places(tmp_path, node)) as probe:
        eventually(lambda: node.kept)
        node.keys.clear()
        eventually(lambda: node.refused)
        eventually(lambda: "401" in probe.note)
        before = probe.spool.queued
        eventually(lambda: probe.spool.queued > before)
        assert "nobody knows this probe" in probe.note


def test_a_message_that_is_too_large_is_halved(
    tmp_path: Path, authority: Authority, tree: Tree
) -> None:
    del tree
    node = Node(answers=[200, 413])
    with serving(authority, node), running_probe(places(tmp_path, node)):
        eventually(lambda: len(node.kept) >= 2)


def test_without_a_node_it_warns_by_the_limits_that_it_has(
    tmp_path: Path, authority: Authority, tree: Tree
) -> None:
    node = Node(settings=SETTINGS)
    with serving(authority, node), running_probe(places(tmp_path, node)) as probe:
        eventually(lambda: probe.settings == SETTINGS)
    tree.put(A, 9.0)
    with running_probe(places(tmp_path, node)) as alone:  # nobody serves any more
        eventually(lambda: alone.level.name == "CRITICAL")
        tree.put(A, 4.0)


def test_without_a_server_it_says_what_is_missing(
    tmp_path: Path, authority: Authority, tree: Tree
) -> None:
    del authority, tree
    with running_probe(places(tmp_path, Node())) as probe:
        probe.places = Places(
            state=tmp_path / "state", run=tmp_path / "run", devices=tmp_path / "devices"
        )
        eventually(lambda: "write server into probe.toml" in probe.note)
