# SPDX-License-Identifier: Apache-2.0
"""The values of a lab: names, recipes, what crosses to root and back."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from control.lab.base import Recipe
from control.lab.book import (
    LabBook,
    LabFolder,
    MachineBook,
    layers_in_use,
    other_labs,
    write_json,
)
from control.lab.nspawn import environment, nspawn
from control.lab.packages import hosts_of
from control.lab.values import LabMachine, LabSpec, Mirror, State, check_name
from poser.errors import ConfigError, PoserError

MIRROR = Mirror(
    uris=("https://a.example/debian",), security_uris=("http://b.example:8080/security",)
)
SPEC = LabSpec(
    id="abc123",
    network="",
    mirror=MIRROR,
    authorized_keys=("ssh-ed25519 AAAA me",),
    state=Path("/state"),
    cache=Path("/cache"),
    owner=(1000, 1000),
)
RECIPE = Recipe(mirror=MIRROR, architecture="amd64", week="2026-47")


@pytest.mark.parametrize("spec", [SPEC, replace(SPEC, mirror=None)])
def test_a_spec_crosses_to_root_unchanged(spec: LabSpec) -> None:
    assert LabSpec.from_json(json.loads(json.dumps(spec.to_json()))) == spec


@pytest.mark.parametrize("since", [None, datetime(2026, 11, 22, 7, 0, 1, 5, tzinfo=UTC)])
def test_a_machine_comes_back_unchanged(since: datetime | None) -> None:
    machine = LabMachine(
        name="a", address="10.0.0.1", state=State.UP, host_key="k", pid=7, since=since
    )
    assert LabMachine.from_json(json.loads(json.dumps(machine.to_json()))) == machine


@pytest.mark.parametrize("name", ["a", "store-1", "a" * 32])
def test_usual_names_are_fine(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize("name", ["", "1a", "a-", "a/b", "..", "a b", "a" * 33, "é", "a\n"])
def test_names_that_hosts_cannot_have_are_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="cannot be called"):
        check_name(name)


@pytest.mark.parametrize("lab", ["", "A", "a" * 13, "a-b", "../x", "a\n"])
def test_a_lab_cannot_be_called_what_an_interface_cannot(lab: str) -> None:
    with pytest.raises(ConfigError):
        replace(SPEC, id=lab)


def test_machines_ask_over_http_and_the_cache_over_what_the_mirror_speaks() -> None:
    assert MIRROR.over_http().uris == ("http://a.example/debian",)
    assert hosts_of(MIRROR) == {"a.example": "https", "b.example:8080": "http"}


def test_a_mirror_that_machines_cannot_reach_is_refused() -> None:
    with pytest.raises(ConfigError, match="cannot reach the mirror file:///srv/debian"):
        hosts_of(replace(MIRROR, uris=("file:///srv/debian",)))


def test_the_base_has_security_updates_in_its_sources() -> None:
    assert RECIPE.sources().splitlines() == [
        "deb http://a.example/debian trixie main",
        "deb http://a.example/debian trixie-updates main",
        "deb http://b.example:8080/security trixie-security main",
    ]


def test_a_recipe_is_known_by_everything_that_goes_into_it() -> None:
    others = [
        replace(RECIPE, week="2026-48"),
        replace(RECIPE, architecture="arm64"),
        replace(RECIPE, packages=("systemd",)),
        replace(RECIPE, files={"etc/x": ""}),
        replace(RECIPE, apt_settings={"Acquire::Check-Date": "false"}),
        replace(RECIPE, mirror=replace(MIRROR, suite="bookworm")),
        replace(RECIPE, removed=()),
        replace(RECIPE, masked=()),
    ]
    assert len({recipe.id for recipe in (RECIPE, *others)}) == len(others) + 1
    assert replace(RECIPE).id == RECIPE.id


def test_the_books_of_a_lab_are_read_as_they_were_written(tmp_path: Path) -> None:
    folder = LabFolder(path=tmp_path / "abc")
    assert folder.load() is None
    book = LabBook(network=IPv4Network("10.77.0.0/24")).with_number("a", 11).with_number("b", 12)
    folder.save(book)
    assert folder.load() == book
    machine = folder.machine("a")
    assert machine.load() is None
    made = MachineBook(layers=(Path("/base"),), machine_id="0" * 32, is_named=True)
    machine.save(made)
    assert machine.load() == made
    assert not list(tmp_path.rglob(".*")), "no half-written file stays"
    machine.forget()
    assert machine.load() is None


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', "{}"])
def test_a_damaged_book_says_how_to_go_on(tmp_path: Path, text: str) -> None:
    folder = LabFolder(path=tmp_path)
    (tmp_path / "lab.json").write_text(text)
    with pytest.raises(PoserError, match="damaged") as damaged:
        folder.load()
    assert "fab lab reset" in damaged.value.hint


def test_networks_of_other_labs_are_taken_and_ones_own_is_not(tmp_path: Path) -> None:
    for name, network in (("a", "10.77.0.0/24"), ("b", "10.77.1.0/24")):
        LabFolder(path=tmp_path / name).save(LabBook(network=IPv4Network(network)))
    others = other_labs(LabFolder(path=tmp_path / "b"))
    assert [(str(other.network), other.by) for other in others] == [("10.77.0.0/24", "the lab a")]


def test_layers_are_in_use_by_machines_and_by_snapshots_above_them(tmp_path: Path) -> None:
    folder = LabFolder(path=tmp_path / "a")
    folder.machine("m").save(MachineBook(layers=(Path("/s"), Path("/base")), machine_id=""))
    write_json(folder.snapshot("t") / "snapshot.json", {"layers": ["/t", "/old-base"]})
    assert layers_in_use(tmp_path) == {Path("/s"), Path("/base"), Path("/old-base")}


def test_a_machine_is_known_by_its_own_name_inside_and_by_its_labs_outside() -> None:
    command = nspawn("abc123", "store-1", Path("/r"), Path("/run/netns/n"), registered=False)
    assert "--machine=store-1-abc123" in command
    assert "--hostname=store-1" in command
    assert "--register=no" in command
    assert environment(hybrid=True)["SYSTEMD_NSPAWN_UNIFIED_HIERARCHY"] == "1"
    assert "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY" not in environment(hybrid=False)
