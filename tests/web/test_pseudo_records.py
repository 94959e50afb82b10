# SPDX-License-Identifier: Apache-2.0
"""Pages about one record, and the cells of grids, have no raw text either but what rows say."""

import re
from collections.abc import Iterator

from sqlalchemy import select

from poser.db import transaction
from tests.web.conftest import Browser, Shop
from tests.web.rows import add_row
from tests.web.test_pseudo import NAMES, OWN, Texts
from web import pseudo
from web.pages import find_pages
from web.resources import Resource

_COMPUTED = "stock_levels"
"""A table that only the database fills: here by the movement that another row brings."""
_WHO = {"poser", "poser_owner"}
"""Database roles, which the history names where no user is known."""
_EXAMPLE = re.compile(
    r"[0-9a-f-]{36}|falcon-client/[\d.]+|\w+ \d+( \w+ \d+)*|[\d,.:{}\[\] -]+ ?[A-Za-z]{0,2}"
)
"""Ids, the browser of a session, numbers with a unit; names as `add_row` writes them."""


def _fill(shop: Shop) -> None:
    """See that each table of a resource has a row."""
    with transaction(shop.site.engines["poser"]) as session:
        for resource in _resources(shop):
            if resource.database == "poser" and resource.table.name != _COMPUTED:
                add_row(session, resource.table)


def _resources(shop: Shop) -> list[Resource]:
    return sorted(shop.site.resources.values(), key=lambda each: each.path)


def _texts_and_keys(shop: Shop) -> tuple[set[str], dict[str, str]]:
    """Read every text that rows have, and the newest id of each resource that has a row."""
    texts: set[str] = set()
    keys: dict[str, str] = {}
    for resource in _resources(shop):
        with transaction(shop.site.engines[resource.database], read_only=True) as session:
            rows = select(resource.table).order_by(resource.table.c.id)
            for row in session.execute(rows).mappings():
                # An options word of a column is said by the page, and is not a name.
                texts |= {" ".join(v.split()) for k, v in row.items() if _is_said(resource, k, v)}
                texts.add(f"{row.get('number')} {row.get('name')}")
                keys[resource.path] = str(row["id"])  # the newest: of this test, not of another
    return texts, keys


def _is_said(resource: Resource, name: str, value: object) -> bool:
    field = resource.form.get(name)
    return isinstance(value, str) and not (field and field.options)


def _paths(shop: Shop, keys: dict[str, str]) -> Iterator[str]:
    for route in find_pages(shop.site).routes:
        base, found, rest = route.path.partition("/{key:uuid}")
        key = keys.get(base.removesuffix("/deleted"))
        if found and key and "{" not in rest:
            yield route.path.replace("{key:uuid}", key)
    yield from keys


def _raw(page: str) -> set[str]:
    texts = Texts()
    texts.feed(page)
    found = {" ".join(text.split()) for text in texts.found if re.search("[A-Za-z]{2}", text)}
    return {
        text
        for text in found - OWN - NAMES - _WHO
        if not {"⟦", "⟧"} & set(text) and not _EXAMPLE.fullmatch(text)
    }


def test_no_text_of_a_record_s_pages_or_a_cell_is_raw(shop: Shop, ada: Browser) -> None:
    _fill(shop)
    texts, keys = _texts_and_keys(shop)
    ada.cookies["__Host-poser-language"] = pseudo.LANGUAGE
    raw: dict[str, str] = {}
    asked = 0
    for path in _paths(shop, keys):
        result = ada.get(path)
        assert result.status_code < 500, path
        if result.status_code == 200 and "html" in result.headers["content-type"]:
            asked += 1
            raw |= dict.fromkeys(_raw(result.text) - texts, path)
    assert asked > 250
    assert raw == {}


def test_raw_text_in_a_cell_would_be_noticed() -> None:
    page = "<td>⟦Góóđš ~~⟧</td><td>Goods</td><dd>number 7 name 8</dd>"
    assert _raw(page) == {"Goods"}
