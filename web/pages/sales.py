# SPDX-License-Identifier: Apache-2.0
"""The dashboard of sales."""

from web.permissions import Route
from web.resources import Area
from web.rights import SEE_POS_TRANSACTIONS
from web.sales.page import PATH, Dashboard
from web.showing import MenuItem
from web.site import Site

MENU = (
    MenuItem(
        path=PATH,
        title="Sales",
        icon="sum",
        need=SEE_POS_TRANSACTIONS,
        rank=5,
        area=Area.SALES.value,
    ),
)


def routes(site: Site) -> list[Route]:  # noqa: ARG001 - needs nothing of it
    """List the one address."""
    return [Route(path=PATH, page=Dashboard(), need=SEE_POS_TRANSACTIONS)]
