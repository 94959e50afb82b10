# SPDX-License-Identifier: Apache-2.0
"""A lab keeps to itself, whatever else this computer does, and says what it lacks."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from control.lab import Lab, State, checks
from control.lab.boot import greets
from poser.errors import ConfigError, PoserError
from tests.support.machines import Keys, make_lab

pytestmark = pytest.mark.lab


@pytest.fixture
def other(keys: Keys) -> Iterator[Lab]:
    made = make_lab(keys, "x")
    try:
        yield made
    finally:
        made.remove()


def test_two_labs_stand_side_by_side_and_do_not_meet(lab: Lab, other: Lab, keys: Keys) -> None:
    here, there = lab.up(["twin"])[0], other.up(["twin"])[0]
    assert here.address != there.address
    assert here.host_key != there.host_key
    assert keys.run(here, "hostname") == keys.run(there, "hostname") == "twin\n"
    unreachable = subprocess.run(
        keys.ssh(here, "ping", "-c1", "-W1", there.address), capture_output=True, check=False
    )
    assert unreachable.returncode != 0

    other.remove()
    assert not greets(there.address)
    assert not other.spec.folder.exists()
    assert keys.run(here, "true") == "", "the lab beside it is untouched"


def test_what_is_called_alike_but_belongs_to_others_is_left_alone(other: Lab) -> None:
    foreign = f"poser-{other.spec.id}y"
    subprocess.run(["ip", "netns", "add", foreign], check=True)
    try:
        other.up(["a"])
        other.remove()
        spaces = subprocess.run(["ip", "netns"], capture_output=True, text=True, check=True)
        assert foreign in spaces.stdout.split()
    finally:
        subprocess.run(["ip", "netns", "delete", foreign], check=True)


def test_a_network_that_is_used_already_is_refused_by_name(lab: Lab, other: Lab) -> None:
    machine = lab.up(["lab-a"])[0]
    network = machine.address.rsplit(".", 1)[0] + ".0/24"
    wanted = Lab(other.spec.id, network=network, authorized_keys=other.spec.authorized_keys)
    with pytest.raises(PoserError, match=f"cannot have {network}: .*{lab.spec.id}") as refused:
        wanted.up(["a"])
    assert "[lab] network" in refused.value.hint
    assert wanted.status(["a"])[0].state is State.ABSENT


def test_a_named_network_is_kept_and_may_be_changed_while_the_lab_is_down(other: Lab) -> None:
    ssh = other.spec.authorized_keys
    first = Lab(other.spec.id, network="10.78.9.0/28", authorized_keys=ssh)
    assert first.up(["a"])[0].address == "10.78.9.3"
    second = Lab(other.spec.id, network="10.78.10.0/24", authorized_keys=ssh)
    with pytest.raises(ConfigError, match=r"is up in 10\.78\.9\.0/28"):
        second.up(["a"])
    first.power_off("a")  # what is left of the network must not be in the way
    assert second.up(["a"])[0].address == "10.78.10.3", "a machine keeps its number"


def test_a_full_disk_is_said_before_anything_is_begun(
    other: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "NEEDED_BYTES", 1 << 60)
    with pytest.raises(PoserError, match=r"has [0-9.]+ GiB left"):
        other.up(["a"])
    assert not other.spec.folder.exists()


def test_a_machine_whose_base_was_deleted_says_so(other: Lab, keys: Keys, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    made = Lab(other.spec.id, authorized_keys=[keys.public], cache_folder=cache)
    cache.mkdir()
    for shared in ("apt", "rootfs"):
        (cache / shared).symlink_to(other.spec.cache / shared)
    made.up(["a"])
    made.down()
    (cache / "rootfs").unlink()
    with pytest.raises(PoserError, match="which is gone") as gone:
        made.up(["a"])
    assert "fab lab reset host=a" in gone.value.hint
    (cache / "rootfs").symlink_to(other.spec.cache / "rootfs")
    made.reset()
    assert made.up(["a"])[0].state is State.UP


@pytest.mark.parametrize("name", ["-a", "A", "a" * 33, "store.1", ""])
def test_a_name_that_no_machine_can_have_is_refused(other: Lab, name: str) -> None:
    with pytest.raises(ConfigError, match="cannot be called"):
        other.up([name])


def test_the_lab_has_no_machine_that_it_was_not_asked_for(lab: Lab) -> None:
    lab.up(["lab-a"])
    with pytest.raises(ConfigError, match="no machine 'lab-z'") as unknown:
        lab.cut("lab-z")
    assert "lab-a" in unknown.value.hint
    assert lab.status(["lab-z"])[0].state is State.ABSENT


def test_a_lab_with_too_long_a_name_is_refused() -> None:
    with pytest.raises(ConfigError, match="cannot be called") as refused:
        Lab("a" * 13)
    assert "1 to 12" in refused.value.hint
