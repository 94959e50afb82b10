# SPDX-License-Identifier: Apache-2.0
"""The find box on top of every page: a scanned code leads straight to its product."""

import falcon

from poser.model.lookup import products_by_code
from web.grid.searching import LONGEST_SEARCH
from web.pages.products import PRODUCTS
from web.permissions import Route
from web.site import Site
from web.urls import with_query
from web.visits import visit


class Find:
    """Falcon resource: where what was typed or scanned leads."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Go to the product that has this code; else to the products with these words."""
        text = (req.get_param("q") or "").replace("\0", "").strip()
        resp.status = falcon.HTTP_SEE_OTHER
        found = []
        if text and len(text) <= LONGEST_SEARCH:
            found = products_by_code(visit(req).read(), text)
        if found:
            resp.location = PRODUCTS.record_path(found[0].id)
        else:
            resp.location = with_query(PRODUCTS.path, [("q", text)])


def routes(site: Site) -> list[Route]:  # noqa: ARG001 - needs nothing of it
    """For whoever may see products: they are what it finds so far."""
    return [Route(path="/find", page=Find(), need=PRODUCTS.permission)]
