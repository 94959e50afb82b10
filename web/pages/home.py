# SPDX-License-Identifier: Apache-2.0
"""The first page: what there is on this node, and what happened last."""

import logging
from collections.abc import Callable
from typing import NamedTuple, TypeVar

import falcon
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from poser.errors import Unavailable
from poser.trainwreck.model import PosTransaction, TransactionKind
from web.alerts.page import groups_for
from web.formats import money, plural
from web.grid.cells import table_rows
from web.grid.loading import Page, load_page
from web.grid.reader import reader_of
from web.grid.subject import Subject
from web.grid.view import read_view
from web.home.node import NodeState, node_state
from web.home.pinned import pinned
from web.home.work import Item, batches_waiting, tasks_of
from web.language import _, several
from web.pages.pos_transactions import POS_TRANSACTIONS
from web.pages.products import PRODUCTS
from web.permissions import Anyone, Route
from web.resources import Verb
from web.rights import SEE_NODE
from web.showing import MenuItem, show
from web.site import Site
from web.urls import with_query
from web.visits import Visit, Visitor, visit

log = logging.getLogger(__name__)
T = TypeVar("T")
_LAST = 8
_FEW = 4


class Tile(NamedTuple):
    """One fact of the first page, large, with where it leads."""

    path: str
    icon: str
    large: str
    small: str


class Home:
    """Falcon resource: the first page after signing in."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Show a tile for each subject this visitor may see, and the last POS transactions."""
        here = visit(req)
        here.place = "/"
        products = _look(here, PRODUCTS, lambda session: _first_rows(here, session, PRODUCTS))
        sales = _look(
            here,
            POS_TRANSACTIONS,
            lambda session: (
                _first_rows(here, session, POS_TRANSACTIONS),
                _last_day(session, here.visitor),
            ),
        )
        tiles = [_tile(PRODUCTS, products)] if here.visitor.may(PRODUCTS.permission) else []
        if here.visitor.may(POS_TRANSACTIONS.permission):
            tiles += [_tile(POS_TRANSACTIONS, sales and sales[0]), *(sales[1] if sales else ())]
        show(
            req,
            resp,
            "home.pt",
            title=_("Home"),
            tiles=tiles,
            pinned=pinned(here, _lists(here)),
            tasks=tasks_of(here),
            batches=_batches(here),
            waiting=groups_for(here, _FEW),
            node_state=_node(here),
            sales=POS_TRANSACTIONS,
            rows=table_rows(
                POS_TRANSACTIONS.columns,
                sales[0].rows[:_LAST] if sales else [],
                POS_TRANSACTIONS.path,
                here.site.zone,
            ),
            advice=_(PRODUCTS.empty) if products and not products.rows else "",
        )


def _lists(here: Visit) -> list[Subject]:
    return [POS_TRANSACTIONS, *(each.grid for each in here.site.resources.values())]


def _batches(here: Visit) -> list[Item]:
    may = here.visitor.may(here.site.resources["batches"].permission(Verb.VIEW))
    return batches_waiting(here.read()) if may else []


def _node(here: Visit) -> NodeState | None:
    """Say how this node is, to who may know that."""
    return node_state(here) if here.visitor.may(SEE_NODE) else None


def _look(here: Visit, subject: Subject, read: Callable[[Session], T]) -> T | None:
    """Read something of a subject; None if this visitor may not, or its database is away."""
    if not here.visitor.may(subject.permission):
        return None
    try:
        return read(here.read(subject.database))
    except (Unavailable, DBAPIError) as error:
        log.warning(
            "part of the first page left out",
            extra={"reference": here.reference, "subject": subject.path, "reason": str(error)},
        )
        return None


def _first_rows(here: Visit, session: Session, subject: Subject) -> Page:
    view = read_view(subject, {"rows": "25"}, reader_of(here))
    return load_page(session, here.site.counts, view)


def _tile(subject: Subject, page: Page | None) -> Tile:
    large = str(page.count) if page else _("not available")
    one = page is not None and page.count.is_exact and page.count.number == 1
    small = several(1 if one else 2, subject.one, subject.many)
    return Tile(path=subject.path, icon=subject.icon, large=large, small=small)


def _last_day(session: Session, visitor: Visitor) -> list[Tile]:
    """Sum up the sales of the newest business date."""
    mine = POS_TRANSACTIONS.conditions_for(visitor)
    newest = select(func.max(PosTransaction.business_date)).where(*mine).scalar_subquery()
    row = session.execute(
        select(PosTransaction.business_date, func.count(), func.sum(PosTransaction.total))
        .where(
            PosTransaction.business_date == newest,
            *mine,
            PosTransaction.kind == TransactionKind.SALE,
            ~PosTransaction.is_void,
            ~PosTransaction.is_suspended,
            ~PosTransaction.is_training,
        )
        .group_by(PosTransaction.business_date)
    ).one_or_none()
    if row is None:
        return []
    day = row[0].isoformat()
    path = with_query(
        POS_TRANSACTIONS.path, [("date.from", day), ("date.to", day), ("kind", "sale")]
    )
    words = _("in {sales} on {day}").format(sales=plural(row[1], "sale", "sales"), day=day)
    return [Tile(path=path, icon="sum", large=money(row[2]), small=words)]


MENU = (MenuItem(path="/", title="Home", icon="home", need=Anyone.SIGNED_IN, rank=0),)


def routes(site: Site) -> list[Route]:  # noqa: ARG001 - needs nothing of it
    """List the one address."""
    return [Route(path="/", page=Home(), need=Anyone.SIGNED_IN)]
