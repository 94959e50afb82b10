# SPDX-License-Identifier: Apache-2.0
"""Import runs in the browser: what changed, what was kept aside, as pages and as files."""

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import Engine, select

from poser.config import load
from poser.db import transaction
from poser.importing.asked import Asked
from poser.importing.emails import IMPORT_CHANGES
from poser.importing.result import RunResult
from poser.importing.reverting import revert
from poser.importing.running import run
from poser.mail.found import email_types
from poser.mail.rendering import Renderer
from poser.mail.values import given
from poser.model import Email, Vendor
from tests.support.importers import Brands, Vendors, vendors
from tests.support.importing import handler
from tests.web.conftest import Browser, Shop, Writer
from tests.web.factories import add_person
from web.app import Wsgi
from web.permissions import Permission
from web.site import Site

pytestmark = pytest.mark.postgresql


def mixed(engine: Engine, **asked: object) -> RunResult:
    """Run an import that creates three, updates two, deletes one, and keeps two aside."""
    run(handler({"vendors": vendors("Acme", "Best", "Cole")}, Vendors), Asked(), {"poser": engine})
    records = [
        {"number": "1", "name": "Acme <b>Ltd</b>", "terms": "60 days"},
        {"number": "2", "name": "Better", "terms": ""},
        {"number": "8", "name": "=Eight", "terms": ""},
        {"number": "9", "name": "Nine", "discount_percent": "x"},
        {"number": "10", "name": "Ten"},
        {"number": "11", "name": "Eleven", "discount_percent": "=y"},
    ]
    wanted = {"deletes": True, "max_delete_share": Decimal(50), "comment": "a list", **asked}
    both = handler({"vendors": records, "brands": [{"name": "Salt"}]}, Vendors, Brands)
    return run(both, Asked(**wanted), {"poser": engine})  # type: ignore[arg-type]


@pytest.fixture
def done(engines: dict[str, Engine]) -> RunResult:
    """Make a run that did something of everything."""
    return mixed(engines["poser"])


def test_a_run_shows_what_changed_old_and_new(admin: Browser, done: RunResult) -> None:
    assert admin.get(f"/imports/{done.run_id}").status_code == 200
    assert f"Run {done.number} of test" in admin.text
    assert "Acme <b>Ltd</b>" in admin.text
    assert "<del><span" in admin.text
    assert "Kept aside 2" in admin.text
    assert "Changes 6" in admin.text
    admin.get(f"/imports/{done.run_id}?kind=delete")
    assert "Acme" not in admin.text
    assert ">deleted</span>" in admin.text


def test_values_of_a_run_are_never_markup(admin: Browser, done: RunResult) -> None:
    raw = admin.get(f"/imports/{done.run_id}").text
    assert "Acme &lt;b&gt;Ltd" in raw
    assert "<b>Ltd" not in raw


def test_what_was_kept_aside_says_where_and_why(admin: Browser, done: RunResult) -> None:
    admin.get(f"/imports/{done.run_id}?show=aside")
    assert ">Discount, percent<" in admin.text
    assert "discount_percent" not in admin.text
    assert ">5<" in admin.text  # the line


def test_fields_of_a_run_have_the_words_of_their_form(
    admin: Browser, engines: dict[str, Engine]
) -> None:
    records = [{"number": "1", "name": "Acme", "discount_percent": "2.50"}]
    made = run(handler({"vendors": records}, Vendors), Asked(), {"poser": engines["poser"]})
    admin.get(f"/imports/{made.run_id}")
    assert "<dt>Discount, percent</dt>" in admin.text
    assert "</span> 2.5 %</ins>" in admin.text
    assert "<dt>Archived</dt>" in admin.text
    assert "</span> no</ins>" in admin.text
    assert "is_archived" not in admin.text


def test_fields_that_one_may_not_see_are_in_no_run(
    admin: Browser, app: Wsgi, poser: Writer, done: RunResult, site: Site
) -> None:
    secret = {"name": Permission("x.see", "x"), "discount_percent": Permission("x.see", "x")}
    resources = site.resources
    resources["vendors"] = replace(resources["vendors"], guarded=secret)
    poser(add_person, "cleo", "imports.view", "imports.export", "vendors.view")
    cleo = Browser(app)
    cleo.sign_in("cleo")
    page, files = f"/imports/{done.run_id}", ("changes.csv", "kept-aside.csv")
    cleo.get(page)
    assert "60 days" in cleo.text
    assert "Better" not in cleo.text
    for name, word in zip(files, ("Better", "=y"), strict=True):
        assert word not in cleo.get(f"{page}/{name}").text
    assert "=y" not in cleo.get(f"{page}?show=aside").text
    assert "Better" in admin.get(f"{page}/{files[0]}").text
    assert "Better" in admin.get(page).text


@pytest.mark.parametrize("asked", [{}, {"dry_run": True}, {"make_batch": True}])
@pytest.mark.parametrize("more", [(), ("vendors.view",)])
def test_what_one_may_not_see_elsewhere_is_in_no_run(
    admin: Browser, poser: Writer, site: Site, more: tuple[str, ...], asked: dict[str, object]
) -> None:
    done = mixed(site.engines["poser"], **asked)
    if more:  # may see vendors, but for some rows
        site.resources["vendors"] = replace(
            site.resources["vendors"], scopes=lambda _visitor: [Vendor.name != "Better"]
        )
    poser(add_person, "cleo", "imports.view", "imports.export", *more)
    cleo = Browser(admin.app)
    cleo.sign_in("cleo")
    page = f"/imports/{done.run_id}"
    for path in ("", "?show=aside", "/changes.csv", "/kept-aside.csv"):
        assert cleo.get(page + path).status_code == 200
        for word in ("60 days", "Better", "=y"):
            assert word not in cleo.text, path
    assert asked.get("make_batch") or "60 days" in admin.get(page).text


