# SPDX-License-Identifier: Apache-2.0
"""How machines are: what they say of themselves, and what is said of those that do not."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from control import boot, machines, status
from control.inventory import Inventory, Machine
from control.links import Links
from poser.errors import Unavailable, WireError

UP = Machine(name="store-1", role="store", address="192.0.2.11", site="north")
DOWN = Machine(name="store-2", role="store", in_lab=True)
GONE = Machine(name="store-3", role="store", address="192.0.2.13")
ODD = Machine(name="store-4", role="store", address="192.0.2.14")
SAID = {
    "event": "status",
    "release": "0.1.0-abc",
    "last_converge": "2026-11-22T08:26:40Z",
    "values_sha256": "abc",
    "verified_sha256": "abc",
    "services": {"nginx.service": "active", "poser-web.service": "failed"},
}


class Quiet:
    """A connection that is only closed."""

    def close(self) -> None:
        """Do nothing."""


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[status.Status]:
    def opened(_: Links, machine: Machine) -> Quiet:
        if machine is GONE:
            raise Unavailable("store-3 does not answer within 10 s")
        return Quiet()

    def said(_: object, machine: Machine, job: dict[str, Any]) -> Iterator[dict[str, Any]]:
        assert job == {"mode": "status"}
        if machine is ODD:
            raise WireError("store-4: python3: not found")
        yield SAID

    monkeypatch.setattr(Links, "open", opened)
    monkeypatch.setattr(machines, "events", said)
    monkeypatch.setattr(boot, "located", lambda _, chosen: tuple(chosen))
    monkeypatch.setattr(boot, "address", lambda _, machine: machine.address or "10.77.0.12")
    chosen = (UP, DOWN, GONE, ODD)
    inventory = Inventory(
        path=tmp_path / "i.toml", domain="", mirror=None, lab=None, machines=chosen
    )
    return status.status(inventory, chosen, jobs=4)


def test_a_machine_that_is_up_says_how_it_is(found: list[status.Status]) -> None:
    up = found[0]
    assert (up.up, up.release, up.verified, up.site) == (True, "0.1.0-abc", True, "north")
    assert up.services["poser-web.service"] == "failed"


def test_machines_that_say_nothing_are_no_error(found: list[status.Status]) -> None:
    assert [each.up for each in found] == [True, False, False, True]
    assert [each.problem for each in found[1:]] == [
        "not booted; fab lab up boots it",
        "store-3 does not answer within 10 s",
        "store-4: python3: not found",
    ]
    assert found[1].address == "10.77.0.12"


def test_scripts_get_the_names_they_rely_on(found: list[status.Status]) -> None:
    values = json.loads(json.dumps([each.to_json() for each in found]))
    assert {"name", "role", "address", "up", "release"} <= set(values[0])


def test_people_get_a_table_with_what_is_wrong(found: list[status.Status]) -> None:
    lines = list(status.table(found))
    assert lines[0].split() == [
        "machine",
        "role",
        "site",
        "address",
        "state",
        "release",
        "converged",
    ]
    assert lines[1].split()[:6] == ["store-1", "store", "north", "192.0.2.11", "up", "0.1.0-abc"]
    assert lines[2] == "  poser-web.service: failed"
    assert "nginx" not in "".join(lines)
