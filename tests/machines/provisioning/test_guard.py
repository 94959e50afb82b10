# SPDX-License-Identifier: Apache-2.0
"""A change that shuts us out is undone by the machine itself."""

import time

import pytest

from poser.errors import PoserError, Unavailable
from tests.support.shop import Shop

pytestmark = pytest.mark.lab
NAME = "guard-1"
NOBODY = "192.0.2.0/24"


@pytest.fixture(scope="module")
def guarded(shop: Shop, built: str) -> str:
    """Return a machine of its own, as BUILT left it, just booted."""
    shop.clone(built, NAME)
    return NAME


def test_a_machine_has_its_firewall_from_boot_on(shop: Shop, guarded: str) -> None:
    shop.run(guarded, "timeout 60 systemctl is-system-running --wait; :")
    rules = shop.run(guarded, "nft list chain inet poser input")
    assert "policy drop;" in rules


def test_a_firewall_that_shuts_us_out_is_put_back(shop: Shop, guarded: str) -> None:
    shop.provision(guarded)
    shop.settings = {NAME: {"machine.ssh_open_to": NOBODY}}
    try:
        with pytest.raises(PoserError) as caught:
            shop.provision(NAME)
    finally:
        shop.settings = {}
    assert NAME in caught.value.message
    assert answers_within(shop, 180)
    assert NOBODY not in shop.run(NAME, "cat /etc/nftables.conf; nft list ruleset")
    assert shop.provision(NAME).converged.done["event"] == "done"
    assert shop.provision(NAME).converged.done["changed"] == 0


def answers_within(shop: Shop, seconds: float) -> bool:
    """Tell whether the machine takes a new connection before the time is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with shop.connected(NAME):
                return True
        except Unavailable:
            time.sleep(1)
    return False
