# SPDX-License-Identifier: Apache-2.0
"""More pages of one product: all its fields, its prices, its vendors, its stock."""

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

import falcon

from web.resources.facts import sections_of
from web.resources.reading import name_of, read_record
from web.resources.record_page import frame_of
from web.resources.related import related_tables
from web.showing import show
from web.visits import visit


class ProductPart:
    """Falcon resource: the rows of some tables that belong to a product, or its fields."""

    def __init__(self, name: str, tables: Collection[str], *, has_fields: bool = False) -> None:
        self._name = name
        self._tables = tables
        self._has_fields = has_fields

    def on_get(self, req: falcon.Request, resp: falcon.Response, key: UUID) -> None:
        """Show them, or say that there is no such product."""
        here = visit(req)
        resource = here.site.resources["products"]
        here.place = resource.path
        record = read_record(here.read(), resource, key, here.visitor)
        shown = tuple(each for each in resource.related if each.table in self._tables)
        path = resource.record_path(key)
        show(
            req,
            resp,
            "record.pt",
            title=name_of(resource, record),
            resource=resource,
            frame=frame_of(here, resource, record, self._name),
            sections=sections_of(here, resource, record, path=path) if self._has_fields else [],
            related=related_tables(here, replace(resource, related=shown), record),
            parts=here.site.templates["record_parts.pt"],
        )
