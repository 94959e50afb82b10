# SPDX-License-Identifier: Apache-2.0
"""The page of the dashboard."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

import falcon
from sqlalchemy import select
from sqlalchemy.orm import Session

from poser.model import Department
from web.formats import count, money
from web.grid.filters import BadQuery
from web.language import _
from web.sales.figures import (
    WEEK,
    Asked,
    Day,
    Pair,
    days_of,
    departments_of,
    hours_of,
    newest_day,
    store_numbers,
    tenders_of,
)
from web.showing import show
from web.urls import with_query
from web.visits import Visit, visit

PATH = "/sales"
_GRID = "/pos-transactions"
_LONGEST = 40


class Tile(NamedTuple):
    """One figure, large, and how it compares."""

    label: str
    large: str
    small: str


class Line(NamedTuple):
    """One row of a table: the figures as people read them, and as the graph draws them."""

    name: str
    now: str
    before: str
    change: str
    now_value: str
    before_value: str


class Dashboard:
    """Falcon resource: the sales of one day beside those of the same weekday before."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Show the day that is asked for, else the newest with sales."""
        here = visit(req)
        here.place = PATH
        session = here.read("trainwreck")
        mine = _numbers_of(here)
        newest = newest_day(session, mine)
        offered = store_numbers(session, newest, mine)
        chosen = _chosen(req, offered)
        day = _day(req) or newest or _today(here)
        asked = Asked(day=day, zone=here.site.zone, stores=[chosen] if chosen else mine)
        now, before = days_of(session, asked)
        names = _department_names(here.read())
        show(
            req,
            resp,
            "sales.pt",
            title=_("Sales"),
            day=day.isoformat(),
            weekday=_weekday(day),
            before=(day - WEEK).isoformat(),
            is_today=day == _today(here),
            stores=offered,
            store=chosen,
            previous=_link(day - timedelta(days=1), chosen),
            next=_link(day + timedelta(days=1), chosen) if day < _today(here) else None,
            tiles=_tiles(now, before),
            hours=[_line(pair, pair.name) for pair in hours_of(session, asked)],
            departments=[
                _line(pair, names.get(pair.name, pair.name) or _("No department"))
                for pair in departments_of(session, asked)
            ],
            tenders=[
                (tender.kind.replace("_", " "), count(tender.payments), money(tender.amount))
                for tender in tenders_of(session, asked)
            ],
            receipts=_receipts(day, chosen),
        )


def _numbers_of(here: Visit) -> Collection[str] | None:
    """Give the numbers of the stores that a visitor is limited to."""
    return None if here.visitor.stores is None else sorted(here.visitor.store_numbers)


def _chosen(req: falcon.Request, offered: Sequence[str]) -> str:
    store = (req.get_param("store") or "").strip()
    if store and store not in offered:
        raise BadQuery(
            _("There are no sales of store {store}").format(store=store[:_LONGEST]),
            hint=_("There are sales of: {stores}.").format(stores=", ".join(offered)),
        )
    return store


def _day(req: falcon.Request) -> date | None:
    text = (req.get_param("day") or "").strip()
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
        return day - WEEK + WEEK
    except (ValueError, OverflowError):
        raise BadQuery(
            _("{text} is not a day").format(text=text[:_LONGEST]),
            hint=_("Write year-month-day, such as 2026-11-22."),
        ) from None


def _today(here: Visit) -> date:
    return here.site.clock().astimezone(here.site.zone).date()


def _weekday(day: date) -> str:
    names = (
        _("Monday"),
        _("Tuesday"),
        _("Wednesday"),
        _("Thursday"),
        _("Friday"),
        _("Saturday"),
        _("Sunday"),
    )
    return names[day.weekday()]


def _department_names(session: Session) -> dict[str, str]:
    rows = session.execute(select(Department.number, Department.name))
    return {row.number: row.name for row in rows}


def _tiles(now: Day, before: Day) -> list[Tile]:
    return [
        Tile(_("Goods sold"), money(now.net), _against(now.net, before.net)),
        Tile(_("Customers"), count(now.count), _against(now.count, before.count)),
        Tile(_("Per customer"), _cents(now.average), _against(now.average, before.average)),
        Tile(_("Discounts"), money(now.discount), _against(now.discount, before.discount)),
        Tile(_("Taxes"), money(now.tax), _against(now.tax, before.tax)),
    ]


def _cents(amount: Decimal) -> str:
    return money(round(amount, 2))


def _against(now: Decimal | int, before: Decimal | int) -> str:
    """Say how a figure compares with the one before, in percent."""
    change = _change(now, before)
    if not change:
        return _("nothing to compare with")
    return _("{change} against the week before").format(change=change)


def _change(now: Decimal | int, before: Decimal | int) -> str:
    if not before:
        return ""
    percent = round((Decimal(now) / Decimal(before) - 1) * 100)
    return f"{percent:+} %" if percent else "0 %"


def _line(pair: Pair, name: str) -> Line:
    return Line(
        name=name,
        now=money(pair.now),
        before=money(pair.before),
        change=_change(pair.now, pair.before),
        now_value=str(pair.now),
        before_value=str(pair.before),
    )


def _link(day: date, store: str) -> str:
    return with_query(PATH, [("day", day.isoformat()), ("store", store)])


def _receipts(day: date, store: str) -> str:
    iso = day.isoformat()
    pairs = [("date.from", iso), ("date.to", iso), ("kind", "sale"), ("store", store)]
    return with_query(_GRID, pairs)
