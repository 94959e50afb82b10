# SPDX-License-Identifier: Apache-2.0
"""The topology says what front ends need, with the standard library alone."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from control.inventory import load
from roles import names
from roles.topology import inventory, topology

CHECKOUT = Path(__file__).parents[3]


def ask(*words: str) -> "subprocess.CompletedProcess[str]":
    """Run `python3 -m roles` without any installed package in sight."""
    return subprocess.run(
        [sys.executable, "-S", "-m", "roles", *words],
        cwd=CHECKOUT,
        check=False,
        capture_output=True,
        text=True,
    )


def test_topology_is_json_made_with_the_standard_library_alone() -> None:
    answer = ask("topology")
    assert answer.returncode == 0, answer.stderr
    machines = json.loads(answer.stdout)["machines"]
    assert [machine["role"] for machine in machines] == list(names())
    assert len({machine["address"] for machine in machines}) == len(machines)


@pytest.mark.parametrize("words", [(), ("typology",), ("topology", "more")])
def test_other_words_get_the_usage_and_exit_2(words: tuple[str, ...]) -> None:
    answer = ask(*words)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "usage:" in answer.stderr


def test_the_inventory_names_every_machine_and_can_be_read(tmp_path: Path) -> None:
    machines = topology()
    path = tmp_path / "inventory.toml"
    path.write_text(inventory(machines))
    assert len(load(path).machines) == len(machines)
    read = tomllib.loads(inventory(machines))
    assert {name: one["role"] for name, one in read["machines"].items()} == {
        one["name"]: one["role"] for one in machines
    }
