# SPDX-License-Identifier: Apache-2.0
"""What was just done is said by the next page, once, with a way to undo it."""

import falcon
import pytest

from tests.web.conftest import Browser
from web.app import create_app
from web.flash import LONGEST, flash
from web.pages import Pages, find_pages
from web.permissions import Anyone, Route
from web.site import Site


class Doing:
    """A page that does what its form says and tells so."""

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        flash(resp, req.context.form["text"], undo=req.context.form.get("undo"))
        resp.status, resp.location = falcon.HTTP_SEE_OTHER, "/"


@pytest.fixture
def doer(site: Site, admin: Browser) -> Browser:
    found = find_pages(site)
    route = Route(path="/doing", page=Doing(), need=Anyone.SIGNED_IN)
    app = create_app(site, Pages(routes=(*found.routes, route), menu=found.menu))
    return Browser(app, admin.cookies)


def _do(doer: Browser, text: str, **more: str) -> int:
    doer.get("/")
    return doer.post("/doing", {"csrf": doer.token(), "text": text, **more}).status_code


def test_the_next_page_says_it_once(doer: Browser) -> None:
    assert _do(doer, "Saved: <b>Price</b>") == 303
    shown = doer.get("/").text
    assert "Saved: &lt;b&gt;Price&lt;/b&gt;" in shown
    assert "Undo" not in shown
    assert "Saved" not in doer.get("/").text


def test_undo_is_a_form_with_a_token(doer: Browser) -> None:
    _do(doer, "Deleted", undo="/vendors/1/restore")
    doer.get("/")
    assert '<form action="/vendors/1/restore" method="post"><input type="hidden"' in doer.text


def test_undo_stays_on_this_site(doer: Browser) -> None:
    assert _do(doer, "Deleted", undo="https://elsewhere.example/") == 500
    with pytest.raises(ValueError, match="no path"):
        flash(falcon.Response(), "Deleted", undo="//elsewhere.example/")


def test_nobody_else_puts_words_into_our_mouth(doer: Browser) -> None:
    _do(doer, "Saved")
    name = "__Host-poser-flash"
    signed = doer.cookies[name]
    for forged in (signed[:-4] + "AAAA", "0" * 64 + signed[64:], "é" * 90, "x", signed * 40):
        doer.cookies[name] = forged
        page = doer.get("/")
        assert page.status_code == 200
        assert 'class="flash"' not in page.text


def test_a_long_story_is_cut(doer: Browser) -> None:
    _do(doer, "ä" * 5000)
    page = doer.get("/").text
    assert "ä" * (LONGEST - 1) + "…" in page
