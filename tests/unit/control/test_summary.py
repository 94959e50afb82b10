# SPDX-License-Identifier: Apache-2.0
"""The few lines that a run ends with."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from control import summary
from control.fleet import Outcome
from control.inventory import Inventory, Machine
from control.machines import Converged
from control.provision import Report
from control.secrets import Secrets
from poser.errors import PoserError

STEP = {"key": "file /etc/x", "reason": "differs", "diff": "-a\n+b"}


@pytest.fixture
def inventory(tmp_path: Path) -> Inventory:
    path = tmp_path / "inventory.toml"
    return Inventory(path=path, domain="shops.example", mirror=None, lab=None, machines=())


def outcome(
    inventory: Inventory, *, changed: int = 0, planned: int = 0, error: PoserError | None = None
) -> Outcome[Report]:
    secrets = Secrets(inventory.secrets).of_machine("store-1")
    host = SimpleNamespace(name="store-1", address="192.0.2.11", secrets=secrets)
    role = SimpleNamespace(url="https://192.0.2.11", values_sha256="abc")
    report = Report(
        host=cast("Any", host),
        role=cast("Any", role),
        converged=Converged(
            planned=[STEP] * planned,
            changed=[STEP] * changed,
            done={"resources": 53, "verified_sha256": "" if changed else "abc"},
        ),
        seconds={"connecting": 0.25, "converging": 1.0},
    )
    machine = Machine(name="store-1", role="store", address="192.0.2.11")
    answer = None if error else report
    return Outcome(machine=machine, answer=answer, error=error, seconds=1.25)


def test_an_unchanged_machine_takes_three_lines(inventory: Inventory) -> None:
    assert list(summary.provisioned([outcome(inventory)], inventory, {"booting": 0.01})) == [
        "store-1  0 changed of 53 resources  1.2 s: connecting 0.2 s, converging 1.0 s",
        "         verified earlier with the same values; fab verify checks it again",
        "         web      https://192.0.2.11/",
    ]


def test_what_all_machines_waited_for_is_told_first(inventory: Inventory) -> None:
    told = list(summary.provisioned([outcome(inventory)], inventory, {"booting": 1.84, "x": 0.0}))
    assert told[0] == "before: booting 1.8 s"


def test_a_changed_machine_says_where_to_go_next(inventory: Inventory) -> None:
    Secrets(inventory.secrets).of_machine("store-1")["admin-password"]
    told = "\n".join(summary.provisioned([outcome(inventory, changed=2)], inventory, {}))
    assert "2 changed of 53 resources" in told
    assert "web      https://192.0.2.11/" in told
    assert f"sign in  admin, the password is in {inventory.secrets}/store-1/admin-password" in told
    assert "authority/root.pem has signed its certificate" in told
    assert Secrets(inventory.secrets).of_machine("store-1")["admin-password"].reveal() not in told


def test_several_machines_end_with_who_failed(inventory: Inventory) -> None:
    outcomes = [outcome(inventory), outcome(inventory, error=PoserError("no"))]
    told = list(summary.provisioned(outcomes, inventory, {}))
    assert told[-2:] == [
        "2 machines: 0 changed, 1 failed",
        "failed: store-1; run it again for them: host=store-1",
    ]


def test_a_check_lists_the_plan_with_its_differences(inventory: Inventory) -> None:
    assert list(summary.checked([outcome(inventory, planned=1)])) == [
        "store-1  1 would change of 53 resources",
        "  file /etc/x  differs",
        "    -a\n    +b",
    ]


def test_a_plan_is_drift_and_no_plan_is_none(inventory: Inventory) -> None:
    assert summary.is_drift([outcome(inventory, planned=1)])
    assert not summary.is_drift([outcome(inventory)])
