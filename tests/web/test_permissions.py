# SPDX-License-Identifier: Apache-2.0
"""Every address is asked by somebody with all rights, by staff, and by a stranger."""

from collections.abc import Mapping

import falcon
import pytest

from poser.errors import PoserError
from tests.web.conftest import Shop
from web.app import check_declared, create_app, needs_of
from web.assets import PREFIX
from web.pages import Pages, find_pages
from web.permissions import Anyone, Need, Permission, Route
from web.router import Router
from web.site import Site

UNAUTHORIZED, FORBIDDEN, SEE_OTHER, NOT_FOUND, NOT_ALLOWED = 401, 403, 303, 404, 405
NO_CONTENT = 204


class Anything:
    """A page that answers."""

    def on_get(self, _req: falcon.Request, resp: falcon.Response) -> None:
        resp.text = "here"


def needs(site: Site) -> Mapping[str, Need]:
    return needs_of(find_pages(site).routes)


def address(template: str, shop: Shop) -> str:
    """Fill in a route of which a record is known."""
    if template.startswith("/pos-transactions/"):
        return template.replace("{key:uuid}", str(shop.sales[0].id))
    return template.replace("{key:uuid}", str(shop.products[0].id)).replace("{number:int}", "1")


def test_every_cell_of_people_and_routes_is_as_declared(shop: Shop) -> None:
    people = {"ada": {"*"}, "sam": {"products.view"}, "": set[str]()}
    cells = 0
    for template, need in needs(shop.site).items():
        for name, has in people.items():
            may = (
                need is Anyone.PUBLIC
                or (bool(name) and need is Anyone.SIGNED_IN)
                or (isinstance(need, Permission) and bool(has & {"*", need.name}))
            )
            browser = shop.browser(name)
            status = browser.get(address(template, shop)).status_code
            is_api = template.startswith("/api/")
            refused = status == (FORBIDDEN if name else UNAUTHORIZED if is_api else SEE_OTHER)
            location = browser.get(address(template, shop)).headers.get("location", "")
            if may:
                assert status in {200, NO_CONTENT, SEE_OTHER, NOT_FOUND, NOT_ALLOWED}, (
                    template,
                    name,
                )
                is_door = template.startswith("/sign-in")
                assert is_door or not location.startswith("/sign-in"), (template, name)
            else:
                assert refused, (template, name, status)
                assert bool(name) or is_api or location.startswith("/sign-in")
                assert "HONEYCRISP" not in browser.text.upper()
            cells += 1
    assert cells == len(needs(shop.site)) * len(people) >= 30


def test_a_refusal_names_the_right_that_is_missing(shop: Shop) -> None:
    sam = shop.browser("sam")
    assert sam.get("/pos-transactions").status_code == FORBIDDEN
    assert "pos_transactions.view" in sam.text
    assert "Ask an administrator" in sam.text


def test_the_menu_holds_what_a_visitor_may_see(shop: Shop) -> None:
    sam, ada = shop.browser("sam"), shop.browser("ada")
    sam.get("/")
    ada.get("/")
    assert 'href="/pos-transactions"' not in sam.text
    assert 'href="/pos-transactions"' in ada.text


def test_a_product_page_keeps_sales_from_who_may_not_see_them(shop: Shop) -> None:
    path = f"/products/{shop.products[0].id}"
    sam, ada = shop.browser("sam"), shop.browser("ada")
    sam.get(path)
    ada.get(path)
    assert "Last sales" in ada.text
    assert "Last sales" not in sam.text


@pytest.mark.parametrize("need", [None, "products.view", ""])
def test_the_app_does_not_start_with_a_route_without_a_declared_need(
    site: Site, need: object
) -> None:
    route = Route(path="/new", page=Anything(), need=need)  # type: ignore[arg-type]
    with pytest.raises(PoserError, match="route /new declares no permission"):
        create_app(site, Pages(routes=(route,), menu=()))


def test_the_app_does_not_start_with_a_route_that_came_in_beside() -> None:
    router = Router()
    app = falcon.App(router=router)  # type: ignore[call-overload]
    app.add_route("/known", Anything())
    app.add_route("/beside", Anything())
    with pytest.raises(PoserError, match="route /beside declares no permission"):
        check_declared(router, {"/known": Anyone.PUBLIC})


def test_two_pages_cannot_have_one_address() -> None:
    route = Route(path="/same", page=Anything(), need=Anyone.PUBLIC)
    with pytest.raises(PoserError, match="two pages want the address /same"):
        needs_of([route, route])


def test_static_files_are_the_only_other_public_addresses(shop: Shop) -> None:
    public = {path for path, need in needs(shop.site).items() if need is Anyone.PUBLIC}
    doors = {"/sign-in", "/sign-in/code", "/sign-in/passkey"}
    assert public == {"/health", "/preferences", *doors}
    assert shop.browser().get(PREFIX + "nothing.css").status_code == 404
