# SPDX-License-Identifier: Apache-2.0
"""Showing a page: what every template gets beside the page's own values."""

from functools import cache

import falcon

from web.cookies import AREAS, DENSITY, DOOR, THEME, full_name, get_cookie
from web.csrf import make_token
from web.flash import take_flash
from web.language import LANGUAGE, languages
from web.menu import Menu, MenuItem
from web.rights import BECOME_ROOT
from web.visits import Visit, visit

__all__ = ["DENSITIES", "HTML", "THEMES", "Menu", "MenuItem", "seed", "show"]

HTML = "text/html; charset=utf-8"
DENSITIES = ("comfortable", "dense")
THEMES = ("auto", "light", "dark")
BAR = ("/scan", "/tasks")
"""What a phone offers at the bottom beside finding and the menu, where the node has it."""


def seed(req: falcon.Request) -> str:
    """Give what only this browser has, for its forms: its session, or its cookie at the door."""
    here = visit(req)
    if here.visitor.session_id is not None:
        return here.visitor.session_id.hex
    return get_cookie(here.site, req, DOOR)


_GIVEN_BY_PAGES = frozenset({"find"})
"""What a page may say itself of what stands around it."""


def show(
    req: falcon.Request,
    resp: falcon.Response,
    template: str,
    *,
    csrf_seed: str = "",
    **values: object,
) -> None:
    """Fill a template and send it as the page.

    `csrf_seed` stands in for a cookie that the browser gets with this very page. Raises
    ValueError for a value by whose name the frame has one: the page would lose its menu.
    """
    here = visit(req)
    site = here.site
    frame = {
        **_chosen(req),
        **_places(req),
        "node": site.node,
        "visitor": here.visitor,
        "place": here.place,
        "here": req.relative_uri if req.method == "GET" else "/",
        "csrf": cache(lambda: make_token(site.secret, csrf_seed or seed(req))),
        "find": "",
        "flash": take_flash(site, req, resp),
        # A page about trouble asks nothing of a database that may be the trouble.
        "alerts": site.alerts.total(here, ask=template != "error.pt"),
        "may_be_root": here.visitor.may(BECOME_ROOT) and not here.visitor.is_root,
        "root_until": _time(here),
        "layout": site.templates["layout.pt"],
    }
    if taken := (frame.keys() & values.keys()) - _GIVEN_BY_PAGES:
        raise ValueError(f"{template}: the frame of all pages has {', '.join(taken)} already")
    resp.content_type = HTML
    page = site.templates.render(template, frame | values)
    resp.data = f"<!DOCTYPE html>\n{page}".encode()


def _chosen(req: falcon.Request) -> dict[str, object]:
    """Give how this browser likes its pages."""
    site = visit(req).site
    density, theme = get_cookie(site, req, DENSITY), get_cookie(site, req, THEME)
    return {
        "density": density if density in DENSITIES else DENSITIES[0],
        "theme": theme if theme in THEMES else THEMES[0],
        "language": LANGUAGE.get(),
        "languages": languages(),
    }


def _places(req: falcon.Request) -> dict[str, object]:
    """Give the menu of this visitor, and the few entries that a phone shows at its bottom."""
    here = visit(req)
    if not here.visitor.is_signed_in:
        return {"places": "", "bar": []}
    menu: Menu = req.context.menu
    opened = [area for area in get_cookie(here.site, req, AREAS).split(".") if area]
    return {
        "places": menu.written(here.visitor, here.place, opened, here.site.assets["icons.svg"]),
        "bar": [item for item in menu.for_visitor(here.visitor) if item.path in BAR],
        "areas_cookie": full_name(here.site, AREAS),
    }


def _time(here: Visit) -> str:
    """Say until when the visitor is root."""
    until = here.moment(here.visitor.root_until)
    return until.text[-5:] if until else ""
