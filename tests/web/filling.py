# SPDX-License-Identifier: Apache-2.0
"""Filling in forms of records as people do, for the tests of the web app."""

import re
from collections.abc import Mapping
from html import unescape
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from poser.model import Vendor
from tests.web.conftest import Browser

OK = 200


def count_of(session: Session, /, table: str) -> int:
    """Count the rows of a table."""
    return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608


def fields_of(page: str) -> dict[str, str]:
    """Read what a browser would send with the form of a page, untouched."""
    form = page.split('class="fields"')[1].split("</form>", maxsplit=1)[0]
    found = {}
    for tag in re.findall(r"<input [^>]*>", form):
        parts = {n: unescape(v) for n, v in re.findall(r'([\w-]+)="([^"]*)"', tag)}
        if parts.get("type") in {"checkbox", "radio"} and "checked" not in parts:
            continue
        if "name" in parts and parts.get("type") != "file":
            found[parts["name"]] = parts.get("value", "")
    selects = re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL)
    for name, options in selects:
        values = re.findall(r'<option value="([^"]*)"( selected)?', options)
        found[name] = next((value for value, is_on in values if is_on), values[0][0])
    for name, words in re.findall(
        r'<textarea [^>]*name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL
    ):
        found[name] = unescape(words)
    return found


def send(browser: Browser, path: str, changes: Mapping[str, str], *, to: str = "") -> int:
    """Open a form, change some boxes, and send it."""
    result = browser.get(path)
    assert result.status_code == OK, browser.text
    fields = fields_of(result.text)
    return browser.post(to or path.partition("?")[0], {**fields, **changes}).status_code


def press(browser: Browser, path: str, **fields: str) -> int:
    """Press a button that posts to a path, from a page that is open."""
    browser.get("/")
    return browser.post(path, {"csrf": browser.token(), **fields}).status_code


def add_vendor(session: Session, /, number: str = "UNFI", **values: object) -> UUID:
    """Add a vendor and give its id."""
    vendor = Vendor(number=number, name=str(values.pop("name", "United Natural")), **values)
    session.add(vendor)
    session.flush()
    return vendor.id


def vendor_of(session: Session, /, key: UUID) -> Vendor | None:
    """Read a vendor, if there is one."""
    return session.get(Vendor, key)
