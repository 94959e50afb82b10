# SPDX-License-Identifier: Apache-2.0
"""How this browser likes its pages; kept in the browser, since it belongs to the device."""

import falcon

from web.cookies import DENSITY, set_cookie
from web.permissions import Anyone, Route
from web.showing import DENSITIES
from web.site import Site
from web.urls import next_path

_YEAR_S = 365 * 24 * 3600


class Density:
    """Falcon resource: comfortable or dense rows."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Remember the choice and go back."""
        form = req.context.form
        chosen = form.get("density")
        if chosen not in DENSITIES:
            raise falcon.HTTPBadRequest(description=f"Rows are {' or '.join(DENSITIES)}.")
        set_cookie(self._site, resp, DENSITY, chosen, max_age_s=_YEAR_S)
        resp.status, resp.location = falcon.HTTP_SEE_OTHER, next_path(form.get("next"))


def routes(site: Site) -> list[Route]:
    """One choice so far."""
    return [Route(path="/density", page=Density(site), need=Anyone.SIGNED_IN)]
