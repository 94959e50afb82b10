# SPDX-License-Identifier: Apache-2.0
"""The first page: what there is on this node, and what happened last."""

import logging

import falcon
from sqlalchemy.exc import DBAPIError

from poser.errors import Unavailable
from web.grid.cells import grid_rows
from web.grid.loading import Page, load_page
from web.grid.subject import Subject
from web.grid.view import read_view
from web.pages.pos_transactions import POS_TRANSACTIONS
from web.pages.products import PRODUCTS
from web.permissions import Anyone, Route
from web.showing import MenuItem, show
from web.site import Site
from web.visits import Visit, visit

log = logging.getLogger(__name__)
_LAST = 8


class Home:
    """Falcon resource: the first page after signing in."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Show a tile for each subject this visitor may see, and the last POS transactions."""
        here = visit(req)
        here.place = "/"
        pages = {s.path: _look(here, s) for s in (PRODUCTS, POS_TRANSACTIONS)}
        last = pages[POS_TRANSACTIONS.path]
        show(
            req,
            resp,
            "home.pt",
            title="Home",
            tiles=[
                (subject, str(page.count) if page else "not available")
                for subject in (PRODUCTS, POS_TRANSACTIONS)
                if here.visitor.may(subject.permission)
                for page in (pages[subject.path],)
            ],
            sales=POS_TRANSACTIONS,
            rows=grid_rows(POS_TRANSACTIONS, last.rows[:_LAST], here.site.zone) if last else [],
            empty=[s.empty for s in (PRODUCTS,) if (p := pages[s.path]) and not p.rows],
        )


def _look(here: Visit, subject: Subject) -> Page | None:
    """Read the first rows of a subject; None if this visitor may not, or its database is away."""
    if not here.visitor.may(subject.permission):
        return None
    view = read_view(subject, {"rows": "25"})
    try:
        return load_page(here.read(subject.database), here.site.counts, view)
    except (Unavailable, DBAPIError) as error:
        log.warning(
            "part of the first page left out",
            extra={"reference": here.reference, "subject": subject.path, "reason": str(error)},
        )
        return None


MENU = (MenuItem(path="/", title="Home", icon="home", need=Anyone.SIGNED_IN, rank=0),)


def routes(site: Site) -> list[Route]:  # noqa: ARG001 - needs nothing of it
    """One address."""
    return [Route(path="/", page=Home(), need=Anyone.SIGNED_IN)]
