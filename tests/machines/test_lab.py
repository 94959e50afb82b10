# SPDX-License-Identifier: Apache-2.0
"""Machines of the lab do what machines do, and so do their plugs and cables."""

import subprocess
import time

import pytest

from control.lab import Lab, LabMachine, State
from control.lab.boot import greets
from tests.support.machines import Keys, make_lab

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def machine(lab: Lab) -> LabMachine:
    return lab.up(["lab-a"])[0]


def test_a_machine_boots_to_a_whole_debian_with_its_own_name(
    lab: Lab, machine: LabMachine, keys: Keys
) -> None:
    assert machine.state is State.UP
    assert keys.run(machine, "hostname") == "lab-a\n"
    assert keys.run(machine, "systemctl", "is-system-running", "--wait") == "running\n"
    assert "trixie" in keys.run(machine, "cat", "/etc/os-release")
    assert lab.up(["lab-a"])[0] == machine, "a second `up` changes nothing"
