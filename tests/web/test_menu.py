# SPDX-License-Identifier: Apache-2.0
"""The menu: grouped by area, only what one may follow, open where one is."""

import re

from tests.web.conftest import Browser
from web.menu import Area, MenuItem, grouped
from web.permissions import Anyone


def _item(path: str, area: str) -> MenuItem:
    return MenuItem(path=path, title=path, icon="tag", need=Anyone.SIGNED_IN, rank=1, area=area)


ITEMS = [_item("/", ""), _item("/a", "Products"), _item("/b", "Stock"), _item("/c", "Stock")]


def _open(place: str, *opened: str) -> list[str]:
    return [group.area for group in grouped(ITEMS, place, opened) if group.is_open]


def test_the_group_of_this_place_is_open_and_those_left_open() -> None:
    assert _open("/") == ["", "Products"]
    assert _open("/b") == ["", "Stock"]
    assert _open("/b", "Products") == ["", "Products", "Stock"]
    assert _open("/", "-") == [""]
    assert [len(group.items) for group in grouped(ITEMS, "/", ())] == [1, 1, 2]


def test_there_are_at_most_seven_groups() -> None:
    assert len(Area) <= 7


def test_the_menu_shows_what_one_may_follow(admin: Browser, staff: Browser) -> None:
    admin.get("/vendors")
    nav = admin.text[admin.text.index("<nav") : admin.text.index("</nav>")]
    assert 'href="/vendors" aria-current="page"' in nav
    shown = re.findall(r'<details class="area"( open="open")? data-area="(\w+)"', nav)
    assert {area: bool(is_open) for is_open, area in shown}["Buying"]
    order = [area.value for area in Area]
    assert [order.index(area) for _, area in shown] == sorted(order.index(a) for _, a in shown)
    staff.get("/")
    assert 'href="/vendors"' not in staff.text
    assert 'href="/products"' in staff.text


def test_the_browser_remembers_which_groups_are_open(admin: Browser) -> None:
    admin.cookies["__Host-poser-areas"] = "Stock.People"
    admin.get("/")
    assert re.findall(r'open="open" data-area="(\w+)"', admin.text) == ["People", "Stock"]
