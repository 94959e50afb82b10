# SPDX-License-Identifier: Apache-2.0
"""The JSON API, its description for programs, and its pages for people."""

import json

import falcon

from web.api.guide import Guide, GuideOf
from web.api.names import list_path
from web.api.openapi import describe
from web.api.pages import OneRecord, Records
from web.permissions import Anyone, Route
from web.resources import Verb
from web.site import Site


class Description:
    """Falcon resource: the API in OpenAPI."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:  # noqa: ARG002 - Falcon
        """Describe every resource; what one may do with them is asked when it is done."""
        found = describe(self._site.resources.values(), release=self._site.node.release)
        resp.content_type = "application/json"
        resp.data = json.dumps(found, default=str).encode()


def routes(site: Site) -> list[Route]:
    """List two addresses for each resource, the description and the guide."""
    found = [
        Route(path="/api", page=Guide(), need=Anyone.SIGNED_IN),
        Route(path="/api/about/{name}", page=GuideOf(), need=Anyone.SIGNED_IN),
        Route(path="/api/openapi.json", page=Description(site), need=Anyone.SIGNED_IN),
    ]
    for each in site.resources.values():
        see = each.permission(Verb.VIEW)
        found += [
            Route(path=list_path(each), page=Records(each), need=see),
            Route(path=list_path(each) + "/{key:uuid}", page=OneRecord(each), need=see),
        ]
    return found
