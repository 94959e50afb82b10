# SPDX-License-Identifier: Apache-2.0
"""Which machines to try the roles on, for front ends such as Vagrant: one of each role.

Standard library only, so that the Vagrantfile can ask any Python 3.11 or later.
"""

from collections.abc import Sequence
from typing import TypedDict

from roles.build import build, names
from roles.paper import paper

# The only range that VirtualBox lets host-only networks use by itself.
NETWORK = "192.168.56"
FIRST = 11
SYSTEM_MIB = 1024


class Machine(TypedDict):
    """One machine as the Vagrantfile reads it; memory in MiB, `ports` are the open ones."""

    name: str
    role: str
    what: str
    address: str
    memory_mib: int
    ports: list[int]


def topology() -> list[Machine]:
    """Return one machine of each role, with addresses on a private network."""
    return [_machine(role, f"{NETWORK}.{FIRST + n}") for n, role in enumerate(names())]


def _machine(name: str, address: str) -> Machine:
    role = build(paper(name, address=address))
    return Machine(
        name=f"{name}-1",
        role=name,
        what=role.what.strip().splitlines()[0],
        address=address,
        memory_mib=SYSTEM_MIB + sum(service.memory_mib for service in role.services),
        ports=[port.number for port in role.ports],
    )


def inventory(machines: Sequence[Machine]) -> str:
    """Return the inventory file that lets `bin/fab` provision these machines over SSH."""
    head = '# Made by `python3 -m roles inventory`.\ndomain = "vagrant.example"\n'
    return head + "".join(_table(one) for one in machines)


def _table(one: Machine) -> str:
    table = f'\n[machines.{one["name"]}]\nrole = "{one["role"]}"\naddress = "{one["address"]}"\n'
    return table + ('stores = ["1"]\n' if one["role"] == "store" else "")
