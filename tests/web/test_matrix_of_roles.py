# SPDX-License-Identifier: Apache-2.0
"""Every address and method asked as each kind of user role that there is, and as nobody."""

from collections.abc import Mapping
from uuid import uuid4

import falcon
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from poser.errors import PoserError
from poser.model import UserRole, UserRolePermission
from tests.web.conftest import Browser, Writer
from tests.web.factories import add_person
from tests.web.filling import press
from web.app import Wsgi, create_app, needs_of
from web.menu import Area
from web.pages import Pages, find_pages
from web.permissions import Anyone, Need, Permission, Route
from web.site import Site

API = "/api/"
HERE, ELSEWHERE = "store", "host"
ALL_SIGNED_IN, ALL = "brands.view", "departments.view"
"""What the built-in user roles Signed in and Anyone have in this set."""


def routes(site: Site) -> dict[str, Route]:
    return {route.path: route for route in find_pages(site).routes}


def address(template: str) -> str:
    found = template.replace("{key:uuid}", str(uuid4())).replace("{number:int}", "1")
    while "{" in found:
        before, _, rest = found.partition("{")
        found = f"{before}x{rest.partition('}')[2]}"
    return found


def give(session: Session, role: str, permissions: set[str], *, kind: str = "") -> None:
    found = session.scalars(select(UserRole).where(UserRole.name == role)).one()
    found.node_kind = kind
    found.permissions += [UserRolePermission(permission=each) for each in sorted(permissions)]


@pytest.fixture
def people(app: Wsgi, site: Site, poser: Writer) -> dict[str, tuple[Browser, set[str]]]:
    """Sign in one user of each user role; gives them with the permissions they must have."""
    groups: dict[str, set[str]] = {}
    for resource in site.resources.values():
        groups.setdefault(resource.area.value, set()).update(p.name for p in resource.permissions)
    assert set(groups) >= {area.value for area in (Area.SYSTEM, Area.PRODUCTS)}
    known = {
        n.name for n in needs_of(find_pages(site).routes).values() if isinstance(n, Permission)
    }
    groups["the rest"] = known - set().union(*groups.values())
    sets = {**groups, "here": {"vendors.view", "vendors.edit"}, "nothing": set()}
    found = {}
    for number, (group, has) in enumerate(sets.items()):
        poser(add_person, f"u{number}")
        poser(give, f"u{number}'s role", has, kind=HERE if group == "here" else "")
        found[group] = (f"u{number}", has)
    poser(add_person, "away")
    poser(give, "away's role", known, kind=ELSEWHERE)
    poser(add_person, "ada", admin=True)
    poser(give, "Signed in", {ALL_SIGNED_IN})
    poser(give, "Anyone", {ALL})
    for_all = {ALL, ALL_SIGNED_IN}
    made: dict[str, tuple[Browser, set[str]]] = {"": (Browser(app), {ALL})}
    who = {**found, "away": ("away", set()), "Administrators": ("ada", known)}
    for group, (name, has) in who.items():
        browser = Browser(app)
        assert browser.sign_in(name).status_code == 303, group
        made[group] = (browser, set(has) | for_all)
    return made


def may(need: Need, group: str, has: set[str]) -> bool:
    if isinstance(need, Permission):
        return need.name in has
    return need is Anyone.PUBLIC or bool(group)


def refused(group: str, template: str) -> set[int]:
    if group:
        return {403}
    return {401} if template.startswith(API) else {303}


def test_every_route_and_method_as_every_user_role(
    site: Site, people: Mapping[str, tuple[Browser, set[str]]]
) -> None:
    cells = 0
    for group, (browser, has) in people.items():
        for template, route in routes(site).items():
            path, is_open = address(template), may(route.need, group, has)
            if template.startswith(("/sign-", "/preferences", "/health")):
                continue
            if hasattr(route.page, "on_get"):
                answer = browser.get(path)
                to_door = answer.headers.get("location", "").startswith("/sign-in")
                if is_open:
                    assert answer.status_code not in {401, 403}, (group, template)
                    assert not to_door, (group, template)
                else:
                    assert answer.status_code in refused(group, template), (group, template)
                    assert group or template.startswith(API) or to_door, template
                cells += 1
            for method in ("post", "put", "patch", "delete"):
                if not hasattr(route.page, f"on_{method}") or is_open:
                    continue
                sent = send(browser, method, path, signed_in=bool(group))
                # What an address does not offer to anybody is no secret.
                assert sent in refused(group, template) | {401}, (group, template, method)
                cells += 1
    assert cells > 3_000


def send(browser: Browser, method: str, path: str, *, signed_in: bool) -> int:
    if method == "post" and signed_in and not path.startswith(API):
        return press(browser, path, name="x")
    said = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}
    return int(browser._ask(method.upper(), path, body="name=x", headers=said).status_code)


class _Page:
    def on_post(self, _req: falcon.Request, resp: falcon.Response) -> None:
        resp.text = "done"


def test_a_page_that_forgot_its_permission_keeps_the_app_from_starting(site: Site) -> None:
    found = find_pages(site)
    forgotten = Route(path="/forgotten", page=_Page(), need=None)  # type: ignore[arg-type]
    with pytest.raises(PoserError, match="route /forgotten declares no permission"):
        create_app(site, Pages(routes=(*found.routes, forgotten), menu=found.menu))
