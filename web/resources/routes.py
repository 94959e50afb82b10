# SPDX-License-Identifier: Apache-2.0
"""From the declaration of a resource to its routes and its entry in the menu."""

from collections.abc import Mapping

from web.grid.page import GridPage
from web.grid.routes import file_routes
from web.permissions import Route
from web.resources.many_pages import ManyDeletePage, ManyEditPage
from web.resources.record_page import RecordPage
from web.resources.record_routes import record_routes
from web.resources.resource import Resource, Verb
from web.showing import MenuItem

Resources = Mapping[str, Resource]
"""Every resource, by the name of its table."""


def resource_routes(resource: Resource) -> list[Route]:
    """List the addresses of a resource."""
    see = resource.permission(Verb.VIEW)
    record = resource.record or RecordPage(resource)
    return [
        Route(path=resource.path, page=GridPage(resource.grid), need=see),
        *file_routes(resource.grid),
        Route(path=resource.path + "/{key:uuid}", page=record, need=see),
        *record_routes(resource),
        *_many_routes(resource),
    ]


def _many_routes(resource: Resource) -> list[Route]:
    """List the addresses at which many records are written at once."""
    pages = {
        Verb.EDIT: ("/change", ManyEditPage(resource)),
        Verb.DELETE: ("/delete", ManyDeletePage(resource)),
    }
    return [
        Route(path=resource.path + path, page=page, need=resource.permission(verb))
        for verb, (path, page) in pages.items()
        if resource.offers(verb)
    ]


def menu_item(resource: Resource) -> MenuItem:
    """Give the entry that leads to the grid."""
    return MenuItem(
        path=resource.path,
        title=resource.title,
        icon=resource.icon,
        need=resource.permission(Verb.VIEW),
        rank=resource.rank,
        area=resource.area.value,
    )
