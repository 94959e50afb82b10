# SPDX-License-Identifier: Apache-2.0
"""What a page changes is kept with who asked for it, from where, and by which form."""

from typing import Any

import falcon
import pytest
from sqlalchemy import select

from poser.db import transaction
from poser.db.authors import AUTHOR, Author
from poser.model import Brand, HistoryTransaction
from tests.web.conftest import Browser
from web.app import create_app
from web.pages import Pages, find_pages
from web.permissions import Anyone, Route
from web.site import Site

pytestmark = pytest.mark.postgresql


class Brands:
    """A page that adds a brand, and another one that says who would be the author."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.authors: list[Author | None] = []

    def on_get(self, _req: falcon.Request, resp: falcon.Response) -> None:
        self.authors.append(AUTHOR.get())
        resp.media = "nothing is written"

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        self.authors.append(AUTHOR.get())
        with transaction(self._site.engines["poser"]) as session:
            session.add(Brand(name=req.context.form["name"]))
        if req.context.form["name"] == "Fails":
            raise RuntimeError("after the commit")
        resp.media = "written"


def test_the_author_of_a_request_is_its_visitor_and_of_the_next_request_its_own(
    site: Site, admin: Browser
) -> None:
    page = Brands(site)
    routes = (*find_pages(site).routes, Route(path="/of-this-test", page=page, need=Anyone.PUBLIC))
    browser = Browser(create_app(site, Pages(routes=routes, menu=())), dict(admin.cookies))
    browser.get("/")
    token = browser.token()
    for name, status in (("Acme", 200), ("Fails", 500)):
        answer = browser.post("/of-this-test", {"name": name, "csrf": token})
        assert answer.status_code == status
        assert AUTHOR.get() is None
    assert browser.get("/of-this-test").status_code == 200
    assert page.authors[-1] is None
    with transaction(site.engines["poser"], read_only=True) as session:
        made: list[Any] = [
            one
            for one in session.scalars(select(HistoryTransaction).order_by(HistoryTransaction.id))
            if one.via == "POST /of-this-test"
        ]
    assert [(one.source, one.address) for one in made] == [("web", "192.0.2.7")] * 2
    assert {one.user_name for one in made} == {"ada"}
    assert all(one.user_id is not None for one in made)
