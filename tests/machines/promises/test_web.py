# SPDX-License-Identifier: Apache-2.0
"""The web app as a person in the shop meets it: over the network, with a certificate that fits."""

import json
import re
import secrets
import shlex
from collections.abc import Callable, Iterator
from html import unescape
from urllib.parse import urlsplit

import pytest
from testinfra.backend.base import CommandResult
from testinfra.host import Host as Observed

from control.verify import Subject
from tests.support.browser import Browser

NEWEST = (
    "select json_build_object('gtin', gtin, 'description', description) from products"
    " where gtin is not null order by id limit 1"
)


@pytest.fixture
def browser(subject: Subject, recovered: float) -> Browser:
    """Return a browser on the shop's network, once the app is back from being frozen."""
    del recovered  # only waited for
    return Browser(
        urlsplit(subject.role.url).netloc, subject.host.authority_pem, subject.person_pem
    )


@pytest.mark.promise("the sign-in page answers over HTTPS")
def test_the_sign_in_page_answers_over_https(browser: Browser) -> None:
    page = browser.get("/")
    assert page.status == 200
    assert page.url.startswith("https://")
    assert "password" in page.form_with("password").fields
    assert "max-age=" in page.headers["strict-transport-security"]
    assert re.fullmatch(r"nginx/?", page.headers.get("server", "nginx"))
    assert "content-encoding" not in page.headers


@pytest.mark.promise("the sign-in page answers over HTTPS")
def test_health_names_the_release(browser: Browser, subject: Subject) -> None:
    page = browser.get("/health")
    assert page.status == 200
    health = json.loads(page.text)
    assert (health["status"], health["release"]) == ("ok", subject.host.release.id)


@pytest.mark.promise("plain HTTP only redirects")
@pytest.mark.parametrize("path", ["/", "/products?q=milk", "/health", "/nothing-here"])
def test_plain_http_only_redirects(subject: Subject, path: str) -> None:
    browser = Browser(subject.host.address, subject.host.authority_pem)
    page = browser.get(path, scheme="http", follow=False)
    assert page.status in {301, 308}
    assert page.headers["location"] == f"https://{subject.host.address}{path}"
    assert "set-cookie" not in page.headers


@pytest.mark.promise("a signed-in person finds a product by its barcode")
def test_a_stranger_is_asked_to_sign_in(browser: Browser) -> None:
    assert "password" in browser.get("/products").form_with("password").fields


# Reads a password hash and a password from its standard input; fails when they do not fit.
FITS = "import argon2, sys; argon2.PasswordHasher().verify(*sys.stdin.read().splitlines())"
AS_POSER = "runuser -u poser -- "
PSQL = "runuser -u postgres -- psql -XAtqd poser -c %s"


@pytest.fixture
def person(
    host: Observed, subject: Subject, with_stdin: Callable[[str, str], CommandResult]
) -> Iterator[tuple[str, str]]:
    """Yield name and password of somebody who may sign in.

    That is the first user while the first password holds. Once people have changed it, as they
    should, somebody is added for the moment, for this node alone, and deleted again.
    """
    first = subject.host.secret("admin-password").reveal()
    kept = host.check_output(PSQL, "select password_hash from users where name = 'admin'")
    python = f"{AS_POSER}/opt/poser/current/bin/python -c {shlex.quote(FITS)}"
    if kept and with_stdin(python, f"{kept}\n{first}\n").rc == 0:
        yield "admin", first
        return
    name, password = f"verify-{secrets.token_hex(4)}", secrets.token_urlsafe(24)
    added = with_stdin(
        f"/usr/local/bin/poser user add {name} --local --user-role Administrators --password-stdin",
        f"{password}\n",
    )
    assert added.rc == 0, added.stderr
    yield name, password
    host.check_output(PSQL, f"delete from users where name = '{name}'")  # noqa: S608 - made above


@pytest.mark.promise("a signed-in person finds a product by its barcode")
def test_a_signed_in_person_finds_a_product_by_its_barcode(
    browser: Browser, host: Observed, person: tuple[str, str]
) -> None:
    """Ask the database for a product, then find it as a person does; without one, be told so."""
    found = host.check_output(PSQL, NEWEST)
    product = json.loads(found) if found else {"gtin": 4006381333931, "description": ""}
    door, (name, password) = browser.get("/"), person
    home = browser.submit(door, door.form_with("password"), name=name, password=password)
    assert not any("password" in form.fields for form in home.forms), "the sign-in was refused"
    page = browser.submit(home, home.form_with("q"), q=str(product["gtin"]))
    text = " ".join(unescape(page.text).split())
    assert page.status == 200
    assert str(product["gtin"]) in text
    assert " ".join(product["description"].split()) in text
    if found:
        assert re.search(r"/products/[0-9a-f-]{36}", page.url), page.url
