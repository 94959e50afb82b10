# SPDX-License-Identifier: Apache-2.0
"""The node's place among the others: its name, its certificate, and the host that it dials."""

from dataclasses import replace

from poser import services
from poser.datasync.watching.lines import WATCH, watches
from poser.machine.resources.file import File
from poser.services import Service
from roles.parts import tls
from roles.parts.sites import HUB_PORT, HUB_SOCKET
from roles.values import Host, Part, Peer

HOST = "host"
CERTIFICATE = "/etc/ssl/certs/poser-node.pem"
KEY = f"/run/credentials/{services.DATASYNC.unit}/node-key"
"""Where systemd shows the key to the one service that uses it."""


def links(host: Host) -> tuple[Part, ...]:
    """Return what a node needs to dial the host; nothing for the host, which dials nobody."""
    if host.dials is None:
        return ()
    return (
        Part(
            name="links",
            what=__doc__ or "",
            resources=(File(path=CERTIFICATE, content=host.node_pem),),
            promises=(
                "the host knows this node by its certificate",
                "products that are changed on the host are so here",
            ),
        ),
    )


def linking(host: Host) -> tuple[Service, ...]:
    """Return the services that keep the node in step with the others."""
    if host.dials:
        return (services.DATASYNC,)
    watched = watches(host.settings.get(WATCH.name, ""), f"machine {host.name}: {WATCH.name}")
    # The host is dialled: like a node alone it needs a network only for systems that it watches.
    alone = replace(services.DATASYNC, network=any(one.network for one in watched), credentials=())
    if host.role == HOST:
        return (alone, services.HUB)
    return (alone,) if watched else ()


def settings(host: Host) -> dict[str, str]:
    """Return the lines of poser.conf that say which node this is, and where the others are."""
    common = {"datasync.node": host.name, "datasync.kind": host.role}
    if host.role == HOST:
        peers = "; ".join(_line(peer) for peer in host.peers)
        return {**common, "datasync.peers": peers, "hub.bind": f"unix:{HUB_SOCKET}"}
    if host.dials is None:
        return {}
    return {
        **common,
        "datasync.host_url": f"https://{_in_url(host.dials.address)}:{HUB_PORT}",
        "datasync.certificate": CERTIFICATE,
        "datasync.key": KEY,
        "datasync.authority": tls.AUTHORITY,
    }


def _line(peer: Peer) -> str:
    return " ".join(filter(None, (peer.name, peer.role, "+".join(peer.stores))))


def _in_url(address: str) -> str:
    """Write an address as URLs have it; those of IPv6 stand in brackets."""
    return f"[{address}]" if ":" in address else address
