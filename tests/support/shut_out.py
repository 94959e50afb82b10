# SPDX-License-Identifier: Apache-2.0
"""A firewall that shuts us out of a machine, and what the machine does about it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from poser.errors import Unavailable

if TYPE_CHECKING:
    from tests.support.shop import Shop

NAME = "guard-1"
NOBODY = "192.0.2.0/24"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShutOut:
    """What was seen, in this order."""

    machine: str
    rules_after_boot: str
    error: Unavailable
    answered_after_s: float
    rules_put_back: str
    changed_by_second_run: int


def shut_out(shop: Shop, built: str) -> ShutOut:
    """Let a whole store open SSH to nobody, and wait until it lets us in again."""
    shop.clone(built, NAME)
    shop.run(NAME, "timeout 60 systemctl is-system-running --wait; :")
    rules = shop.run(NAME, "nft list chain inet poser input")
    shop.provision(NAME)
    shop.settings[NAME] = {"machine.ssh_open_to": NOBODY}
    try:
        with pytest.raises(Unavailable) as caught:
            shop.provision(NAME)
    finally:
        del shop.settings[NAME]
    took = seconds_until_it_answers(shop)
    put_back = shop.run(NAME, "cat /etc/nftables.conf; nft list ruleset")
    shop.provision(NAME)
    return ShutOut(
        machine=NAME,
        rules_after_boot=rules,
        error=caught.value,
        answered_after_s=took,
        rules_put_back=put_back,
        changed_by_second_run=shop.provision(NAME).converged.done["changed"],
    )


def seconds_until_it_answers(shop: Shop, limit_s: float = 240) -> float:
    """Try new connections until one is taken; answers how long that took."""
    began = time.monotonic()
    while time.monotonic() - began < limit_s:
        try:
            with shop.connected(NAME):
                break
        except Unavailable:
            time.sleep(1)
    return time.monotonic() - began
