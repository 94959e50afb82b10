# SPDX-License-Identifier: Apache-2.0
"""Which network a lab has and which address each of its machines keeps. Pure functions."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from poser.errors import PoserError

RANGE = IPv4Network("10.77.0.0/16")
"""Labs whose inventory names no network take the first free /24 of this range."""

_SMALLEST_ROUTE = 7
"""Routes to this many leading bits or fewer are "everything", such as those of a VPN."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A network that this computer already has a use for, and what that is."""

    network: IPv4Network
    by: str


def choose_network(wanted: str, taken: Iterable[Taken]) -> IPv4Network:
    """Return the network `wanted` (CIDR; "" for the first free one) when it is free.

    Raises PoserError that names who has it.
    """
    others = [each for each in taken if each.network.prefixlen > _SMALLEST_ROUTE]
    candidates = [IPv4Network(wanted)] if wanted else list(RANGE.subnets(new_prefix=24))
    for candidate in candidates:
        if not any(candidate.overlaps(other.network) for other in others):
            return candidate
    first = next(each for each in others if candidates[0].overlaps(each.network))
    what = wanted or f"any network of {RANGE}"
    raise PoserError(
        f"the lab cannot have {what}: {first.by} has {first.network}",
        hint='name a free private network in the inventory: [lab] network = "10.90.1.0/24"',
    )


def control_address(network: IPv4Network) -> IPv4Address:
    """Return the address of this computer in the lab."""
    return network[1]


def cache_address(network: IPv4Network) -> IPv4Address:
    """Return the address at which machines ask for packages."""
    return network[2]


def next_number(network: IPv4Network, used: Iterable[int]) -> int:
    """Return the number in `network` that a new machine gets; raises PoserError when it is full.

    Machines begin at .11 where there is room, so that they are told apart at a glance.
    """
    taken = set(used)
    last = network.num_addresses - 2
    first = 11 if last > 50 else 3  # noqa: PLR2004 - a /26 or more
    for number in range(first, last + 1):
        if number not in taken:
            return number
    raise PoserError(
        f"the lab's network {network} has no address left for one more machine",
        hint="`fab lab reset` a machine that is not needed, or name a larger network",
    )
