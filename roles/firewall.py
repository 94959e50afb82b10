# SPDX-License-Identifier: Apache-2.0
"""The firewall of a machine, made from the ports its parts open: everything else is dropped."""

from collections.abc import Sequence
from ipaddress import ip_network

from roles.ports import Port

SSH = 22
# New SSH connections that one address may open: 20 at once, then 30 a minute.
SSH_NEW = "30/minute burst 20 packets"
CALLERS = {"ip": "ssh_callers4", "ip6": "ssh_callers6"}

HEAD = """\
#!/usr/sbin/nft -f
# Made from the ports of this machine's role; changes made here are undone.
flush ruleset

table inet poser {
    # Who opened too many SSH connections, one entry an address, forgotten after ten minutes.
    set ssh_callers4 { type ipv4_addr; flags dynamic, timeout; timeout 10m; size 65536; }
    set ssh_callers6 { type ipv6_addr; flags dynamic, timeout; timeout 10m; size 65536; }

    chain input {
        type filter hook input priority filter; policy drop;
        iif lo accept
        ct state established,related accept
        ct state invalid drop
        meta l4proto icmp icmp type { destination-unreachable, time-exceeded, parameter-problem } \
accept
        meta l4proto icmp icmp type echo-request limit rate 10/second accept
        meta l4proto ipv6-icmp icmpv6 type { destination-unreachable, packet-too-big, \
time-exceeded, parameter-problem, nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert } \
accept
        meta l4proto ipv6-icmp icmpv6 type echo-request limit rate 10/second accept
"""
TAIL = """\
    }

    chain forward {
        type filter hook forward priority filter; policy drop;
    }
}
"""


def ruleset(ports: Sequence[Port]) -> str:
    """Return the whole nftables file: default drop, and one rule per port and address family."""
    rules = [line for port in ports for line in _rules(port)]
    return HEAD + "".join(f"        {rule}\n" for rule in rules) + TAIL


def _rules(port: Port) -> list[str]:
    rules = []
    for families, source in _sources(port):
        match = f"{source}{port.protocol} dport {port.number}"
        if port.number == SSH:
            too_many = f"saddr limit rate over {SSH_NEW} }} drop"
            rules += [
                f"{match} ct state new add @{CALLERS[family]} {{ {family} {too_many}"
                for family in families
            ]
        rules.append(f'{match} accept comment "{port.serves}"')
    return rules


def _sources(port: Port) -> list[tuple[tuple[str, ...], str]]:
    """Return the address families that may come in, and the start of a rule for them."""
    if not port.networks:
        return [(tuple(CALLERS), "")]
    found: dict[str, list[str]] = {}
    for network in port.networks:
        family = "ip" if ip_network(network).version == 4 else "ip6"  # noqa: PLR2004
        found.setdefault(family, []).append(network)
    return [
        ((family,), f"{family} saddr {{ {', '.join(networks)} }} ")
        for family, networks in found.items()
    ]
