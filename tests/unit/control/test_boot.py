# SPDX-License-Identifier: Apache-2.0
"""Where machines are: which of the lab are booted, and whose keys are pinned."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from control import boot, host_keys
from control.inventory import Inventory, Machine
from control.inventory import Lab as LabOfInventory
from control.lab import LabMachine, State
from control.progress import Lines
from control.secrets import Secrets
from poser.errors import ConfigError, Unavailable

KEY = "ssh-ed25519 AAAA"
HERE = (
    Machine(name="store-1", role="store", in_lab=True),
    Machine(name="store-2", role="store", in_lab=True),
)
FAR = Machine(name="far", role="store", address="192.0.2.9")


class FakeLab:
    """A lab in which `up` machines run since long ago, `young` ones since now."""

    def __init__(self, up: Sequence[str] = (), young: Sequence[str] = ()) -> None:
        self.running = {name: timedelta(hours=1) for name in up} | dict.fromkeys(young, timedelta())
        self.booted: list[str] = []

    def status(self, names: Sequence[str]) -> list[LabMachine]:
        return [self._machine(name) for name in names]

    def up(self, names: Sequence[str]) -> list[LabMachine]:
        self.booted += names
        self.running |= dict.fromkeys(names, timedelta())
        return self.status(names)

    def _machine(self, name: str) -> LabMachine:
        age = self.running.get(name)
        return LabMachine(
            name=name,
            address=f"10.77.0.1{name[-1]}",
            state=State.DOWN if age is None else State.UP,
            host_key="" if age is None else KEY,
            since=None if age is None else datetime.now(UTC) - age,
        )


@pytest.fixture
def inventory(tmp_path: Path) -> Inventory:
    return Inventory(
        path=tmp_path / "i.toml",
        domain="",
        mirror=None,
        lab=LabOfInventory(),
        machines=(*HERE, FAR),
    )


def use(monkeypatch: pytest.MonkeyPatch, lab: FakeLab) -> FakeLab:
    monkeypatch.setattr(boot, "lab_of", lambda *_: lab)
    return lab


def test_only_machines_that_are_not_settled_are_booted(
    inventory: Inventory, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = use(monkeypatch, FakeLab(up=["store-1"]))
    ready = boot.ready(inventory, (*HERE, FAR), Lines())
    assert lab.booted == ["store-2"]
    assert [machine.address for machine in ready] == ["10.77.0.11", "10.77.0.12", "192.0.2.9"]


def test_a_machine_that_may_still_be_booting_is_waited_for(
    inventory: Inventory, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = use(monkeypatch, FakeLab(up=["store-1"], young=["store-2"]))
    boot.ready(inventory, HERE, Lines())
    assert lab.booted == ["store-2"]


def test_the_keys_that_the_lab_made_are_pinned(
    inventory: Inventory, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, FakeLab(up=["store-1", "store-2"]))
    boot.ready(inventory, HERE, Lines())
    secrets = Secrets(inventory.secrets)
    assert host_keys.pinned(secrets, "10.77.0.11") == (KEY,)
    assert host_keys.pinned(secrets, "10.77.0.12") == (KEY,)


def test_machines_that_are_far_away_need_no_lab(
    inventory: Inventory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boot, "lab_of", lambda *_: pytest.fail("the lab was asked"))
    assert boot.ready(inventory, [FAR], Lines()) == (FAR,)
    assert boot.located(inventory, [FAR]) == (FAR,)


def test_looking_boots_nothing(inventory: Inventory, monkeypatch: pytest.MonkeyPatch) -> None:
    lab = use(monkeypatch, FakeLab(up=["store-1"]))
    assert [each.address for each in boot.located(inventory, HERE)] == ["10.77.0.11", ""]
    with pytest.raises(Unavailable, match="store-2 is not up") as raised:
        boot.reachable(inventory, HERE[1])
    assert raised.value.hint == "boot it: fab lab up host=store-2"
    assert lab.booted == []


def test_a_machine_that_is_far_away_is_not_in_the_lab(inventory: Inventory) -> None:
    with pytest.raises(ConfigError, match=r"far is not in the lab.*192\.0\.2\.9"):
        boot.in_lab(inventory, [FAR])
    assert boot.in_lab(inventory, HERE) == ["store-1", "store-2"]


def test_an_inventory_without_a_lab_says_so(tmp_path: Path) -> None:
    no_lab = Inventory(path=tmp_path / "i.toml", domain="", mirror=None, lab=None, machines=(FAR,))
    with pytest.raises(ConfigError, match=r"the inventory i\.toml has no lab"):
        boot.lab_of(no_lab)
