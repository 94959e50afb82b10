# SPDX-License-Identifier: Apache-2.0
"""The pages of the app, one module a subject, found by listing this folder.

A module has `RESOURCES`, declarations from which all pages of a table are made, or pages
of its own: `routes(site)`, and `MENU` if people should find them in the menu.
"""

import importlib
import pkgutil
from dataclasses import dataclass

from web.permissions import Route
from web.resources.routes import menu_item, resource_routes
from web.showing import MenuItem
from web.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """All routes and all entries of the menu."""

    routes: tuple[Route, ...]
    menu: tuple[MenuItem, ...]


def find_pages(site: Site) -> Pages:
    """Import every module of this folder, in order of name, and ask it for its routes."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    resources = [each for module in modules for each in getattr(module, "RESOURCES", ())]
    site.resources.update((each.table.name, each) for each in resources)
    routes = [route for each in resources for route in resource_routes(each)]
    menu = [menu_item(each) for each in resources if each.in_menu]
    for module in modules:
        if hasattr(module, "routes"):
            routes += module.routes(site)
        menu += getattr(module, "MENU", ())
    return Pages(routes=tuple(routes), menu=tuple(menu))
