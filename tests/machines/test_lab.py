# SPDX-License-Identifier: Apache-2.0
"""Machines of the lab do what machines do, and so do their plugs and cables."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from control.lab import Lab, LabMachine, State, cgroups
from control.lab.boot import greets
from control.lab.locks import holder
from tests.support.machines import Keys

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def machine(lab: Lab) -> LabMachine:
    return lab.up(["lab-a"])[0]


def soon(is_true: Callable[[], bool], within_s: float = 10.0) -> bool:
    """Wait until something is true, at most `within_s` seconds; says whether it came true."""
    deadline = time.monotonic() + within_s
    while not is_true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_a_machine_boots_to_a_whole_debian_with_its_own_name(
    lab: Lab, machine: LabMachine, keys: Keys
) -> None:
    assert machine.state is State.UP
    assert keys.run(machine, "hostname") == "lab-a\n"
    assert keys.run(machine, "systemctl", "is-system-running", "--wait") == "running\n"
    assert "trixie" in keys.run(machine, "cat", "/etc/os-release")
    assert lab.up(["lab-a"]) == [machine], "a second `up` changes nothing"


def test_a_warm_machine_answers_within_seconds(lab: Lab, machine: LabMachine) -> None:
    lab.down(["lab-a"])
    began = time.monotonic()
    lab.up(["lab-a"])
    assert time.monotonic() - began < 10, "1 to 1.5 s on an idle computer"
    assert greets(machine.address)


def test_packages_come_through_the_cache_and_nothing_else_gets_out(lab: Lab, keys: Keys) -> None:
    machine = lab.up(["lab-a"])[0]
    keys.run(machine, "apt-get", "-qq", "update")
    keys.run(machine, "apt-get", "-qq", "install", "--no-install-recommends", "-y", "hello")
    assert keys.run(machine, "hello") == "Hello, world!\n"
    kept = list(lab.spec.cache.joinpath("apt").glob("*/**/hello_*.deb"))
    assert kept, "the cache keeps the package"
    routes = keys.run(machine, "ip", "route").splitlines()
    assert len(routes) == 1, "to the lab's own network"
    assert routes[0].startswith(machine.address.rsplit(".", 1)[0] + ".0/")


def test_a_cut_line_is_dead_until_it_is_mended(lab: Lab, keys: Keys) -> None:
    machine = lab.up(["lab-a"])[0]
    assert lab.cut("lab-a").is_cut
    assert not greets(machine.address)
    assert lab.status(["lab-a"])[0].state is State.UP, "the machine itself runs on"
    assert lab.up(["lab-a"])[0].is_cut, "a cable is not plugged in again by switching on"
    assert not lab.mend("lab-a").is_cut
    assert soon(lambda: greets(machine.address))
    assert keys.run(machine, "true") == ""


def test_switching_off_lets_services_end_and_a_power_cut_does_not(lab: Lab, keys: Keys) -> None:
    machine = lab.up(["lab-a"])[0]
    start_service_that_tells_its_end(machine, keys)
    lab.power_off("lab-a")
    assert lab.status(["lab-a"])[0].state is State.DOWN
    lab.up(["lab-a"])
    assert keys.run(machine, "ls", "/root") == "", "nothing was told of the cut"

    keys.run(machine, "systemctl", "start", "mark")
    lab.down(["lab-a"])
    assert lab.status(["lab-a"])[0].state is State.DOWN
    lab.up(["lab-a"])
    assert keys.run(machine, "ls", "/root") == "ended\n", "its services were told to end"


def start_service_that_tells_its_end(machine: LabMachine, keys: Keys) -> None:
    unit = "[Service]\nExecStart=/bin/sleep infinity\nExecStop=/bin/touch /root/ended\n"
    keys.run(machine, "sh", "-c", f'printf "{unit}" > /etc/systemd/system/mark.service')
    keys.run(machine, "systemctl", "start", "mark")


def test_what_was_written_survives_a_power_cut(lab: Lab, keys: Keys) -> None:
    machine = lab.up(["lab-a"])[0]
    keys.run(machine, "sh", "-c", "echo kept > /root/kept")
    lab.power_off("lab-a")
    lab.up(["lab-a"])
    assert keys.run(machine, "cat", "/root/kept") == "kept\n"


def test_a_machine_that_reboots_itself_comes_back(lab: Lab, keys: Keys) -> None:
    machine = lab.up(["lab-a"])[0]
    before = keys.run(machine, "cat", "/proc/1/stat").split()[21]
    subprocess.run(keys.ssh(machine, "systemctl", "--no-block", "reboot"), check=False, timeout=30)

    def has_booted_anew() -> bool:
        done = subprocess.run(
            keys.ssh(machine, "cat", "/proc/1/stat"), capture_output=True, text=True, check=False
        )
        return done.returncode == 0 and done.stdout.split()[21] != before

    assert soon(has_booted_anew, 30)
    assert keys.run(machine, "systemctl", "is-system-running", "--wait") == "running\n"
    assert lab.status(["lab-a"])[0].state is State.UP


def test_a_machine_that_switches_itself_off_is_down(lab: Lab, keys: Keys) -> None:
    machine = lab.up(["lab-a"])[0]
    subprocess.run(
        keys.ssh(machine, "systemctl", "--no-block", "poweroff"), check=False, timeout=30
    )
    assert soon(lambda: lab.status(["lab-a"])[0].state is State.DOWN, 30)
    assert lab.up(["lab-a"])[0].state is State.UP


def test_a_reset_machine_is_new_but_keeps_its_address_and_host_key(lab: Lab, keys: Keys) -> None:
    machine = lab.up(["lab-a"])[0]
    keys.run(machine, "sh", "-c", "echo old > /root/old")
    identity = keys.run(machine, "cat", "/etc/machine-id")
    assert lab.reset(["lab-a"])[0].state is State.ABSENT
    again = lab.up(["lab-a"])[0]
    assert (again.address, again.host_key) == (machine.address, machine.host_key)
    assert keys.run(again, "ls", "/root") == ""
    assert keys.run(again, "cat", "/etc/machine-id") != identity


def test_clones_of_a_snapshot_have_its_files_and_names_of_their_own(lab: Lab, keys: Keys) -> None:
    machine = lab.up(["lab-a"])[0]
    keys.run(machine, "sh", "-c", "echo provisioned > /root/state; rm /etc/issue")
    lab.snapshot("lab-a", "provisioned")
    began = time.monotonic()
    clones = lab.clone("provisioned", ["lab-b", "lab-c"])
    assert time.monotonic() - began < 30, "about a second on an idle computer"
    for clone in clones:
        assert keys.run(clone, "cat", "/root/state") == "provisioned\n"
        assert keys.run(clone, "hostname") == f"{clone.name}\n"
        assert "issue" not in keys.run(clone, "ls", "/etc").split(), "what was deleted stays so"
    assert len({clone.host_key for clone in (machine, *clones)}) == 3
    ids = {keys.run(clone, "cat", "/etc/machine-id") for clone in clones}
    assert len(ids) == 2

    keys.run(clones[0], "sh", "-c", "echo changed > /root/state")
    assert keys.run(clones[1], "cat", "/root/state") == "provisioned\n"
    again = lab.up(["lab-a"])[0]
    assert keys.run(again, "cat", "/root/state") == "provisioned\n", "the machine goes on"
    lab.reset(["lab-b", "lab-c"])


def test_a_machine_whose_supervisor_was_killed_is_healed(lab: Lab, keys: Keys) -> None:
    machine = lab.up(["lab-a"])[0]
    keys.run(machine, "sh", "-c", "rm -f /root/ended")
    start_service_that_tells_its_end(machine, keys)
    os.kill(machine.pid, signal.SIGKILL)
    assert soon(lambda: lab.status(["lab-a"])[0].state is State.DOWN)
    if not Path("/run/systemd/system").is_dir():  # which would have ended it with its unit
        assert greets(machine.address), "it lives on by itself: two must not run on one disk"
    again = lab.up(["lab-a"])[0]
    assert again.pid != machine.pid
    if not Path("/run/systemd/system").is_dir():
        assert "ended" in keys.run(again, "ls", "/root"), "it was switched off, not cut"
    assert keys.run(again, "systemctl", "is-system-running", "--wait") == "running\n"


def test_a_machine_whose_systemd_nspawn_was_killed_is_down_and_not_half_alive(
    lab: Lab,
) -> None:
    machine = lab.up(["lab-a"])[0]
    group = cgroups.folder(lab.spec.id, "lab-a")
    if not group.exists():
        return  # systemd keeps the machine, and ends a unit whole
    for pid in cgroups.processes(group):
        if Path(f"/proc/{pid}/comm").read_text() == "systemd-nspawn\n":
            os.kill(pid, signal.SIGKILL)
    assert soon(lambda: lab.status(["lab-a"])[0].state is State.DOWN)
    assert not greets(machine.address)
    assert not group.exists()
    assert lab.up(["lab-a"])[0].state is State.UP


def test_a_package_cache_that_was_killed_is_started_again(lab: Lab) -> None:
    lab.up(["lab-a"])
    lock = lab.spec.folder / "aptcache.lock"
    pid = holder(lock)
    os.kill(pid, signal.SIGKILL)
    assert soon(lambda: holder(lock) == 0)
    lab.up(["lab-a"])
    assert holder(lock) not in {0, pid}


def test_the_way_back_after_this_computer_was_started_anew(lab: Lab, keys: Keys) -> None:
    machine = lab.up(["lab-a"])[0]
    keys.run(machine, "sh", "-c", "echo kept > /root/kept")
    network = f"poser-{lab.spec.id}"
    # What a restart leaves: no process, no mount, no namespace; where /run is on a disk, too,
    # the names of namespaces that are no more.
    lab.power_off("lab-a")
    subprocess.run(["umount", lab.spec.folder / "machines/lab-a/disk/root"], check=True)
    for space in (f"{network}-lab-a", network):
        subprocess.run(["ip", "netns", "delete", space], check=True)
        with open(f"/run/netns/{space}", "w"):  # noqa: PTH123 - an empty file
            pass
    again = lab.up(["lab-a"])[0]
    assert again.address == machine.address
    assert keys.run(again, "cat", "/root/kept") == "kept\n"


def test_the_cache_answers_inside_the_lab_only(lab: Lab) -> None:
    machine = lab.up(["lab-a"])[0]
    network = machine.address.rsplit(".", 1)[0]
    socket.create_connection((f"{network}.2", 3142), timeout=2).close()
    for elsewhere in ("127.0.0.1", f"{network}.1"):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((elsewhere, 3142), timeout=2)


def test_hardware_addresses_stay_when_machines_come_and_go(lab: Lab, keys: Keys) -> None:
    def of_bridge() -> str:
        space = f"poser-{lab.spec.id}"
        command = ["ip", "-n", space, "-j", "link", "show", "dev", "br0"]
        shown = subprocess.run(command, capture_output=True, text=True, check=True)
        return str(json.loads(shown.stdout)[0]["address"])

    machine = lab.up(["lab-a"])[0]
    own = keys.run(machine, "cat", "/sys/class/net/eth0/address")
    bridge = of_bridge()
    for _ in range(3):
        lab.up(["lab-b"])
        assert of_bridge() == bridge
        lab.down(["lab-b"])
        assert of_bridge() == bridge
    lab.up(["lab-b"])
    lab.down(["lab-a"])
    again = lab.up(["lab-a"])[0]
    assert keys.run(again, "cat", "/sys/class/net/eth0/address") == own


def test_down_leaves_nothing_running_and_nothing_mounted(lab: Lab) -> None:
    lab.up(["lab-a", "lab-b"])
    lab.down()
    assert {each.state for each in lab.status(["lab-a", "lab-b"])} == {State.DOWN}
    links = subprocess.run(["ip", "-br", "link"], capture_output=True, text=True, check=True)
    assert f"pl-{lab.spec.id}" not in links.stdout
    with open("/proc/self/mountinfo") as mounts:  # noqa: PTH123 - not a regular file
        assert str(lab.spec.folder) not in mounts.read()
    spaces = subprocess.run(["ip", "netns"], capture_output=True, text=True, check=True)
    assert f"poser-{lab.spec.id}" not in spaces.stdout
