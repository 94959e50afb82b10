# SPDX-License-Identifier: Apache-2.0
"""The portal as a WSGI app: each of its addresses says what its visitor must be let do."""

import falcon

from poser.errors import PoserError
from poser.portal.doing import Deed
from web.health import Health
from web.portal.calls import Route
from web.portal.gate import Gate, add_error_pages
from web.portal.pages import (
    details,
    door,
    home,
    leaving,
    membership,
    purchases,
    signing_up,
)
from web.portal.site import Portal
from web.router import Router
from web.wsgi import Wsgi, answering_head

_PAGES = (home, door, signing_up, details, purchases, membership, leaving)


def routes_of(site: Portal) -> list[Route]:
    """List every address of the portal."""
    files = [
        Route(path=folder + "{name}", page=site.assets, deed=Deed.COME_IN)
        for folder in site.assets.folders
    ]
    health = Route(path="/health", page=Health(site), deed=Deed.COME_IN)
    return [*(route for each in _PAGES for route in each.routes(site)), *files, health]


def create_portal(site: Portal) -> Wsgi:
    """Make the app. Raises PoserError for two pages at one address."""
    routes = routes_of(site)
    by_path = {route.path: route for route in routes}
    if len(by_path) < len(routes):
        raise PoserError("two pages of the portal want the same address")
    # Falcon types its own router only, and asks for no more than ours has.
    app = falcon.App(middleware=[Gate(site, by_path)], router=Router())  # type: ignore[call-overload]
    app.req_options.strip_url_path_trailing_slash = False
    app.req_options.keep_blank_qs_values = True
    app.resp_options.secure_cookies_by_default = site.is_secure
    add_error_pages(app)
    for route in routes:
        app.add_route(route.path, route.page)
    return answering_head(app)
