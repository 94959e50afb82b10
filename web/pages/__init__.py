# SPDX-License-Identifier: Apache-2.0
"""The pages of the app, one module a subject, found by listing this folder.

A module has `RESOURCES`, declarations from which all pages of a table are made, or pages
of its own: `routes(site)`, and `MENU` if people should find them in the menu.
"""

import importlib
import pkgutil
from collections.abc import Iterable
from dataclasses import dataclass
from types import ModuleType

from poser.errors import PoserError
from poser.extensions.configured import extensions
from poser.extensions.modules import load
from web.head_office import kept_there
from web.permissions import Route
from web.resources import Resource
from web.resources.routes import menu_item, resource_routes
from web.showing import MenuItem
from web.site import Site

FOLDER = "web"
"""Where an extension has its pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """All routes and all entries of the menu."""

    routes: tuple[Route, ...]
    menu: tuple[MenuItem, ...]


def find_pages(site: Site) -> Pages:
    """Import every module of this folder, in order of name, and ask it for its routes.

    Then those in the folders `web` of the node's extensions. What has an address that Poser
    has stands in its place. Raises PoserError for an address that two extensions have.
    """
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    own = [importlib.import_module(f"{__name__}.{name}") for name in names]
    foreign = load(extensions(site.config), FOLDER)
    resources = _by_path(own) | _once_each(foreign)
    site.resources.update((each.table.name, each) for each in resources.values())
    site.kept_there.update(kept_there(resources.values()))
    routes = [route for each in resources.values() for route in resource_routes(each)]
    menu = [menu_item(each) for each in resources.values() if each.in_menu]
    for module in (*own, *foreign):
        if hasattr(module, "routes"):
            routes += module.routes(site)
        menu += getattr(module, "MENU", ())
    return Pages(routes=tuple(routes), menu=tuple(menu))


def _by_path(modules: Iterable[ModuleType]) -> dict[str, Resource]:
    return {each.path: each for module in modules for each in getattr(module, "RESOURCES", ())}


def _once_each(modules: Iterable[ModuleType]) -> dict[str, Resource]:
    found: dict[str, Resource] = {}
    owners: dict[str, str] = {}
    for module in modules:
        for path, each in _by_path([module]).items():
            if path in owners:
                raise PoserError(
                    f"{owners[path]} and {module.__name__} both have pages at {path}",
                    hint="give one of them another path",
                )
            found[path], owners[path] = each, module.__name__
    return found
