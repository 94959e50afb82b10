# SPDX-License-Identifier: Apache-2.0
"""What breaks, drawn by chance: daemons and hub killed, databases, power and lines cut."""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from paramiko import SSHException

from poser.errors import PoserError
from tests.support.shop import Shop

TRIES = 15
_UNIT = "unit=$(systemctl list-units --all --plain --no-legend 'postgresql@*' | cut -d' ' -f1)"


@dataclass(frozen=True)
class Fault:
    """One fault: what happens to which machine, and for how many seconds it stays so."""

    what: str
    machine: str
    lasts_s: float

    def __str__(self) -> str:
        return f"{self.what} on {self.machine} for {self.lasts_s:.1f} s"


def plan(seed: int, host: str, store: str, count: int) -> Iterator[Fault]:
    """Draw `count` faults: each kind on each machine in turn, in an order that is chance."""
    dice = random.Random(seed)  # noqa: S311 - which faults is no secret
    kinds = [
        ("daemon killed", host),
        ("daemon killed", store),
        ("hub killed", host),
        ("database stopped", host),
        ("database stopped", store),
        ("line cut", store),
        ("daemon killed", store),
        ("line cut", host),
        ("hub killed", host),
        ("database stopped", store),
        ("power cut", store),
        ("power cut", host),
    ]
    drawn: list[tuple[str, str]] = []
    while len(drawn) < count:
        drawn += dice.sample(kinds, len(kinds))
    for what, machine in drawn[:count]:
        yield Fault(what, machine, dice.uniform(0.2, 4.0))


def patiently(shop: Shop, name: str, command: str) -> str:
    """Run a command on a machine whose line or power was just away: not every try gets through."""
    for _ in range(TRIES):
        try:
            return shop.run(name, command)
        except (OSError, EOFError, PoserError, SSHException):
            time.sleep(2)
    return shop.run(name, command)


def strike(shop: Shop, fault: Fault, again: Callable[[str], None]) -> None:
    """Let a fault happen, and end; `again` starts on a machine what a power cut ended."""
    name, lasts = fault.machine, fault.lasts_s
    match fault.what:
        case "daemon killed":
            patiently(shop, name, "systemctl kill -s KILL poser-datasync; true")
            time.sleep(lasts / 2)
        case "hub killed":
            patiently(shop, name, "systemctl kill -s KILL poser-hub; true")
            time.sleep(lasts / 2)
        case "database stopped":
            # SIGQUIT is PostgreSQL's immediate stop: as a crash, without a checkpoint.
            stop = f"systemctl kill --kill-whom=main -s QUIT $unit; sleep {lasts:.1f}"
            patiently(shop, name, f"{_UNIT}; {stop}; systemctl start $unit")
        case "line cut":
            shop.lab.cut(name)
            time.sleep(lasts + 2)
            shop.lab.mend(name)
        case "power cut":
            shop.lab.power_off(name)
            shop.lab.up([name])
            again(name)
