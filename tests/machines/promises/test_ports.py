# SPDX-License-Identifier: Apache-2.0
"""Nothing but the declared ports listens: asked inside, and tried from outside."""

import asyncio
from ipaddress import ip_address

import pytest
from testinfra.host import Host as Observed

from control.verify import Subject

# What is worth a try on any machine, beside every port that listens on this one.
USUAL = (
    *(20, 21, 22, 23, 25, 53, 67, 69, 80, 110, 111, 123, 135, 137, 139, 143, 161, 389, 443, 445),
    *(465, 514, 515, 548, 587, 631, 636, 873, 993, 995, 1433, 1521, 1723, 1883, 2049, 2375, 2376),
    *(3000, 3128, 3268, 3306, 3389, 4369, 5000, 5355, 5432, 5433, 5601, 5672, 5900, 6000, 6379),
    *(6432, 7000, 8000, 8008, 8080, 8081, 8443, 8888, 9000, 9090, 9100, 9200, 10000, 11211, 27017),
)
PROMISE = "nothing but the declared ports listens"


def listening(host: Observed, protocol: str) -> dict[int, set[str]]:
    """Return the ports something listens on, and at which addresses."""
    found: dict[int, set[str]] = {}
    for socket in host.socket.get_listening_sockets():
        kind, _, where = socket.partition("://")
        if kind == protocol:
            address, _, port = where.rpartition(":")
            found.setdefault(int(port), set()).add(address.partition("%")[0] or "::")
    return found


def is_loopback(address: str) -> bool:
    return address != "*" and ip_address(address).is_loopback


@pytest.mark.promise(PROMISE)
@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_inside_only_declared_ports_listen_beyond_loopback(
    host: Observed, subject: Subject, protocol: str
) -> None:
    declared = {port.number for port in subject.role.ports if port.protocol == protocol}
    beyond = {
        port: addresses
        for port, addresses in listening(host, protocol).items()
        if not all(is_loopback(address) for address in addresses)
    }
    assert {port: who for port, who in beyond.items() if port not in declared} == {}
    assert declared - beyond.keys() == set()


@pytest.mark.promise(PROMISE)
def test_outside_only_declared_ports_answer(host: Observed, subject: Subject) -> None:
    declared = {port.number for port in subject.role.ports if port.protocol == "tcp"}
    tried = declared.union(USUAL, listening(host, "tcp"))
    answering = asyncio.run(scan(subject.host.address, tried))
    assert answering - declared == set()
    assert answering, "not one declared port answers from here"


async def scan(address: str, ports: set[int]) -> set[int]:
    """Return the ports at which a connection is taken within a second and a half."""

    async def answers(port: int) -> bool:
        try:
            async with asyncio.timeout(1.5):
                _, writer = await asyncio.open_connection(address, port)
        except (OSError, TimeoutError):
            return False
        writer.close()
        return True

    ordered = sorted(ports)
    found = await asyncio.gather(*(answers(port) for port in ordered))
    return {port for port, yes in zip(ordered, found, strict=True) if yes}


@pytest.mark.promise(PROMISE)
def test_the_firewall_drops_what_nobody_declared(host: Observed, subject: Subject) -> None:
    rules = host.check_output("nft list chain inet poser input")
    assert "policy drop;" in rules
    holes = {
        int(line.split("dport ")[1].split()[0]) for line in rules.splitlines() if "dport" in line
    }
    assert holes == {port.number for port in subject.role.ports}
