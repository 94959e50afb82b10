# SPDX-License-Identifier: Apache-2.0
"""A run that is killed at any step is healed by the next one, on a small machine."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from poser.machine.resource import Resource
from poser.machine.resources.absent import Absent
from poser.machine.resources.directory import Directory
from poser.machine.resources.file import File
from poser.machine.resources.link import Link
from poser.machine.resources.service import Service
from poser.machine.resources.sysctl import Sysctl
from poser.machine.resources.unit import Unit
from poser.machine.resources.users import Group, User
from tests.unit.machine.small_machine import KillAt, Killed, SmallMachine

ROLE: tuple[Resource, ...] = (
    Group(name="shop"),
    User(name="shop", home="/var/lib/shop"),
    Directory(path="/etc/app", mode=0o750),
    File(path="/etc/app/main.conf", content="new text\n", mode=0o640),
    Link(path="/etc/app/current", target="releases/2"),
    Absent(path="/etc/app/old.conf"),
    Sysctl(name="60-shop", values=(("net.core.x", "1"),)),
    Unit(name="shop.service", content="[Service]\nExecStart=/bin/shop\n"),
    Service(unit="shop.service", restart_on=("/etc/app/main.conf", "/etc/app/current")),
)


def install_older(machine: SmallMachine) -> None:
    """Leave the machine as an older role had it: other files, the service running with them."""
    app = machine.root / "etc/app"
    (app / "main.conf").write_text("old text\n")
    (app / "old.conf").write_text("old\n")
    (app / "current").symlink_to("releases/1")
    (machine.root / "proc/sys/net/core").mkdir(parents=True)
    (machine.root / "proc/sys/net/core/x").write_text("0\n")
    machine.converge((older_unit(), *ROLE[8:]))
    machine.keep()


def older_unit() -> Unit:
    return Unit(name="shop.service", content="[Service]\nExecStart=/bin/old\n")


def is_right(machine: SmallMachine) -> bool:
    """Say whether the machine is what ROLE says, looked at without the kit."""
    root, runs = machine.root, machine.root / "run/units/shop.service.active"
    return (
        (root / "etc/app/main.conf").read_text() == "new text\n"
        and (root / "etc/app/current").readlink() == Path("releases/2")
        and not (root / "etc/app/old.conf").exists()
        and (root / "proc/sys/net/core/x").read_text().strip() == "1"
        and (root / "etc/passwd").read_text().count("\nshop:") == 1
        # What the service was started with is what lies on the disk now.
        and (runs / "main.conf").read_text() == "new text\n"
        and (runs / "current").readlink() == Path("releases/2")
        and (root / "run/units/shop.service.loaded").read_text()
        == "[Service]\nExecStart=/bin/shop\n"
        and (root / "run/units/shop.service.enabled").exists()
        and not machine.leftovers()
    )


def test_a_run_that_nobody_kills_converges(machine: SmallMachine) -> None:
    install_older(machine)
    assert not is_right(machine)
    assert machine.converge(ROLE)[-1]["event"] == "done"
    assert is_right(machine)
    assert machine.converge(ROLE)[-1]["changed"] == 0


def test_a_run_killed_before_any_of_its_steps_is_healed_by_the_next(machine: SmallMachine) -> None:
    killed = 0
    install_older(machine)
    for n in range(1, 200):
        machine.again()
        kill = KillAt(n)
        try:
            machine.converge(ROLE, kill)
        except Killed:
            killed += 1
        else:
            break
        text = (machine.root / "etc/app/main.conf").read_text()
        assert text in ("old text\n", "new text\n"), f"torn file at step {n}, {kill.steps[-1]}"
        assert machine.converge(ROLE)[-1]["event"] == "done"
        assert is_right(machine), f"not healed after step {n}, {kill.steps[-1]}"
        assert machine.converge(ROLE)[-1]["changed"] == 0, f"not quiet after step {n}"
    assert killed >= 25, "a run has more steps than that"


def test_a_kill_during_the_healing_run_is_healed_too(machine: SmallMachine) -> None:
    install_older(machine)
    for first, second in ((5, 3), (12, 4), (18, 5), (24, 2)):
        machine.again()
        for n in (first, second):
            with pytest.raises(Killed):
                machine.converge(ROLE, KillAt(n))
        machine.converge(ROLE)
        assert is_right(machine)


def test_a_service_restarted_by_hand_with_another_text_is_restarted(machine: SmallMachine) -> None:
    install_older(machine)
    machine.converge(ROLE)
    (machine.root / "etc/app/main.conf").write_text("by hand\n")
    os.system(f"{machine.programs}/systemctl restart shop.service")  # noqa: S605 - our own path
    assert (machine.root / "run/units/shop.service.active/main.conf").read_text() == "by hand\n"
    keys = [event["key"] for event in machine.converge(ROLE) if event["event"] == "changed"]
    assert keys == ["file /etc/app/main.conf", "service shop.service"]
    assert is_right(machine)


NAMES = ("a", "b", "c")
TEXTS = st.sampled_from(("", "one\n", "two\n", "käse\n"))


@st.composite
def trees(draw: st.DrawFn) -> tuple[dict[str, tuple[str, str]], tuple[Resource, ...]]:
    """Draw what is there (name to kind and text) and what should be there."""
    kinds = st.tuples(st.sampled_from(("file", "link", "nothing", "empty folder")), TEXTS)
    there = {name: draw(kinds) for name in NAMES}
    resources = []
    for name in NAMES:
        path = f"/srv/{name}"
        wanted = draw(st.sampled_from(("file", "link", "absent", "deep file")))
        if there[name][0] == "empty folder" and wanted in ("file", "link"):
            wanted = "absent"  # a folder in the way of a file is an error, not for this test
        if wanted == "deep file" and there[name][0] in ("file", "link"):
            wanted = "file"
        made: dict[str, Resource] = {
            "file": File(
                path=path, content=draw(TEXTS), mode=draw(st.sampled_from((0o600, 0o644)))
            ),
            "link": Link(path=path, target=draw(st.sampled_from(("x", "y")))),
            "absent": Absent(path=path),
            "deep file": File(path=f"{path}/deep/file", content=draw(TEXTS)),
        }
        resources.append(made[wanted])
    return there, tuple(resources)


def plant(machine: SmallMachine, there: dict[str, tuple[str, str]]) -> None:
    folder = machine.root / "srv"
    folder.mkdir()
    for name, (kind, text) in there.items():
        if kind == "file":
            (folder / name).write_text(text)
        elif kind == "link":
            (folder / name).symlink_to(text.strip() or "nowhere")
        elif kind == "empty folder":
            (folder / name).mkdir()


@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(tree=trees(), n=st.integers(1, 30))
def test_any_tree_killed_anywhere_becomes_what_it_should_be(
    machine: SmallMachine, tree: tuple[dict[str, tuple[str, str]], tuple[Resource, ...]], n: int
) -> None:
    there, resources = tree
    machine.begin()
    plant(machine, there)
    for _ in kills(machine, resources, n):
        pass
    assert machine.converge(resources)[-1]["event"] == "done"
    assert machine.converge(resources)[-1]["changed"] == 0
    assert not machine.leftovers()


def kills(machine: SmallMachine, resources: tuple[Resource, ...], n: int) -> Iterator[None]:
    """Run and be killed before step n, if there is one."""
    try:
        machine.converge(resources, KillAt(n))
    except Killed:
        yield
