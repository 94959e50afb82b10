# SPDX-License-Identifier: Apache-2.0
"""How this browser likes its pages; kept in the browser, since it belongs to the device."""

import falcon

from web import pseudo
from web.cookies import DENSITY, LANGUAGE, THEME, set_cookie
from web.language import _, languages
from web.permissions import Anyone, Route
from web.showing import DENSITIES, THEMES
from web.site import Site
from web.urls import next_path

_YEAR_S = 365 * 24 * 3600
BROWSER = "auto"
"""The language that the browser asks for."""


class Preferences:
    """Falcon resource: rows, colors and language; a form sends those that it changes."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Remember the choices and go back."""
        form = req.context.form
        choices = {
            "density": (DENSITY, DENSITIES),
            "theme": (THEME, THEMES),
            "language": (LANGUAGE, (*languages(), pseudo.LANGUAGE, BROWSER)),
        }
        asked = {name: form[name] for name in choices if name in form}
        if not asked or any(value not in choices[name][1] for name, value in asked.items()):
            raise falcon.HTTPBadRequest(description=_("There is no such choice."))
        for name, value in asked.items():
            set_cookie(self._site, resp, choices[name][0], value, max_age_s=_YEAR_S)
        resp.status, resp.location = falcon.HTTP_SEE_OTHER, next_path(form.get("next"))


def routes(site: Site) -> list[Route]:
    """One address; strangers choose a language before they sign in."""
    return [Route(path="/preferences", page=Preferences(site), need=Anyone.PUBLIC)]
