# SPDX-License-Identifier: Apache-2.0
"""The pages of the app, one module a subject, found by listing this folder.

A module has `routes(site)`, and `MENU` if people should find it in the menu.
"""

import importlib
import pkgutil
from dataclasses import dataclass

from web.permissions import Route
from web.showing import MenuItem
from web.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """All routes and all entries of the menu."""

    routes: tuple[Route, ...]
    menu: tuple[MenuItem, ...]


def find_pages(site: Site) -> Pages:
    """Import every module of this folder, in order of name, and ask it for its routes."""
    routes: list[Route] = []
    menu: list[MenuItem] = []
    for name in sorted(module.name for module in pkgutil.iter_modules(__path__)):
        module = importlib.import_module(f"{__name__}.{name}")
        routes += module.routes(site)
        menu += getattr(module, "MENU", ())
    return Pages(routes=tuple(routes), menu=tuple(menu))
