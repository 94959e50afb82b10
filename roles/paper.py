# SPDX-License-Identifier: Apache-2.0
"""A machine that exists on paper: enough of a host to read a role without any inventory."""

from poser.machine.resource import Secret
from roles.values import AptMirror, Host, Peer, ReleaseRef

CHAIN = (
    Peer(name="host-1", role="host", address="192.0.2.10"),
    Peer(name="store-1", role="store", address="", stores=("1",)),
    Peer(name="store-2", role="store", address="", stores=("2", "3")),
    Peer(name="cloud-1", role="cloud", address=""),
)
"""The nodes of a retailer on paper."""


def paper(role: str, *, name: str = "", address: str = "192.0.2.1") -> Host:
    """Return a host of this role with made-up names, keys and secrets; no machine gets them.

    A store stands alone; the other roles are one of several nodes.
    """
    name = name or f"{role}-1"
    chain = () if role == "store" else CHAIN
    return Host(
        name=name,
        role=role,
        address=address,
        site="north",
        domain="shops.example",
        mirror=AptMirror(
            uris=("http://mirror.example/debian",),
            security_uris=("http://mirror.example/debian-security",),
        ),
        settings={},
        secrets={
            "web-secret": Secret("w" * 43),
            "portal-secret": Secret("p" * 43),
            "admin-password": Secret("a" * 23),
            "node-key": Secret("NODE KEY"),
        },
        authority_pem="AUTHORITY\n",
        certificate_pem="CERTIFICATE\n",
        key_pem=Secret("KEY\n"),
        ssh_public_keys=("ssh-ed25519 AAAA control",),
        release=ReleaseRef(id="r1", sha256="0" * 64, heads={"poser": ("a",), "trainwreck": ("b",)}),
        peers=tuple(peer for peer in chain if peer.name != name),
        node_pem="NODE CERTIFICATE\n" if chain and role != "host" else "",
        revoked_pem="REVOKED\n" if chain else "",
    )
