# SPDX-License-Identifier: Apache-2.0
"""The first page: an invitation for strangers; for customers their card and what is new."""

import falcon

from poser.portal.doing import Deed
from poser.portal.memberships import memberships_of
from poser.portal.purchases import in_month, months_of
from web.barcode import Picture, ean13
from web.language import _
from web.portal.calls import Route, call, reading_self
from web.portal.pages.membership import said_of
from web.portal.pages.purchases import Purchase, stores_of, written
from web.portal.showing import show
from web.portal.site import Portal

_NEWEST = 3


class Home:
    """Falcon resource: the first page."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Show it."""
        here = call(req)
        if not here.guest.is_signed_in:
            show(req, resp, "front.pt", title=_("Welcome"))
            return
        mine = reading_self(req)
        number = mine.customer.number or ""
        memberships = memberships_of(here.read(), mine)
        show(
            req,
            resp,
            "home.pt",
            title=_("Overview"),
            name=mine.person.preferred_name or mine.person.given_name or mine.person.display_name,
            number=number,
            picture=_picture(number),
            is_archived=mine.customer.is_archived,
            newest=_newest(req, number) if here.guest.may(Deed.SEE_PURCHASES) else [],
            membership=said_of(memberships[0]) if memberships else None,
        )


def routes(site: Portal) -> list[Route]:  # noqa: ARG001 - as of every module of pages
    """One address, which everybody may see."""
    return [Route(path="/", page=Home(), deed=Deed.COME_IN)]


def _picture(number: str) -> Picture | None:
    """Draw a number that tills read as a barcode; others stand there in digits only."""
    is_ean = number.isascii() and number.isdigit() and len(number) in {12, 13}
    return ean13(int(number)) if is_ean else None


def _newest(req: falcon.Request, number: str) -> list[Purchase]:
    here = call(req)
    sales = here.read("trainwreck")
    months = months_of(sales, number)[:1]
    found = [one for month in months for one in in_month(sales, number, month.first)]
    stores = stores_of(here.read())
    return [written(here, one, stores) for one in found[:_NEWEST]]
