# SPDX-License-Identifier: Apache-2.0
"""The web app: pages found by listing a folder, each with a declared need."""

from collections.abc import Iterable, Mapping

import falcon

from poser.errors import PoserError
from poser.extensions.configured import extensions
from web.errors import add_error_pages
from web.gate import Gate
from web.language import put_before_ours
from web.pages import Pages, find_pages
from web.permissions import Anyone, Need, Permission, Route
from web.router import Router
from web.showing import Menu
from web.site import Site
from web.wsgi import Wsgi, answering_head

__all__ = ["Wsgi", "create_app"]


def create_app(site: Site, pages: Pages | None = None) -> Wsgi:
    """Make the WSGI app with all pages, unless told which.

    Raises PoserError for a route that declares no need.
    """
    pages = pages or find_pages(site)
    put_before_ours(extensions(site.config))
    routes = (
        *pages.routes,
        *(
            Route(path=folder + "{name}", page=site.assets, need=Anyone.PUBLIC)
            for folder in site.assets.folders
        ),
    )
    needs = needs_of(routes)
    site.permissions.update(permissions_of(needs.values(), site))
    router = Router()
    # Falcon types its own router only, and asks for no more than ours has.
    gate = Gate(site, Menu(pages.menu), needs)
    app = falcon.App(middleware=[gate], router=router)  # type: ignore[call-overload]
    app.req_options.strip_url_path_trailing_slash = False
    app.req_options.keep_blank_qs_values = True
    app.resp_options.secure_cookies_by_default = site.is_secure
    add_error_pages(app)
    for route in routes:
        app.add_route(route.path, route.page)
    check_declared(router, needs)
    return answering_head(app)


def needs_of(routes: Iterable[Route]) -> Mapping[str, Need]:
    """Give each address its need. Raises PoserError for a route without one, or two alike."""
    needs: dict[str, Need] = {}
    for route in routes:
        if not isinstance(route.need, Permission | Anyone):
            raise PoserError(
                f"route {route.path} declares no permission",
                hint="give it need=Permission(...), Anyone.SIGNED_IN or Anyone.PUBLIC",
            )
        if route.path in needs:
            raise PoserError(f"two pages want the address {route.path}")
        needs[route.path] = route.need
    return needs


def permissions_of(needs: Iterable[Need], site: Site) -> Mapping[str, Permission]:
    """Give every permission that some page asks for, by name."""
    asked = [need for need in needs if isinstance(need, Permission)]
    asked += [each for resource in site.resources.values() for each in resource.permissions]
    return {each.name: each for each in sorted(asked, key=lambda each: each.name)}


def check_declared(router: Router, needs: Mapping[str, Need]) -> None:
    """Raise PoserError for an address of the app that came in beside the declarations."""
    for path in router.paths:
        if path not in needs:
            raise PoserError(
                f"route {path} declares no permission",
                hint="give it to the app as a Route of a module in web/pages",
            )
