# SPDX-License-Identifier: Apache-2.0
"""Showing a page: what every template gets beside the page's own values."""

from collections.abc import Sequence
from dataclasses import dataclass

import falcon

from web.cookies import DENSITY, DOOR, get_cookie
from web.csrf import make_token
from web.flash import take_flash
from web.permissions import Need
from web.visits import visit

HTML = "text/html; charset=utf-8"
DENSITIES = ("comfortable", "dense")


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuItem:
    """One entry of the menu, in its area; `rank` orders them, `need` decides who sees it."""

    path: str
    title: str
    icon: str
    need: Need
    rank: int
    area: str = ""


class Menu:
    """Every entry of the menu, in order."""

    def __init__(self, items: Sequence[MenuItem]) -> None:
        self._items = sorted(items, key=lambda item: item.rank)

    def for_visitor(self, req: falcon.Request) -> list[MenuItem]:
        """List the entries that this visitor may follow."""
        visitor = visit(req).visitor
        return [item for item in self._items if visitor.may(item.need)]


def seed(req: falcon.Request) -> str:
    """Give what only this browser has, for its forms: its session, or its cookie at the door."""
    here = visit(req)
    if here.visitor.session_id is not None:
        return here.visitor.session_id.hex
    return get_cookie(here.site, req, DOOR)


def show(
    req: falcon.Request,
    resp: falcon.Response,
    template: str,
    *,
    csrf_seed: str = "",
    **values: object,
) -> None:
    """Fill a template and send it as the page.

    `csrf_seed` stands in for a cookie that the browser gets with this very page.
    """
    here = visit(req)
    site = here.site
    chosen = get_cookie(site, req, DENSITY)
    menu: Menu = req.context.menu
    frame = {
        "node": site.node,
        "visitor": here.visitor,
        "menu": menu.for_visitor(req),
        "place": here.place,
        "here": req.relative_uri if req.method == "GET" else "/",
        "density": chosen if chosen in DENSITIES else DENSITIES[0],
        "csrf": lambda: make_token(site.secret, csrf_seed or seed(req)),
        "find": "",
        "flash": take_flash(site, req, resp),
        "layout": site.templates["layout.pt"],
    }
    resp.content_type = HTML
    page = site.templates.render(template, frame | values)
    resp.data = f"<!DOCTYPE html>\n{page}".encode()
