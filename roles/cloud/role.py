# SPDX-License-Identifier: Apache-2.0
"""Cloud node: out in the open, with the customers' portal; its web app is for staff alone."""

from poser import services
from roles.parts.node import PROMISES, node
from roles.parts.sites import PORTAL_SOCKET, STAFF_PORT, portal, staff_only
from roles.values import Host, Role


def cloud(host: Host) -> Role:
    """Return what a cloud node is."""
    url = f"https://{host.address}:{STAFF_PORT}"
    return Role(
        name="cloud",
        what=__doc__ or "",
        url=url,
        parts=node(
            host,
            url=url,
            sites=(portal(host), staff_only(host)),
            more=(services.PORTAL,),
            settings={
                "portal.bind": f"unix:{PORTAL_SOCKET}",
                "portal.public_url": f"https://{host.address}",
            },
        ),
        promises_of_its_own=PROMISES,
    )
