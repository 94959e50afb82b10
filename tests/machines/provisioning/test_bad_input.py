# SPDX-License-Identifier: Apache-2.0
"""What goes wrong is one clear error that names what and where, and the next run heals it."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from control.connections import HostKeyRefused
from control.machines import MachineFailed
from poser.errors import PoserError, Unavailable
from poser.machine.resources.packages import Packages
from roles.values import AptMirror, Part, Role
from tests.support.shop import Shop

pytestmark = pytest.mark.lab
NAME = "bad-1"


@pytest.fixture(scope="module")
def bad(shop: Shop, packaged: str) -> str:
    """Return a machine that has its packages; each test leaves it able to go on."""
    shop.clone(packaged, NAME)
    return NAME


def with_package(name: str) -> Callable[[Role], Role]:
    """Return what adds a package to a role."""

    def add(role: Role) -> Role:
        extra = Part(name="extra", what="one more", resources=(Packages(names=(name,)),))
        return replace(role, parts=(*role.parts, extra))

    return add


def test_a_package_that_does_not_exist_is_named(shop: Shop, bad: str) -> None:
    with pytest.raises(MachineFailed) as caught:
        shop.converge(bad, with_package("poser-no-such-package"))
    assert caught.value.message.startswith(f"{bad}: packages ")
    assert "poser-no-such-package" in caught.value.message + caught.value.output
    assert caught.value.hint


def test_a_broken_mirror_is_named(shop: Shop, bad: str) -> None:
    nowhere = "http://127.0.0.1:9/debian"
    mirror = AptMirror(uris=(nowhere,), security_uris=(f"{nowhere}-security",))
    with pytest.raises(MachineFailed) as caught:
        shop.converge(bad, with_package("tree"), mirror=mirror)
    assert caught.value.key.startswith("packages ")
    assert "127.0.0.1:9" in caught.value.output
    assert caught.value.hint


def test_a_full_disk_is_named_and_the_next_run_goes_on(shop: Shop, bad: str) -> None:
    shop.run(bad, "mkdir -p /opt/poser && mount -t tmpfs -o size=24m full /opt/poser")
    try:
        with pytest.raises(MachineFailed) as caught:
            shop.provision(bad)
    finally:
        shop.run(bad, "umount /opt/poser")
    assert caught.value.key.startswith("release ")
    assert "the file system /opt/poser is too full" in caught.value.message
    assert caught.value.hint


def test_a_port_already_taken_is_named_and_the_next_run_goes_on(shop: Shop, bad: str) -> None:
    shop.run(bad, "systemctl stop nginx; systemd-run -u squatter python3 -m http.server 443")
    try:
        with pytest.raises(MachineFailed) as caught:
            shop.provision(bad)
    finally:
        shop.run(bad, "systemctl stop squatter")
    assert caught.value.key == "service nginx.service"
    assert "Address already in use" in caught.value.output
    assert caught.value.hint


def test_another_host_key_is_refused(shop: Shop, bad: str) -> None:
    key = "/etc/ssh/ssh_host_ed25519_key"
    with shop.connected(bad) as before:

        def run(command: str) -> None:
            before.run(command, hide=True, in_stream=False)

        run(f"cp {key} /root/kept && ssh-keygen -qt ed25519 -N '' -f /root/new")
        run(f"cp /root/new {key} && systemctl restart ssh")
        try:
            with pytest.raises(HostKeyRefused, match="another host key") as caught:
                shop.provision(bad)
        finally:
            run(f"cp /root/kept {key} && systemctl restart ssh; rm /root/kept /root/new*")
    assert bad in caught.value.message
    assert f"fab trust host={bad}" in caught.value.hint


def test_a_machine_that_cannot_be_reached_is_named_soon(shop: Shop, bad: str) -> None:
    shop.lab.cut(bad)
    began = time.monotonic()
    try:
        with pytest.raises(Unavailable, match=bad) as caught:
            shop.provision(bad)
    finally:
        shop.lab.mend(bad)
    assert time.monotonic() - began < 30
    assert caught.value.hint


def test_a_setting_that_the_software_does_not_know_is_named(shop: Shop, bad: str) -> None:
    shop.settings[bad] = {"web.wrokers": "4"}
    try:
        with pytest.raises(MachineFailed) as caught:
            shop.provision(bad)
    finally:
        del shop.settings[bad]
    assert caught.value.key == "file /etc/poser/poser.conf"
    assert "web.wrokers" in caught.value.output
    assert "web.workers" in caught.value.output
    shop.run(bad, "test ! -e /etc/poser/poser.conf && test ! -e /opt/poser/current")


def test_after_all_that_one_run_makes_a_whole_store(shop: Shop, bad: str) -> None:
    healed = shop.provision(bad)
    assert healed.verified
    assert [str(failure) for failure in healed.verified.failures] == []
    assert shop.provision(bad).converged.done["changed"] == 0


def test_one_machine_that_fails_stops_alone(shop: Shop, bad: str, built: str) -> None:
    assert built
    shop.sites |= {bad: "south", "store-1": "south"}
    shop.run("store-1", "echo '# by hand' >>/etc/poser/poser.conf")
    shop.lab.cut(bad)
    try:
        assert shop.machine(bad)
        done = shop.fab("provision", "site=south")
    finally:
        shop.lab.mend(bad)
        shop.sites.clear()
    assert done.returncode == 4, done.stderr
    assert f"error: {bad}" in done.stderr
    assert "hint: " in done.stderr
    assert "by hand" not in shop.run("store-1", "cat /etc/poser/poser.conf")


def test_an_unknown_machine_setting_is_refused_before_anything_is_touched(
    shop: Shop, bad: str
) -> None:
    shop.settings[bad] = {"machine.mail_rely": "x"}
    try:
        with pytest.raises(PoserError, match=r"no setting 'machine\.mail_rely'"):
            shop.provision(bad)
    finally:
        del shop.settings[bad]
