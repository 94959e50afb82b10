# SPDX-License-Identifier: Apache-2.0
"""Host node: head office, its database and web app, and the hub that all other nodes dial."""

from roles.parts.node import PROMISES, node
from roles.parts.sites import hub, web_app
from roles.values import Host, Role


def host(host: Host) -> Role:
    """Return what the host node is."""
    url = f"https://{host.address}"
    return Role(
        name="host",
        what=__doc__ or "",
        url=url,
        parts=node(host, url=url, sites=(web_app(host), hub(host))),
        promises_of_its_own=PROMISES,
    )
