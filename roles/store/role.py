# SPDX-License-Identifier: Apache-2.0
"""Store node: one shop's own database and web app, which need nobody outside the shop."""

from roles.parts.node import PROMISES, node
from roles.parts.sites import web_app
from roles.values import Host, Role


def store(host: Host) -> Role:
    """Return what a store node is."""
    url = f"https://{host.address}"
    return Role(
        name="store",
        what=__doc__ or "",
        url=url,
        parts=node(host, url=url, sites=(web_app(host),)),
        promises_of_its_own=PROMISES,
    )
