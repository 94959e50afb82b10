# SPDX-License-Identifier: Apache-2.0
"""Batches in the browser: reviewed, changed, executed once, frozen afterwards."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from poser.batch.executing import execute
from poser.batch.found import batch_type
from poser.db import transaction
from poser.importing.asked import Asked
from poser.importing.running import run
from poser.model import Batch, BatchRow, BatchStatus, Vendor, VendorItem
from poser.model.tasks import Task
from tests.support.importers import Vendors, vendors
from tests.support.importing import handler
from tests.web.conftest import Browser, Writer
from tests.web.factories import add_person, add_product
from web.app import Wsgi
from web.permissions import Permission
from web.site import Site

pytestmark = pytest.mark.postgresql


@pytest.fixture
def made(engines: dict[str, Engine]) -> str:
    """Make a batch that adds one vendor, changes one and deletes one; give its address."""
    database = {"poser": engines["poser"]}
    run(handler({"vendors": vendors("Acme", "Best")}, Vendors), Asked(), database)
    records = [
        {"number": "1", "name": "Acme <i>Ltd</i>", "terms": ""},
        {"number": "8", "name": "Eight", "terms": ""},
    ]
    asked = Asked(make_batch=True, deletes=True, max_delete_share=60)  # type: ignore[arg-type]
    result = run(handler({"vendors": records}, Vendors), asked, database)
    return f"/batches/{result.batches[0]}"


def press(browser: Browser, path: str, button: str, **fields: str) -> int:
    """Press a button of a page, with what its form has."""
    browser.get(path)
    return browser.post(f"{path}/{button}", {"csrf": browser.token(), **fields}).status_code


def row(engine: Engine, status: str) -> BatchRow:
    with transaction(engine, read_only=True) as session:
        found = session.scalars(select(BatchRow).where(BatchRow.status == status)).one()
        session.expunge(found)
        return found


def test_a_batch_says_in_one_sentence_what_it_will_do(admin: Browser, made: str) -> None:
    admin.get(made)
    assert "Add 1, change 1, delete 1." in admin.text
    for tab in ("All 3", "New 1", "Changed 1", "Deleted 1", "Problems 1"):
        assert f">{tab}</a>" in admin.text
    # What somebody should look at comes first: the deletion.
    assert ">Best<" in admin.text.replace("</b>", "<") or "Best" in admin.text
    assert "Eight" not in admin.text
    admin.get(f"{made}?show=create")
    assert "Eight" in admin.text
    raw = admin.get(f"{made}?show=update").text
    assert "Acme &lt;i&gt;Ltd" in raw
    assert "<i>Ltd" not in raw


def test_a_row_is_taken_out_and_put_back(
    admin: Browser, made: str, engines: dict[str, Engine]
) -> None:
    number = row(engines["poser"], "delete").number
    assert press(admin, made, f"rows/{number}/out") == 303
    admin.get(made)
    assert "Add 1, change 1. 1 taken out." in admin.text
    assert press(admin, made, f"rows/{number}/back", show="out") == 303
    admin.get(made)
    assert "delete 1." in admin.text


def test_a_row_is_changed_unless_somebody_else_did(
    admin: Browser, made: str, engines: dict[str, Engine]
) -> None:
    one = row(engines["poser"], "create")
    path = f"{made}/rows/{one.number}"
    admin.get(path)
    token = admin.token()
    fields = {"csrf": token, "edits": str(one.edits), "f.name": "Eighty"}
    assert admin.post(path, fields).status_code == 303
    assert row(engines["poser"], "create").data["name"] == "Eighty"
    result = admin.post(path, fields | {"f.name": "Other"})
    assert result.status_code == 409
    assert "changed meanwhile" in admin.text
    assert 'value="Other"' in admin.text  # what was typed is kept
    assert row(engines["poser"], "create").data["name"] == "Eighty"


def test_a_row_has_the_words_of_its_form_and_no_field_that_one_may_not_write(
    site: Site, app: Wsgi, poser: Writer, made: str, engines: dict[str, Engine]
) -> None:
    terms = {"terms": Permission("x.edit", "x")}
    site.resources["vendors"] = replace(site.resources["vendors"], guarded_edit=terms)
    poser(add_person, "cleo", "batches.view", "batches.edit", "vendors.view")
    cleo = Browser(app)
    cleo.sign_in("cleo")
    cleo.get(f"{made}?show=create")
    assert "<dt>Name</dt>" in cleo.text
    one = row(engines["poser"], "create")
    path = f"{made}/rows/{one.number}"
    cleo.get(path)
    assert 'name="f.name"' in cleo.text
    assert 'name="f.terms"' not in cleo.text
    sent = {"csrf": cleo.token(), "edits": str(one.edits), "f.name": "X", "f.terms": "gift"}
    assert cleo.post(path, sent).status_code == 409
    assert row(engines["poser"], "create").data["name"] == "Eight"


def test_what_a_field_cannot_be_is_said_and_kept(
    admin: Browser, made: str, engines: dict[str, Engine]
) -> None:
    one = row(engines["poser"], "create")
    path = f"{made}/rows/{one.number}"
    admin.get(path)
    fields = {"csrf": admin.token(), "edits": str(one.edits), "f.discount_percent": "much"}
    assert admin.post(path, fields).status_code == 409
    assert 'value="much"' in admin.text


def test_a_batch_is_executed_once_by_a_task_and_then_frozen(
    admin: Browser, made: str, engines: dict[str, Engine]
) -> None:
    assert press(admin, made, "execute") == 303
    with transaction(engines["poser"], read_only=True) as session:
        task = session.scalars(select(Task)).one()
        batch = session.scalars(select(Batch)).one()
        assert (task.kind, task.params["batch"]) == ("batch_execute", batch.number)
        assert task.params["path"] == made
        assert batch.status == BatchStatus.COMPLETE  # its rows stay as they are from here on
    admin.get(made)
    assert f"/tasks/{task.id}" in admin.text
    assert "Take out" not in admin.text
    execute(engines["poser"], batch_type("importer"), batch.number)
    admin.get(made)
    assert "executed" in admin.text
    for word in ("1 created", "1 updated", "1 deleted"):
        assert word in admin.text
    with transaction(engines["poser"], read_only=True) as session:
        assert set(session.scalars(select(Vendor.name))) == {"Acme <i>Ltd</i>", "Eight"}
    # A second press of a page that is still open somewhere executes nothing.
    assert press(admin, made, "execute") == 303
    admin.get(made)
    with transaction(engines["poser"], read_only=True) as session:
        assert len(session.scalars(select(Task)).all()) == 2
        assert session.scalars(select(Batch.status)).one() == BatchStatus.EXECUTED


def test_a_page_that_is_old_executes_nothing(
    admin: Browser, made: str, engines: dict[str, Engine]
) -> None:
    number = row(engines["poser"], "delete").number
    admin.get(made)
    token = admin.token()
    press(admin, made, f"rows/{number}/out")
    result = admin.post(f"{made}/execute", {"csrf": token, "edits": "0"})
    assert result.status_code == 303
    with transaction(engines["poser"], read_only=True) as session:
        assert session.scalars(select(Task)).all() == []
    admin.get(made)
    assert "changed meanwhile" in admin.text


def test_buttons_are_for_who_may(app: Wsgi, poser: Writer, made: str) -> None:
    poser(add_person, "cleo", "batches.view", "batches.edit")
    cleo = Browser(app)
    cleo.sign_in("cleo")
    cleo.get(made)
    assert "Take out" in cleo.text
    assert f'action="{made}/execute"' not in cleo.text
    assert press(cleo, made, "execute") == 403
    assert press(cleo, made, "delete") == 403


def test_a_batch_is_deleted(admin: Browser, made: str, engines: dict[str, Engine]) -> None:
    admin.get(made)
    result = admin.post(f"{made}/delete", {"csrf": admin.token()})
    assert result.headers["location"] == "/batches"
    assert admin.get(made).status_code == 404
    with transaction(engines["poser"], read_only=True) as session:
        assert session.scalars(select(Batch)).all() == []


def test_a_batch_says_what_its_import_kept_aside(
    admin: Browser, made: str, engines: dict[str, Engine], poser: Writer
) -> None:
    said = "kept aside by the import and is not among these rows"
    assert said not in admin.get(made).text
    poser(add_vendor_item)
    asked = Asked(make_batch=True, deletes=True, max_delete_share=100)  # type: ignore[arg-type]
    some = handler({"vendors": vendors("Acme")}, Vendors)
    result = run(some, asked, {"poser": engines["poser"]})
    assert not result.batches, "the only deletion is of what is still needed"
    more = handler({"vendors": [*vendors("Acme"), {"number": "9", "name": "Nine"}]}, Vendors)
    result = run(more, asked, {"poser": engines["poser"]})
    page = admin.get(f"/batches/{result.batches[0]}").text
    assert f"1 record was {said}" in page
    assert f"/runs/{result.number}" in page
    aside = admin.get(f"/imports/{result.run_id}/kept-aside.csv").text
    assert "still used by vendor items" in aside


def add_vendor_item(session: Session) -> None:
    vendor = session.scalars(select(Vendor).where(Vendor.number == "2")).one()
    product = add_product(session)
    session.flush()
    session.add(VendorItem(vendor_id=vendor.id, product_id=product.id))
