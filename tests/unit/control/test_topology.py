# SPDX-License-Identifier: Apache-2.0
"""The topology: what is said of each line, and its drawings as text and as SVG."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from control import inventory, topology, topology_svg
from control.status import Status
from control.topology import Health, Topology
from poser.errors import PoserError

NOW = datetime.now(UTC)
WELL = {
    "name": "store-1",
    "kind": "store",
    "state": "active",
    "seen_at": NOW.isoformat(),
    "lag_s": 0.2,
    "behind": 0,
    "parked": 0,
    "dead": 0,
}


def fresh() -> dict[str, Any]:
    """Return what the host says of a store that it has just seen."""
    return {**WELL, "seen_at": datetime.now(UTC).isoformat()}


def machine(name: str, role: str, *, up: bool = True) -> Status:
    return Status(name=name, role=role, site="", address="192.0.2.1", up=up)


def chain(tmp_path: Path) -> inventory.Inventory:
    path = tmp_path / "inventory.toml"
    path.write_text(
        '[machines.store-1]\nrole = "store"\nstores = ["1"]\naddress = "192.0.2.2"\n'
        '[machines.host-1]\nrole = "host"\naddress = "192.0.2.1"\n'
        '[machines.store-2]\nrole = "store"\nstores = ["2", "3"]\naddress = "192.0.2.3"\n'
    )
    return inventory.load(path)


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Topology:
    """Return a chain of which the host knows one store only, and another is down."""
    answers = [
        machine("store-1", "store"),
        machine("host-1", "host"),
        machine("store-2", "store", up=False),
    ]
    monkeypatch.setattr("control.status.status", lambda *_, **__: answers)
    monkeypatch.setattr("control.topology._peers", lambda *_, **__: {"store-1": fresh()})
    return topology.topology(chain(tmp_path), jobs=1)


@pytest.mark.parametrize(
    ("changes", "health", "says"),
    [
        ({}, Health.WELL, "in step"),
        ({"behind": 12, "lag_s": 130}, Health.WARNING, "12 behind, 2 min"),
        ({"behind": 12, "lag_s": None}, Health.WARNING, "12 behind, 0 s"),
        ({"parked": 2, "behind": 9}, Health.WARNING, "2 parked"),
        ({"state": "paused"}, Health.WARNING, "paused"),
        ({"dead": 1, "parked": 2}, Health.WRONG, "1 given up"),
        ({"seen_at": None}, Health.WRONG, "never seen"),
        ({"seen_at": (NOW - timedelta(hours=5)).isoformat()}, Health.WRONG, "not seen for 5 h"),
        ({"seen_at": (NOW - timedelta(seconds=80)).isoformat()}, Health.WELL, "in step"),
    ],
)
def test_a_line_is_as_well_as_its_worst(
    changes: Mapping[str, Any], health: Health, says: str
) -> None:
    assert topology.judge({**WELL, **changes}, NOW) == (health, says)


def test_the_host_comes_first_and_what_dials_it_are_its_branches(found: Topology) -> None:
    assert list(topology.drawing(found)) == [
        "host-1      host       192.0.2.1  up",
        "├─ store-1  store 1    192.0.2.1  up    in step",
        "└─ store-2  store 2+3  192.0.2.1  down  not known",
        "not known: host-1 has not heard of store-2",
    ]


def test_nothing_is_invented_when_the_host_cannot_be_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise PoserError("host-1 is down")

    monkeypatch.setattr("control.status.status", lambda *_, **__: [machine("store-1", "store")])
    monkeypatch.setattr("control.topology._peers", fails)
    lines = topology.topology(chain(tmp_path), jobs=1).lines
    assert {(line.health, line.says, line.why) for line in lines} == {
        (Health.UNKNOWN, "not known", "host-1 is down")
    }


def test_a_host_of_another_release_is_not_guessed_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = {name: value for name, value in fresh().items() if name != "dead"}
    monkeypatch.setattr("control.status.status", lambda *_, **__: [machine("store-1", "store")])
    monkeypatch.setattr("control.topology._peers", lambda *_, **__: {"store-1": old})
    (first, *_) = topology.topology(chain(tmp_path), jobs=1).lines
    assert (first.health, "another release" in first.why) == (Health.UNKNOWN, True)


@pytest.mark.parametrize("said", [b"", b"[]", b'{"peers": 3}', b'{"peers": [{}]}'])
def test_an_answer_that_is_none_is_told(said: bytes) -> None:
    with pytest.raises(PoserError, match="says nothing of its peers"):
        topology._read(said, "host-1")


def test_machines_that_stand_alone_have_no_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "inventory.toml"
    path.write_text('[machines.a]\nrole = "store"\naddress = "192.0.2.1"\n')
    monkeypatch.setattr("control.status.status", lambda *_, **__: [machine("a", "store")])
    alone = topology.topology(inventory.load(path), jobs=1)
    assert alone.lines == ()
    assert list(topology.drawing(alone)) == ["a  store  192.0.2.1  up"]
    assert "0 of 0 lines" in topology_svg.svg(alone)


def test_the_svg_says_what_the_text_says_and_is_well_formed(found: Topology) -> None:
    drawn = topology_svg.svg(found)
    root = ET.fromstring(drawn)  # noqa: S314 - made here
    words = " ".join(root.itertext())
    for word in ("host-1", "store 2+3", "in step", "not known", "down", "2 of 3 machines up"):
        assert word in words
    assert drawn.count("<path ") == 2
    assert "prefers-color-scheme: dark" in drawn


def test_names_cannot_break_out_of_the_svg(found: Topology) -> None:
    hostile = Topology(
        machines=(machine("<script>", "store"),), stores={"<script>": ("&",)}, lines=found.lines
    )
    assert "<script>" not in topology_svg.svg(hostile)


def test_json_has_machines_and_lines(found: Topology) -> None:
    values = found.to_json()
    assert [each["name"] for each in values["machines"]] == ["host-1", "store-1", "store-2"]
    assert values["lines"][0]["peer"]["behind"] == 0
    assert values["lines"][1]["says"] == "not known"
