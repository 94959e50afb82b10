# SPDX-License-Identifier: Apache-2.0
"""The find box on top of every page: a code leads straight to its record, words to a list.

The palette (Ctrl-K) is the same page, in a sheet over the page that is open.
"""

import falcon

from web.finding.buttons import buttons_named
from web.finding.search import actions_named, by_code, by_words, pages_named
from web.grid.searching import LONGEST_SEARCH, contains_words
from web.language import _
from web.permissions import Anyone, Route
from web.showing import Menu, show
from web.site import Site
from web.urls import with_query
from web.visits import visit

PATH = "/find"


class Find:
    """Falcon resource: where what was typed or scanned leads."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Go to the record with this code; else list what has these words."""
        here = visit(req)
        here.place = PATH
        asked = " ".join((req.get_param("q") or "").replace("\0", " ").split())
        resources = here.site.resources
        if asked and len(asked) <= LONGEST_SEARCH:
            path = by_code(here, resources, asked)
            if path is not None:
                resp.status, resp.location = falcon.HTTP_SEE_OTHER, path
                return
        self._list(req, resp, asked)

    def _list(self, req: falcon.Request, resp: falcon.Response, asked: str) -> None:
        here = visit(req)
        resources = here.site.resources
        if asked:
            contains_words(resources["products"].table.c.search, asked)  # says what is too much
        menu: Menu = req.context.menu
        groups = by_words(here, resources, asked) if asked else []
        pages = pages_named(menu.for_visitor(here.visitor), here.visitor, asked)
        show(
            req,
            resp,
            "find.pt",
            title=_("Find"),
            find=asked,
            asked=asked,
            pages=pages,
            actions=actions_named(resources, here.visitor, asked) if asked else [],
            buttons=buttons_named(asked) if asked else [],
            kinds=[(g, with_query(g.path.partition("?")[0], [("q", asked)])) for g in groups],
        )


def routes(site: Site) -> list[Route]:  # noqa: ARG001 - needs nothing of it
    """For everybody who is signed in: it finds what they may see."""
    return [Route(path=PATH, page=Find(), need=Anyone.SIGNED_IN)]
