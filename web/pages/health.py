# SPDX-License-Identifier: Apache-2.0
"""Whether the app and its databases work, for those who watch over the node."""

from web.health import Health
from web.permissions import Anyone, Route
from web.site import Site


def routes(site: Site) -> list[Route]:
    """One address, open to everybody."""
    return [Route(path="/health", page=Health(site), need=Anyone.PUBLIC)]
