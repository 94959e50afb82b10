# SPDX-License-Identifier: Apache-2.0
"""The lab runs on a computer with systemd, too: here that is itself a machine of the lab."""

import json
import subprocess
from pathlib import Path

import pytest

from control.lab import Lab, LabMachine, base
from control.paths import CHECKOUT
from tests.support.machines import Keys

pytestmark = pytest.mark.lab

PACKAGES = ("systemd-container", "mmdebstrap", "openssh-client")
# File systems of memory, because an overlay cannot write into another overlay.
PREPARE = """
set -e
apt-get -qq update
DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends {packages} >/dev/null
for folder in /var/lib/poser-lab /root/.cache; do
    mkdir -p $folder
    mount -t tmpfs -o size=4g lab $folder
done
mkdir -p /root/.cache/poser/rootfs /root/src
test -d /run/systemd/system
"""
TRY = """
import json, subprocess
from control.lab import Lab
lab = Lab("inner", authorized_keys=["none"])
first = lab.up(["a"])[0]
cut = lab.power_off("a")
again = lab.up(["a"])[0]
unit = subprocess.run(
    ["systemctl", "is-active", "poser-lab-inner-a"], capture_output=True, text=True
).stdout.strip()
down = lab.down(["a"])[0]
lab.remove()
shared = subprocess.run(
    ["findmnt", "-no", "PROPAGATION", "/run"], capture_output=True, text=True
).stdout.strip()
print(json.dumps([first.state, cut.state, again.state, unit, down.state,
                  first.address == again.address, first.pid != again.pid, lab.status(), shared]))
"""


def send(keys: Keys, machine: LabMachine, folder: Path, names: list[str], to: str) -> None:
    """Copy files and folders below `folder` to a machine."""
    packed = subprocess.Popen(
        ["tar", "-c", "--exclude=__pycache__", "-C", str(folder), *names], stdout=subprocess.PIPE
    )
    with packed:
        unpack = keys.ssh(machine, "tar", "-x", "-C", to)
        subprocess.run(unpack, stdin=packed.stdout, check=True, timeout=120)


def test_machines_are_units_where_systemd_runs(lab: Lab, keys: Keys) -> None:
    machine = lab.up(["lab-outer"])[0]
    keys.run(machine, "sh", "-c", PREPARE.format(packages=" ".join(PACKAGES)))
    rootfs = lab.spec.cache / "rootfs"
    here = base.recipe_here(lab.mirror)
    send(keys, machine, rootfs, [here.id], "/root/.cache/poser/rootfs")
    send(keys, machine, CHECKOUT, ["control", "poser"], "/root/src")
    said = keys.run(machine, "sh", "-c", f"cd /root/src && python3 -c '{TRY}'")
    assert json.loads(said) == ["up", "down", "up", "active", "down", True, True, [], "shared"]
    lab.reset(["lab-outer"])
