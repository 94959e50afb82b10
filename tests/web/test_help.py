# SPDX-License-Identifier: Apache-2.0
"""Help: what pages are for, what the retailer adds, written by those who may, harmless."""

import pytest

from poser.model import FieldHelp, PageHelp
from tests.web.conftest import Browser, Writer
from tests.web.factories import add_person
from web.app import Wsgi
from web.help.markdown import to_html


def _write(browser: Browser, **fields: str) -> int:
    browser.get("/help/edit?of=/vendors")
    return browser.post(
        "/help/edit", {"csrf": browser.token(), "of": "/vendors", **fields}
    ).status_code


def test_each_page_leads_to_its_help(admin: Browser) -> None:
    admin.get("/vendors")
    assert 'href="/help?of=/vendors"' in admin.text
    admin.get("/help?of=/vendors")
    assert "<h1>Help: Vendors</h1>" in admin.text
    assert "Whom you buy from" in admin.text
    assert "import them from a file" in admin.text


def test_all_pages_are_listed_with_what_they_are_for(admin: Browser, staff: Browser) -> None:
    admin.get("/help")
    assert "Whom you buy from" in admin.text
    staff.get("/help")
    assert "Whom you buy from" not in staff.text
    assert ">Products</a>" in staff.text


def test_a_page_one_may_not_see_has_no_help(staff: Browser) -> None:
    staff.get("/help?of=/vendors")
    assert "Vendors" not in staff.text


def test_the_retailers_own_words_are_kept_and_shown(admin: Browser) -> None:
    assert _write(admin, text="Call **Ann** first.\n\n- not on Mondays", url="/customers") == 303
    admin.get("/help?of=/vendors")
    assert "The help is saved." in admin.text
    assert "<p>Call <b>Ann</b> first.</p>\n<ul><li>not on Mondays</li></ul>" in admin.text
    assert 'href="/customers"' in admin.text


def test_a_field_is_explained(admin: Browser, poser: Writer) -> None:
    assert _write(admin, field="terms", text="As in the *contract*.") == 303
    admin.get("/help?of=/vendors")
    assert "As in the <i>contract</i>." in admin.text
    assert poser(lambda session: session.query(FieldHelp).one().field) == "terms"


def test_writing_nothing_takes_help_away(admin: Browser, poser: Writer) -> None:
    _write(admin, text="Wrong", url="")
    _write(admin, text=" ", url="")
    assert poser(lambda session: session.query(PageHelp).count()) == 0


def test_only_those_who_may_write_help(staff: Browser, app: Wsgi, poser: Writer) -> None:
    assert staff.get("/help/edit?of=/products").status_code == 403
    poser(add_person, "wim", "products.view", "help.edit")
    writer = Browser(app)
    writer.sign_in("wim")
    assert writer.get("/help/edit?of=/products").status_code == 200
    assert writer.get("/help/edit?of=/vendors").status_code == 404


@pytest.mark.parametrize(
    "fields",
    [
        {"of": "/nowhere", "text": "x"},
        {"of": "https://elsewhere.example/", "text": "x"},
        {"field": "no_such_field", "text": "x"},
    ],
)
def test_help_is_about_something_that_is_there(admin: Browser, fields: dict[str, str]) -> None:
    assert _write(admin, **fields) == 404


def test_what_is_too_long_or_leads_astray_is_refused(admin: Browser) -> None:
    assert _write(admin, text="x" * 20_001) == 400
    assert _write(admin, text="x", url="javascript:alert(1)") == 400


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<script>x</script>", "<p>&lt;script&gt;x&lt;/script&gt;</p>"),
        ("# Big\nsmall", "<h3>Big</h3>\n<p>small</p>"),
        ("1. one\n2) two", "<ol><li>one</li><li>two</li></ol>"),
        ("one\ntwo", "<p>one<br/>two</p>"),
        ("`a **b** <c>`", "<p><code>a **b** &lt;c&gt;</code></p>"),
        ("[go](/a?b=1&c=2)", '<p><a href="/a?b=1&amp;c=2">go</a></p>'),
        ("[go](javascript:alert)", '<p><a href="#">go</a></p>'),
        ('[go](/"onclick="x)', '<p><a href="/&quot;onclick=&quot;x">go</a></p>'),
        ("2 * 3 * 4", "<p>2 * 3 * 4</p>"),
        ("", ""),
    ],
)
def test_markdown_is_small_and_safe(text: str, html: str) -> None:
    assert to_html(text) == html


def test_the_keys_are_listed(admin: Browser) -> None:
    admin.get("/help/keys")
    assert "<kbd>Ctrl K</kbd>" in admin.text
