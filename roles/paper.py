# SPDX-License-Identifier: Apache-2.0
"""A machine that exists on paper: enough of a host to read a role without any inventory."""

from poser.machine.resource import Secret
from roles.values import AptMirror, Host, ReleaseRef


def paper(role: str, *, name: str = "", address: str = "192.0.2.1") -> Host:
    """Return a host of this role with made-up names, keys and secrets; no machine gets them."""
    name = name or f"{role}-1"
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
        secrets={"web-secret": Secret("w" * 43), "admin-password": Secret("a" * 23)},
        authority_pem="AUTHORITY\n",
        certificate_pem="CERTIFICATE\n",
        key_pem=Secret("KEY\n"),
        ssh_public_keys=("ssh-ed25519 AAAA control",),
        release=ReleaseRef(id="r1", sha256="0" * 64, heads={"poser": ("a",), "trainwreck": ("b",)}),
    )
