# SPDX-License-Identifier: Apache-2.0
"""Other nodes: how far they are in step, what waits, and conflicts that people settle."""

from web.datasync.doing import Parked, RetryAll, Review, Settle
from web.datasync.metrics import Metrics
from web.datasync.page import PATH, DatasyncPage
from web.datasync.rights import EDIT, SEE
from web.permissions import Route
from web.resources import Area
from web.showing import MenuItem
from web.site import Site

MENU = (
    MenuItem(
        path=PATH,
        title="Other nodes",
        icon="refresh-cw",
        need=SEE,
        rank=6,
        area=Area.SYSTEM.value,
    ),
)


def routes(site: Site) -> list[Route]:
    """List the page, its buttons, and its figures for monitoring."""
    return [
        Route(path=PATH, page=DatasyncPage(), need=SEE),
        Route(path="/api/datasync/metrics", page=Metrics(), need=SEE),
        Route(path=PATH + "/retry", page=RetryAll(site), need=EDIT),
        Route(path=PATH + "/review", page=Review(site), need=EDIT),
        Route(path=PATH + "/waiting/{key:uuid}", page=Parked(site), need=EDIT),
        Route(path=PATH + "/conflicts/{key:uuid}", page=Settle(site), need=EDIT),
    ]
