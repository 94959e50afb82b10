# SPDX-License-Identifier: Apache-2.0
"""Member equity: who has which shares, and what of them is still to be paid."""

import falcon

from poser_coop.equity import Equity, summary
from poser_coop.permissions import SEE_EQUITY
from poser_coop.settings import FULL_SHARES
from web.formats import money
from web.language import _
from web.permissions import Route
from web.resources import Area
from web.showing import MenuItem, show
from web.site import Site
from web.visits import visit

PATH = "/coop/equity"
MENU = (
    MenuItem(
        path=PATH,
        title="Member equity",
        icon="leaf",
        need=SEE_EQUITY,
        rank=60,
        area=Area.PEOPLE.value,
    ),
)


class EquityPage:
    """Falcon resource: the shares of all members on one page."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """List who has shares or has paid for some."""
        here = visit(req)
        here.place = PATH
        full = FULL_SHARES(here.site.config)
        lines = [_line(one) for one in summary(here.read(), full)]
        show(req, resp, "coop_equity.pt", title=_("Member equity"), lines=lines, full=full)


def routes(site: Site) -> list[Route]:  # noqa: ARG001 - needs nothing of it
    """List the one address."""
    return [Route(path=PATH, page=EquityPage(), need=SEE_EQUITY)]


def _line(one: Equity) -> dict[str, object]:
    return {
        "member": one.member,
        "shares": one.shares,
        "paid": money(one.paid),
        "open": money(one.open),
        "is_full": one.is_full,
    }
