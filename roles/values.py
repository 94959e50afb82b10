# SPDX-License-Identifier: Apache-2.0
"""What a role is given (`Host`) and what it answers (`Role`): frozen values, no side effects."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from poser.errors import ConfigError
from poser.machine.resource import Resource, Secret, encode
from poser.services import Service, Timed
from roles.flatten import flatten
from roles.ports import Port

__all__ = ["AptMirror", "Host", "Part", "Peer", "Port", "ReleaseRef", "Role"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AptMirror:
    """Where a machine gets its Debian packages from; the inventory says, never this repository."""

    uris: tuple[str, ...]
    security_uris: tuple[str, ...]
    suite: str = "trixie"
    components: tuple[str, ...] = ("main",)
    signed_by: str = "/usr/share/keyrings/debian-archive-keyring.gpg"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRef:
    """A built release: its id, the SHA-256 of its bundle, the newest migrations it brings.

    `heads` maps a database ("poser", "trainwreck") to its branch heads. `extensions` are the
    packages that extend it, such as poser_coop.
    """

    id: str
    sha256: str
    heads: Mapping[str, tuple[str, ...]]
    extensions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """Another node of the same retailer; `stores` are the numbers of the shops it is for.

    `address` is that of the host, whom all others dial, and "" for them.
    """

    name: str
    role: str
    address: str
    stores: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """One machine as its role sees it: names, keys and secrets, already decided.

    `secrets` may make a secret the first time it is asked for. `settings` are the machine's own
    lines of the inventory. PEM texts hold one certificate or key each, with a newline at the end.

    `peers` are the other nodes, in the order of the inventory: none where there is no host. With
    a host, every other node has `node_pem`, the certificate by which it dials the host (its key
    is the secret "node-key"); `revoked_pem` lists the certificates that hold no more.
    """

    name: str
    role: str
    address: str
    site: str
    domain: str
    mirror: AptMirror
    settings: Mapping[str, str]
    secrets: Mapping[str, Secret]
    authority_pem: str
    certificate_pem: str
    key_pem: Secret
    ssh_public_keys: tuple[str, ...]
    release: ReleaseRef
    stores: tuple[str, ...] = ()
    peers: tuple[Peer, ...] = ()
    node_pem: str = ""
    revoked_pem: str = ""

    @property
    def fqdn(self) -> str:
        """The full name of the machine, such as store-1.shop.example."""
        return f"{self.name}.{self.domain}" if self.domain else self.name

    @property
    def dials(self) -> Peer | None:
        """The host that this node dials; None for the host itself, and for who stands alone."""
        return next((peer for peer in self.peers if peer.role == "host"), None)

    def secret(self, name: str) -> Secret:
        """Return the secret `name`; raises ConfigError when the control side has none."""
        try:
            return self.secrets[name]
        except KeyError:
            raise ConfigError(
                f"machine {self.name}: role {self.role!r} needs the secret {name!r}, there is none",
                hint="the control environment makes secrets; is its list older than the role?",
            ) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One subject of a machine (ssh, database, web server) that roles can share.

    `prepares` are resources that must be in place before any package is installed. The packages
    of all parts are installed together, then each part's `resources` follow in order.
    """

    name: str
    what: str
    prepares: tuple[Resource, ...] = ()
    resources: tuple[Resource, ...] = ()
    services: tuple[Service, ...] = ()
    timed: tuple[Timed, ...] = ()
    ports: tuple[Port, ...] = ()
    promises: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """What one machine is, complete: the parts it has, in the order they are built.

    People open its web app at `url`; it is "" when it has none. Raises ConfigError when two
    parts want the same thing with different values.
    """

    name: str
    what: str
    parts: tuple[Part, ...]
    url: str = ""
    promises_of_its_own: tuple[str, ...] = ()
    resources: tuple[Resource, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "resources", flatten(self.name, self.parts))

    @property
    def ports(self) -> tuple[Port, ...]:
        """All ports that answer from outside, in the order of the parts."""
        return tuple(port for part in self.parts for port in part.ports)

    @property
    def services(self) -> tuple[Service, ...]:
        """All services of ours that the machine runs."""
        return tuple(service for part in self.parts for service in part.services)

    @property
    def timed(self) -> tuple[Timed, ...]:
        """All jobs of ours that the machine does at their hours."""
        return tuple(job for part in self.parts for job in part.timed)

    @property
    def promises(self) -> tuple[str, ...]:
        """What the machine does for its people, one sentence each; each has a test."""
        of_parts = (promise for part in self.parts for promise in part.promises)
        return tuple(dict.fromkeys((*of_parts, *self.promises_of_its_own)))

    @property
    def values_sha256(self) -> str:
        """A fingerprint of everything the machine is meant to be."""
        values = {"name": self.name, "promises": self.promises, "resources": encode(self.resources)}
        text = json.dumps(values, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()
