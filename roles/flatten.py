# SPDX-License-Identifier: Apache-2.0
"""Parts become one ordered list of resources, each once, with the firewall made from the ports."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from poser.errors import ConfigError
from poser.machine.resource import Resource
from poser.machine.resources.nftables import Nftables
from poser.machine.resources.packages import Packages
from poser.machine.resources.service import Service
from roles.firewall import ruleset

if TYPE_CHECKING:
    from roles.values import Part

FIREWALL = "firewall"


def flatten(role: str, parts: Sequence["Part"]) -> tuple[Resource, ...]:
    """Put the resources of all parts into the order in which a machine is built.

    First what must be there before packages, then all packages in one go, then the parts in
    their order, the firewall behind the first part. What two parts declare alike is kept once.
    Raises ConfigError when they declare the same thing with different values.
    """
    declared: dict[str, tuple[str, Resource]] = {}
    for part, resource in _in_order(parts):
        known = declared.setdefault(resource.key, (part, resource))
        if known[1] != resource:
            raise ConfigError(
                f"role {role!r}: {resource.key} is declared by part {known[0]!r} and, with other "
                f"values, by part {part!r}",
                hint="let one part own it, or give both the same values",
            )
    return tuple(resource for _, resource in declared.values())


def _in_order(parts: Sequence["Part"]) -> Iterator[tuple[str, Resource]]:
    for part in parts:
        yield from ((part.name, resource) for resource in part.prepares)
    names = sorted({name for part in parts for name in _packages(part)})
    if names:
        yield "packages of all parts", Packages(names=tuple(names))
    for place, part in enumerate(parts):
        rest = (one for one in part.resources if not isinstance(one, Packages))
        yield from ((part.name, resource) for resource in rest)
        if place == 0:
            ports = [port for each in parts for port in each.ports]
            yield FIREWALL, Nftables(content=ruleset(ports))
            yield FIREWALL, Service(unit="nftables.service")  # loads it when the machine boots


def _packages(part: "Part") -> Iterator[str]:
    for resource in part.resources:
        if isinstance(resource, Packages):
            yield from resource.names