def test_a_run_is_found_by_its_number(admin: Browser, done: RunResult) -> None:
    result = admin.get(f"/runs/{done.number}")
    assert result.headers["location"] == f"/imports/{done.run_id}"
    assert admin.get("/runs/999999").status_code == 404


def test_the_list_counts_changes_of_each_run(admin: Browser, done: RunResult) -> None:
    assert admin.get("/imports").status_code == 200
    assert f'href="/imports/{done.run_id}"' in admin.text
    assert "a list" in admin.text


def test_pages_of_changes_go_on_where_the_last_one_ended(
    admin: Browser, engines: dict[str, Engine]
) -> None:
    names = [f"V{n:03}" for n in range(120)]
    many = run(handler({"vendors": vendors(*names)}, Vendors), Asked(), {"poser": engines["poser"]})
    path, seen = f"/imports/{many.run_id}", list[str]()
    while path:
        admin.get(path)
        seen += re.findall(r"</span> (V\d{3})</ins>", admin.text)
        found = re.search(r'rel="next" href="([^"]+)"', admin.text)
        path = found[1] if found else ""
    assert len(set(seen)) == len(seen) == 120


def test_a_bad_place_in_a_run_is_a_bad_request(admin: Browser, done: RunResult) -> None:
    assert admin.get(f"/imports/{done.run_id}?after=nonsense").status_code == 400


def test_files_of_a_run_have_every_field_and_no_formulas(admin: Browser, done: RunResult) -> None:
    result = admin.get(f"/imports/{done.run_id}/changes.csv")
    lines = list(csv.reader(io.StringIO(result.content.decode("utf-8-sig"))))
    assert lines[0] == ["model", "what", "key", "field", "old", "new"]
    assert ["Vendor", "update", "2", "name", "Best", "Better"] in lines
    assert any(line[-1] == "'=Eight" for line in lines)
    result = admin.get(f"/imports/{done.run_id}/kept-aside.csv")
    lines = list(csv.reader(io.StringIO(result.content.decode("utf-8-sig"))))
    assert [line[3] for line in lines[1:]] == ["x", "'=y"]


def test_a_run_that_was_taken_back_names_the_run_that_did(
    admin: Browser, done: RunResult, engines: dict[str, Engine]
) -> None:
    back = revert(done.number, {"poser": engines["poser"]})
    admin.get(f"/imports/{done.run_id}")
    assert f"Run {back.number} took it back" in admin.text
    admin.get(f"/imports/{back.run_id}")
    assert f"It took back run {done.number}" in admin.text


def test_runs_are_for_those_who_may_see_them(sam: Browser, shop: Shop) -> None:
    result = mixed(shop.site.engines["poser"], dry_run=True)
    for path in ("", "/changes.csv", "/kept-aside.csv"):
        assert sam.get(f"/imports/{result.run_id}{path}").status_code == 403
    assert sam.get(f"/runs/{result.number}").status_code == 403


def test_the_mail_of_warnings_mode_leads_to_the_run(
    admin: Browser, engines: dict[str, Engine]
) -> None:
    result = mixed(engines["poser"], warnings=True)
    with transaction(engines["poser"], read_only=True) as session:
        mail = session.scalars(select(Email).where(Email.key == IMPORT_CHANGES.key)).one()
        values = given(mail.data)
    config = load([], environment={"POSER_WEB_PUBLIC_URL": "https://store-1.example/"})
    html = Renderer(config).render(email_types(())[IMPORT_CHANGES.key], "s", [values])
    link = f"https://store-1.example/runs/{result.number}"
    assert f'href="{link}"' in html.html
    assert link in html.text
    found = admin.follow(link.removeprefix("https://store-1.example"))
    assert found.status_code == 200
    assert f"Run {result.number} of test" in admin.text


def test_a_node_without_pages_for_people_sends_no_link() -> None:
    renderer = Renderer(load([], environment={}))
    html = renderer.render(email_types(())[IMPORT_CHANGES.key], "s", [IMPORT_CHANGES.sample])
    assert "/runs/" not in html.html
    assert "poser import show 12" in html.text
    failed = email_types(())["import_failed"]
    values = {**failed.type.sample, "run": None, "at_time": datetime.now(UTC)}
    public = load([], environment={"POSER_WEB_PUBLIC_URL": "https://store-1.example"})
    assert "/runs/" not in Renderer(public).render(failed, "s", [values]).html


def test_the_form_says_what_one_may_not_change_by_an_import(app: Wsgi, poser: Writer) -> None:
    said = "These ask for permissions that you have not"
    for name, *more in (("ann", "costs.edit"), ("bob",)):
        poser(add_person, name, "imports.view", "imports.start_csv", *more)
        browser = Browser(app)
        browser.sign_in(name)
        assert browser.get("/imports/start/csv").status_code == 200
        assert (said in browser.text) == (name == "bob")
    assert "Change what goods cost" in browser.text
