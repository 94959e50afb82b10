# SPDX-License-Identifier: Apache-2.0
"""Cloud node: out in the open, with its own database; its web app is for staff alone."""

from roles.parts.node import PROMISES, node
from roles.parts.sites import STAFF_PORT, staff_only
from roles.values import Host, Role


def cloud(host: Host) -> Role:
    """Return what a cloud node is; ports 80 and 443 are those of the customers' portal."""
    url = f"https://{host.address}:{STAFF_PORT}"
    return Role(
        name="cloud",
        what=__doc__ or "",
        url=url,
        parts=node(host, url=url, sites=(staff_only(host),)),
        promises_of_its_own=PROMISES,
    )
