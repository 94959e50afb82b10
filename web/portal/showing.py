# SPDX-License-Identifier: Apache-2.0
"""Showing a page of the portal: what every template gets beside the page's own values."""

import secrets
from functools import cache
from typing import NamedTuple

import falcon

from poser.portal.doing import Deed
from web.cookies import get_cookie, set_cookie
from web.csrf import make_token
from web.flash import take_flash
from web.language import LANGUAGE, languages, mark
from web.portal.calls import DOOR, call

HTML = "text/html; charset=utf-8"


class Place(NamedTuple):
    """One entry of the menu."""

    path: str
    title: str
    deed: Deed


PLACES = (
    Place("/", mark("Overview"), Deed.SEE_SELF),
    Place("/purchases", mark("Purchases"), Deed.SEE_PURCHASES),
    Place("/membership", mark("Membership"), Deed.SEE_SELF),
    Place("/details", mark("About me"), Deed.SEE_SELF),
)


def seed(req: falcon.Request) -> str:
    """Give what only this browser has, for its forms: its session, or its cookie at the door."""
    here = call(req)
    if here.guest.session_id is not None:
        return here.guest.session_id.hex
    return get_cookie(here.site, req, DOOR)


def show(req: falcon.Request, resp: falcon.Response, template: str, **values: object) -> None:
    """Fill a template and send it as the page.

    A stranger's browser without a cookie gets one, which the page's forms are bound to.
    """
    here = call(req)
    site = here.site

    @cache
    def csrf() -> str:
        known = seed(req)
        if not known:
            known = secrets.token_urlsafe(24)
            set_cookie(site, resp, DOOR, known)
        return make_token(site.secret, known)

    frame = {
        "shop": site.shop,
        "guest": here.guest,
        "places": [one for one in PLACES if here.guest.may(one.deed)],
        "place": f"/{req.path.split('/')[1]}",
        "here": req.relative_uri if req.method == "GET" and "token=" not in req.uri else "/",
        "language": LANGUAGE.get(),
        "languages": languages(),
        "csrf": csrf,
        "flash": take_flash(site, req, resp),
        "layout": site.templates["layout.pt"],
        "parts": site.templates["parts.pt"],
        "Deed": Deed,
    }
    resp.content_type = HTML
    page = site.templates.render(template, frame | values)
    resp.data = f"<!DOCTYPE html>\n{page}".encode()


def see_other(resp: falcon.Response, path: str) -> None:
    """Send the browser on to a page, after what it sent was done."""
    resp.status, resp.location = falcon.HTTP_SEE_OTHER, path
