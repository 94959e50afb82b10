# SPDX-License-Identifier: Apache-2.0
"""What the settings of the database change in a web app that runs."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from poser.config import Flag, Row
from poser.model import User, UserRole
from tests.web.conftest import Browser, Writer
from web.app import Wsgi, create_app
from web.pages import Pages, find_pages
from web.permissions import Anyone, Route
from web.site import Site
from web.visits import visit

pytestmark = pytest.mark.postgresql

SHINY = Flag("test.shiny", doc="Only in this test.")


class Page:
    """Says whether the visitor has the feature."""

    def on_get(self, req: object, resp: object) -> None:
        here = visit(req)  # type: ignore[arg-type]  # Falcon gives a request
        has = SHINY(here.site.config, user_roles=here.visitor.user_roles)
        resp.media = {"shiny": has, "zone": here.site.zone.key}  # type: ignore[attr-defined]


@pytest.fixture
def app(site: Site) -> Wsgi:
    route = Route(path="/shiny", page=Page(), need=Anyone.SIGNED_IN)
    pages = find_pages(site)
    return create_app(site, Pages(routes=(*pages.routes, route), menu=pages.menu))


def user_roles_of(session: Session, name: str) -> list[UserRole]:
    found = session.scalars(select(User).where(User.name == name)).one()
    return list(found.user_roles)


def test_a_flag_is_on_for_those_with_the_user_role_and_from_one_request_to_the_next(
    site: Site, admin: Browser, staff: Browser, poser: Writer
) -> None:
    (role,) = poser(user_roles_of, "ada")
    assert [b.get("/shiny").json["shiny"] for b in (admin, staff)] == [False, False]
    site.config.take(
        [Row(name="test.shiny", value="on", user_role_id=role.id, user_role=role.name)]
    )
    assert [b.get("/shiny").json["shiny"] for b in (admin, staff)] == [True, False]
    site.config.take([Row(name="test.shiny", value="on")])
    assert [b.get("/shiny").json["shiny"] for b in (admin, staff)] == [True, True]


def test_the_files_time_zone_wins_over_the_databases(site: Site, admin: Browser) -> None:
    site.config.take([Row(name="web.time_zone", value="Europe/Berlin")])
    assert admin.get("/shiny").json["zone"] == "America/Chicago"
