# SPDX-License-Identifier: Apache-2.0
"""What the customer bought: month by month, and each receipt."""

from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

import falcon
from sqlalchemy import select
from sqlalchemy.orm import Session

from poser.model import Store
from poser.portal.doing import Deed
from poser.portal.purchases import MOST_IN_A_MONTH, Month, find_purchase, in_month, months_of
from poser.trainwreck.model import PosTransaction
from web.formats import Moment, money, plural
from web.language import _, mark
from web.portal.calls import Call, Route, call, reading_self
from web.portal.showing import show
from web.portal.site import Portal
from web.receipts import item_lines, offers, sums, tender

_MONTHS = (
    mark("January"), mark("February"), mark("March"), mark("April"), mark("May"), mark("June"),
    mark("July"), mark("August"), mark("September"), mark("October"), mark("November"),
    mark("December"),
)  # fmt: skip


class Purchase(NamedTuple):
    """One purchase as lists show it."""

    path: str
    at: Moment | None
    store: str
    things: str
    total: str


class Purchases:
    """Falcon resource: the purchases of one month, the last month with any at first."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Show them."""
        here = call(req)
        number = reading_self(req).customer.number
        sales, stores = here.read("trainwreck"), stores_of(here.read())
        months = months_of(sales, number)
        month = _chosen(req, months)
        found = in_month(sales, number, month.first) if month else ()
        show(
            req,
            resp,
            "purchases.pt",
            title=_("Purchases"),
            months=[(_key(one), _name(one)) for one in months],
            month=month and _key(month),
            month_name=month and _name(month),
            total=month and money(month.total),
            count=plural(month.count, _("purchase"), _("purchases")) if month else "",
            more=month is not None and month.count > MOST_IN_A_MONTH,
            purchases=[written(here, one, stores) for one in found],
        )


class Receipt:
    """Falcon resource: one purchase of the customer."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, key: UUID) -> None:
        """Show its receipt; anybody else's is not there."""
        here = call(req)
        number = reading_self(req).customer.number
        found = find_purchase(here.read("trainwreck"), number, key)
        if found is None:
            raise falcon.HTTPNotFound
        show(
            req,
            resp,
            "purchase.pt",
            title=_("Receipt {number}").format(number=found.receipt_number),
            purchase=written(here, found, stores_of(here.read())),
            month=f"{found.business_date:%Y-%m}",
            lines=[*item_lines(found, linked=False), *offers(found)],
            sums=sums(found),
            total=money(found.total),
            currency=found.currency,
            tenders=[tender(each) for each in found.tenders],
        )


def routes(site: Portal) -> list[Route]:  # noqa: ARG001 - as of every module of pages
    """List the addresses."""
    return [
        Route(path="/purchases", page=Purchases(), deed=Deed.SEE_PURCHASES),
        Route(path="/purchases/{key:uuid}", page=Receipt(), deed=Deed.SEE_PURCHASES),
    ]


def stores_of(session: Session) -> Mapping[str, str]:
    """Give the names of the stores by the numbers that tills know."""
    rows = session.execute(select(Store.number, Store.name))
    return {row.number: row.name for row in rows}


def written(here: Call, found: PosTransaction, stores: Mapping[str, str]) -> Purchase:
    """Write one purchase as lists show it."""
    return Purchase(
        path=f"/purchases/{found.id}",
        at=here.moment(found.ended_at),
        store=stores.get(found.store_number, found.store_number),
        things=plural(found.line_count, _("item"), _("items")),
        total=f"{money(found.total)} {found.currency}".strip(),
    )


def _chosen(req: falcon.Request, months: list[Month]) -> Month | None:
    """Find the month that is asked for. Raises falcon.HTTPNotFound for one without purchases."""
    asked = req.get_param("month") or ""
    if not asked:
        return months[0] if months else None
    for one in months:
        if _key(one) == asked:
            return one
    raise falcon.HTTPNotFound


def _key(month: Month) -> str:
    return f"{month.first:%Y-%m}"


def _name(month: Month) -> str:
    return f"{_(_MONTHS[month.first.month - 1])} {month.first.year}"
