# SPDX-License-Identifier: Apache-2.0
"""A port that a machine opens, and to whom: the only source of the firewall's holes."""

from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Literal

from poser.errors import ConfigError

ANYWHERE = "any"
HIGHEST = 65535


@dataclass(frozen=True, slots=True)
class Port:
    """One port that answers from outside the machine.

    `open_to` is "any" or networks in CIDR notation with commas between them ("10.1.2.0/24").
    A port that is open inside the machine only is no Port: nobody outside may reach it.
    """

    number: int
    serves: str = field(kw_only=True)
    open_to: str = field(default=ANYWHERE, kw_only=True)
    protocol: Literal["tcp", "udp"] = field(default="tcp", kw_only=True)

    def __post_init__(self) -> None:
        if not 0 < self.number <= HIGHEST:
            raise ConfigError(
                f"port {self.number} of {self.serves!r} is not between 1 and 65535",
                hint="name a TCP or UDP port number in the part that opens it",
            )
        for network in self.networks:
            try:
                ip_network(network)
            except ValueError as mistake:
                raise ConfigError(
                    f"port {self.number} ({self.serves}) is open to {network!r}: {mistake}",
                    hint='use "any" or networks such as 10.1.2.0/24, commas between them',
                ) from None

    @property
    def networks(self) -> tuple[str, ...]:
        """The networks that may reach the port; empty means every address may."""
        if self.open_to == ANYWHERE:
            return ()
        return tuple(network.strip() for network in self.open_to.split(","))
