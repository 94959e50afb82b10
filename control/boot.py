# SPDX-License-Identifier: Apache-2.0
"""Where machines are: those of the lab get their address from it, and are booted when needed."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from control import host_keys
from control.inventory import Inventory, Machine
from control.secrets import Secrets
from control.ssh_keys import sign_in_key
from poser.errors import ConfigError, Unavailable

if TYPE_CHECKING:
    from control.lab import Lab, LabMachine
    from control.progress import Progress

Say = Callable[[str, str], None]
"""Is told what happens: a machine ("" for the lab itself) and a short sentence."""

_YOUNG = timedelta(seconds=60)
"""A machine that was switched on so lately may still be booting."""


def silent(machine: str, text: str) -> None:
    """Tell nobody."""


def lab_of(inventory: Inventory, say: Say = silent) -> "Lab":
    """Return the lab of the inventory, telling `say` what it does; ConfigError if it has none."""
    from control.lab import Lab, Mirror  # noqa: PLC0415 (only runs with lab machines need it)

    if inventory.lab is None:
        raise ConfigError(
            f"the inventory {inventory.path.name} has no lab",
            hint="unset POSER_INVENTORY for the lab on this computer, or add a [lab] table",
        )
    named = inventory.mirror
    mirror = named and Mirror(
        uris=named.uris,
        security_uris=named.security_uris,
        suite=named.suite,
        components=named.components,
        signed_by=named.signed_by,
    )
    return Lab(
        inventory.id,
        network=inventory.lab.network,
        mirror=mirror or None,
        authorized_keys=[sign_in_key(Secrets(inventory.secrets)).public],
        say=say,
    )


def in_lab(inventory: Inventory, chosen: Sequence[Machine]) -> list[str]:
    """Return the names of `chosen`; raises ConfigError when one is not a machine of the lab."""
    for machine in chosen:
        if not machine.in_lab:
            raise ConfigError(
                f"{machine.name} is not in the lab: it has the address {machine.address!r}",
                hint=f"{inventory.path.name}:{machine.line} says so; choose others with host=NAME",
            )
    return [machine.name for machine in chosen]


def ready(
    inventory: Inventory, chosen: Sequence[Machine], progress: "Progress"
) -> tuple[Machine, ...]:
    """Return the machines with their addresses; those of the lab that are down are booted."""
    names = [machine.name for machine in chosen if machine.in_lab]
    if not names:
        return tuple(chosen)
    lab = lab_of(inventory, progress.say)
    known = {each.name: each for each in lab.status(names)}
    unsettled = [name for name in names if name not in known or not _is_settled(known[name])]
    if unsettled:
        known.update({each.name: each for each in lab.up(unsettled)})
    return _with_addresses(inventory, chosen, tuple(known.values()))


def located(inventory: Inventory, chosen: Sequence[Machine]) -> tuple[Machine, ...]:
    """Return the machines with their addresses; "" for those of the lab that are not up."""
    names = [machine.name for machine in chosen if machine.in_lab]
    if not names:
        return tuple(chosen)
    known = [each for each in lab_of(inventory).status(names) if each.state == "up"]
    return _with_addresses(inventory, chosen, known)


def address(inventory: Inventory, machine: Machine) -> str:
    """Return the address of a machine, of the lab also when it is not up; "" when it has none."""
    if not machine.in_lab:
        return machine.address
    return lab_of(inventory).status([machine.name])[0].address


def reachable(inventory: Inventory, machine: Machine) -> Machine:
    """Return one machine with its address; raises Unavailable when the lab has not booted it."""
    found = located(inventory, [machine])[0]
    if not found.address:
        raise Unavailable(
            f"{machine.name} is not up", hint=f"boot it: fab lab up host={machine.name}"
        )
    return found


def _with_addresses(
    inventory: Inventory, chosen: Sequence[Machine], known: "Sequence[LabMachine]"
) -> tuple[Machine, ...]:
    """Return `chosen` with the addresses of the lab, and pin the keys that the lab made."""
    secrets = Secrets(inventory.secrets)
    addresses = {}
    for each in known:
        addresses[each.name] = each.address
        if each.host_key and host_keys.pinned(secrets, each.address) != (each.host_key,):
            host_keys.pin(secrets, each.address, each.host_key)
    return tuple(
        machine.at(addresses.get(machine.name, "")) if machine.in_lab else machine
        for machine in chosen
    )


def _is_settled(machine: "LabMachine") -> bool:
    """Tell whether a machine is up and had the time to finish booting."""
    if machine.state != "up" or machine.since is None:
        return False
    return datetime.now(UTC) - machine.since > _YOUNG


def described(found: "Sequence[LabMachine]") -> Iterator[str]:
    """Yield one line for each machine of the lab: its name, its state, its address."""
    width = max((len(each.name) for each in found), default=0)
    for each in found:
        line = f"{each.name.ljust(width)}  {each.state}  {each.address}"
        yield line.rstrip() + ("  (its line is cut)" if each.is_cut else "")
