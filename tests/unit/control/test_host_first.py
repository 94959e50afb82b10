# SPDX-License-Identifier: Apache-2.0
"""Where the host is provisioned too, it goes first, and the others are verified after it."""

from pathlib import Path

import pytest

from control import inventory, provision
from control.inventory import Inventory, Machine
from control.provision import Wanted, _Run
from poser.errors import PoserError

CHAIN = """
machines.store-1 = { role = "store", address = "192.0.2.2", stores = ["1"] }
machines.host-1 = { role = "host", address = "192.0.2.1" }
"""
PATIENCE_S = 10


@pytest.fixture
def chain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Inventory:
    path = tmp_path / "inventory.toml"
    path.write_text(CHAIN)
    monkeypatch.setattr("control.boot.ready", lambda _, chosen, __: tuple(chosen))
    monkeypatch.setattr(provision, "_releases", lambda *_: {})
    return inventory.load(path)


@pytest.mark.parametrize("jobs", [1, 10])
@pytest.mark.parametrize("host_fails", [False, True])
def test_the_host_goes_first_and_nobody_waits_for_ever(
    chain: Inventory, monkeypatch: pytest.MonkeyPatch, jobs: int, *, host_fails: bool
) -> None:
    done: list[str] = []

    def one(run: _Run, machine: Machine) -> None:
        if machine.role == "host":
            done.append(machine.name)
            if host_fails:
                raise PoserError("it stopped")
        else:
            assert run.host_is_done.wait(PATIENCE_S), "it waits for ever"
            done.append(machine.name)

    monkeypatch.setattr(_Run, "_one", one)
    outcomes = provision.provision(chain, chain.machines, Wanted(jobs=jobs), {})
    assert done == ["host-1", "store-1"]
    assert [outcome.machine.name for outcome in outcomes] == ["store-1", "host-1"]
    assert [bool(outcome.error) for outcome in outcomes] == [False, host_fails]


def test_without_the_host_nobody_waits(chain: Inventory, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[bool] = []
    monkeypatch.setattr(_Run, "_one", lambda run, _: waits.append(not run.host_is_done.is_set()))
    provision.provision(chain, chain.select("host=store-1"), Wanted(), {})
    assert waits == [False]
