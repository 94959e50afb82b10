# SPDX-License-Identifier: Apache-2.0
"""What a lab is given and what it answers, as values that can cross to root and back."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from poser.errors import ConfigError

Say = Callable[[str, str], None]
"""Is told what happens: the name of a machine ("" for the lab itself) and a short sentence."""

STATE = Path("/var/lib/poser-lab")
"""Where all labs of this computer keep their machines, one folder each."""

_ID = re.compile(r"[a-z0-9]{1,12}")
_NAME = re.compile(r"[a-z]([a-z0-9-]{0,30}[a-z0-9])?")


class State(StrEnum):
    """Whether a machine runs, stands still with its disk kept, or was never built."""

    UP = "up"
    DOWN = "down"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirror:
    """Where the lab gets Debian packages from: `uris` may be http or https addresses."""

    uris: tuple[str, ...]
    security_uris: tuple[str, ...]
    suite: str = "trixie"
    components: tuple[str, ...] = ("main",)
    signed_by: str = "/usr/share/keyrings/debian-archive-keyring.gpg"

    def over_http(self) -> "Mirror":
        """Return the mirror as a machine of the lab asks for it: its cache speaks https for it."""
        return replace(
            self,
            uris=tuple(_over_http(uri) for uri in self.uris),
            security_uris=tuple(_over_http(uri) for uri in self.security_uris),
        )


def _over_http(uri: str) -> str:
    return f"http://{uri.removeprefix('https://')}" if uri.startswith("https://") else uri


@dataclass(frozen=True, slots=True, kw_only=True)
class LabSpec:
    """One lab: its short name, its network ("" for the first free one) and its folders.

    `authorized_keys` are the public keys that root of a machine accepts. Files below `cache`
    that are not machine disks belong to `owner` (user id, group id).
    """

    id: str
    network: str
    mirror: Mirror | None
    authorized_keys: tuple[str, ...]
    state: Path
    cache: Path
    owner: tuple[int, int]

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise ConfigError(
                f"a lab cannot be called {self.id!r}",
                hint="1 to 12 small letters and digits: its network interface is named after it",
            )

    @property
    def folder(self) -> Path:
        """The folder of this lab; nothing of the lab is kept elsewhere but the shared cache."""
        return self.state / self.id

    def to_json(self) -> dict[str, Any]:
        """Return the spec as plain values."""
        mirror = self.mirror
        return {
            "id": self.id,
            "network": self.network,
            "mirror": mirror
            and {
                "uris": list(mirror.uris),
                "security_uris": list(mirror.security_uris),
                "suite": mirror.suite,
                "components": list(mirror.components),
                "signed_by": mirror.signed_by,
            },
            "authorized_keys": list(self.authorized_keys),
            "state": str(self.state),
            "cache": str(self.cache),
            "owner": list(self.owner),
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "LabSpec":
        """Make the spec from the plain values that `to_json` returned."""
        given = values["mirror"]
        mirror = given and Mirror(
            uris=tuple(given["uris"]),
            security_uris=tuple(given["security_uris"]),
            suite=given["suite"],
            components=tuple(given["components"]),
            signed_by=given["signed_by"],
        )
        return cls(
            id=values["id"],
            network=values["network"],
            mirror=mirror,
            authorized_keys=tuple(values["authorized_keys"]),
            state=Path(values["state"]),
            cache=Path(values["cache"]),
            owner=(values["owner"][0], values["owner"][1]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LabMachine:
    """One machine of a lab as it is now.

    `pid` is the process that runs it (0 when it is not up) and `since` when that began (UTC).
    `host_key` is the public line of its SSH host key, "ssh-ed25519 ...". `is_cut` says that its
    line to the others was cut and not mended.
    """

    name: str
    address: str
    state: State
    host_key: str
    is_cut: bool = False
    pid: int = 0
    since: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the machine as plain values."""
        return {
            "name": self.name,
            "address": self.address,
            "state": str(self.state),
            "host_key": self.host_key,
            "is_cut": self.is_cut,
            "pid": self.pid,
            "since": self.since.isoformat() if self.since else None,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "LabMachine":
        """Make the machine from the plain values that `to_json` returned."""
        since = values["since"]
        return cls(
            name=values["name"],
            address=values["address"],
            state=State(values["state"]),
            host_key=values["host_key"],
            is_cut=values["is_cut"],
            pid=values["pid"],
            since=datetime.fromisoformat(since).astimezone(UTC) if since else None,
        )


def check_name(name: str, what: str = "machine") -> str:
    """Return `name` when a machine or snapshot can be called so; raises ConfigError."""
    if _NAME.fullmatch(name):
        return name
    raise ConfigError(
        f"a {what} of the lab cannot be called {name!r}",
        hint="small letters, digits and -, at most 32, first a letter: store-1",
    )
