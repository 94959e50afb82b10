# SPDX-License-Identifier: Apache-2.0
"""What a node knows of itself and of its peers: written by `fab provision`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from poser.config import Config, Setting
from poser.errors import ConfigError
from poser.model.datasync import NodeKind

NODE = Setting(
    "datasync.node",
    str,
    default="",
    doc="Name of this node among those that are kept in step, as in its certificate; empty: it"
    " stands alone.",
    file_only=True,
)
KIND = Setting(
    "datasync.kind",
    str,
    default="",
    choices=("", "host", "store", "cloud"),
    doc="What this node is to the others.",
    file_only=True,
)
HOST_URL = Setting(
    "datasync.host_url",
    str,
    default="",
    doc="Where the host answers, https://NAME:PORT; empty on the host itself.",
    file_only=True,
)
CERTIFICATE = Setting(
    "datasync.certificate",
    Path,
    default=Path("-"),
    doc="File with this node's certificate, by which the host knows it.",
    file_only=True,
)
KEY = Setting(
    "datasync.key",
    Path,
    default=Path("-"),
    doc="File with the key of that certificate.",
    file_only=True,
)
AUTHORITY = Setting(
    "datasync.authority",
    Path,
    default=Path("-"),
    doc="File with the certificate of the authority that signed the host's.",
    file_only=True,
)
PEERS = Setting(
    "datasync.peers",
    str,
    default="",
    doc="On the host: the other nodes, with a semicolon between them, each as NAME KIND STORES:"
    " store-1 store 1; cloud-1 cloud. Numbers of several stores are joined by +.",
    file_only=True,
)
KEEP = Setting(
    "datasync.keep",
    timedelta,
    default=timedelta(days=7),
    low=timedelta(minutes=1),
    doc="How long changes stay in the queue for a peer that is away; after that it is compared as"
    " a whole.",
    restart=False,
)


_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class PeerSetting:
    """One peer of the host: its name, its kind, the numbers of the stores whose rows it has."""

    name: str
    kind: NodeKind
    stores: tuple[str, ...] = ()


def peers(config: Config) -> list[PeerSetting]:
    """Read the peers of the host. Raises ConfigError that names the one that is wrong."""
    found = list(_peers(PEERS(config)))
    names = [one.name for one in found]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise _wrong(twice, "it is named twice")
    return found


def _peers(text: str) -> Iterator[PeerSetting]:
    for words in (one.split() for one in text.split(";") if one.strip()):
        name, kind, *stores = words + [""] * (2 - len(words))
        if not _NAME.fullmatch(name):
            raise _wrong(name, "a name has small letters, digits and - only")
        if kind not in {NodeKind.STORE, NodeKind.CLOUD}:
            raise _wrong(name, f"its kind is store or cloud, not {kind!r}")
        if (kind == NodeKind.STORE) != bool(stores):
            raise _wrong(name, "a store node, and no other, says the numbers of its stores")
        yield PeerSetting(
            name, NodeKind(kind), tuple(" ".join(stores).split("+")) if stores else ()
        )


def _wrong(name: str, what: str) -> ConfigError:
    return ConfigError(
        f"{PEERS.name}: {name!r}: {what}",
        hint="as in: store-1 store 1; store-2 store 2; cloud-1 cloud",
    )
