# SPDX-License-Identifier: Apache-2.0
"""The history tab: who changed what, as it was, and putting it back."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from poser.db import transaction
from poser.history.switching import switch
from poser.model import HistoryTransaction, Person, User, Vendor, VendorContact
from poser.model.history import Version
from tests.support.postgresql import Server
from tests.web.conftest import Browser, Writer
from tests.web.factories import add_person
from tests.web.filling import add_vendor, press, send, vendor_of
from web.app import Wsgi
from web.site import Site

OK, SEE_OTHER, FORBIDDEN, NOT_FOUND, CONFLICT = 200, 303, 403, 404, 409


@pytest.fixture
def vendor(poser: Writer) -> UUID:
    """Add a vendor with terms."""
    return poser(add_vendor, terms="net 30")


def last_transaction(session: Session) -> UUID:
    return session.scalars(
        select(HistoryTransaction.id).order_by(HistoryTransaction.id.desc()).limit(1)
    ).one()


def moments(session: Session, /, key: UUID) -> list[str]:
    found = session.scalars(select(Version.at).where(Version.row_id == key).order_by(Version.at))
    return [at.isoformat() for at in found]


def as_user(app: Wsgi, poser: Writer, name: str, *permissions: str) -> Browser:
    poser(add_person, name, *permissions)
    browser = Browser(app)
    assert browser.sign_in(name).status_code == SEE_OTHER
    return browser


def test_the_tab_says_who_changed_what_from_where(admin: Browser, vendor: UUID) -> None:
    assert send(admin, f"/vendors/{vendor}/edit", {"terms": "net <60>"}) == SEE_OTHER
    page = admin.get(f"/vendors/{vendor}/history").text
    assert '<del dir="auto">net 30</del>' in page
    assert '<ins dir="auto">net &lt;60&gt;</ins>' in page
    assert "ada" in admin.text
    assert "on a page: 192.0.2.7" in admin.text
    changed, added = admin.text.index("Changed</b>"), admin.text.index("Added</b>")
    assert changed < added, "the newest comes first"
    assert "Modified" not in re.sub(r"<time.*?</time>", "", page), "times of change are no news"


def test_one_field_goes_back_alone(admin: Browser, poser: Writer, vendor: UUID) -> None:
    path = f"/vendors/{vendor}"
    send(admin, f"{path}/edit", {"terms": "net 60", "name": "Natural"})
    moment = poser(moments, vendor)[-1]
    assert press(admin, f"{path}/history", moment=moment, field="terms") == SEE_OTHER
    found = poser(vendor_of, vendor)
    assert found is not None
    assert (found.terms, found.name) == ("net 30", "Natural")
    admin.get(path)
    assert "Put back: Terms" in admin.text


def test_a_record_becomes_again_what_it_was(admin: Browser, poser: Writer, vendor: UUID) -> None:
    path = f"/vendors/{vendor}"
    send(admin, f"{path}/edit", {"terms": "net 60", "name": "Natural"})
    first = poser(moments, vendor)[0]
    assert press(admin, f"{path}/history", moment=first) == SEE_OTHER
    found = poser(vendor_of, vendor)
    assert found is not None
    assert (found.terms, found.name) == ("net 30", "United Natural")


def test_a_record_is_shown_as_it_was(
    admin: Browser, poser: Writer, site: Site, vendor: UUID
) -> None:
    send(admin, f"/vendors/{vendor}/edit", {"terms": "net 60"})
    last = poser(lambda s: s.scalars(select(Version.at).order_by(Version.at.desc())).first())
    assert last is not None
    at = (last + timedelta(seconds=1)).astimezone(site.zone).strftime("%Y-%m-%dT%H:%M:%S")
    admin.get(f"/vendors/{vendor}/history?at={at}")
    assert "As it was at" in admin.text
    assert "net 60" in admin.text
    assert "net 30" not in admin.text
    admin.get(f"/vendors/{vendor}/history?at=2020-01-01T00:00")
    assert "There was no such record then" in admin.text
    admin.get(f"/vendors/{vendor}/history?at=yesterday")
    assert "is not a time" in admin.text


def test_a_deleted_record_has_its_history(admin: Browser, vendor: UUID) -> None:
    assert press(admin, f"/vendors/{vendor}/delete") == SEE_OTHER
    assert admin.get(f"/vendors/{vendor}").status_code == NOT_FOUND
    assert admin.get(f"/vendors/{vendor}/history").status_code == OK
    assert "This record is deleted" in admin.text
    assert f'action="/vendors/deleted/{vendor}"' in admin.text
    nothing = "01890a5d-ac96-774b-bcce-b302099a8057"
    assert admin.get(f"/vendors/{nothing}/history").status_code == NOT_FOUND


def test_what_was_changed_together_is_shown_and_taken_back(
    admin: Browser, poser: Writer, vendor: UUID
) -> None:
    def work(session: Session) -> None:
        person = Person(display_name="Kim Lee")
        session.add(person)
        session.flush()
        session.add(VendorContact(vendor_id=vendor, person_id=person.id, title="Sales"))
        found = session.get(Vendor, vendor)
        assert found is not None
        found.terms = "cash"

    poser(work)
    key = poser(last_transaction)
    admin.get(f"/history/{key}")
    for words in ("Kim Lee", "cash", "net 30", "Take all of it back"):
        assert words in admin.text
    assert press(admin, f"/history/{key}") == SEE_OTHER
    found = poser(vendor_of, vendor)
    assert found is not None
    assert found.terms == "net 30"
    assert poser(lambda s: s.scalars(select(Person.id)).all()) == []
    assert press(admin, f"/history/{key}") == CONFLICT, "it has changed since"


def test_a_transaction_shows_what_its_visitor_may_see_and_no_more(
    app: Wsgi, poser: Writer, vendor: UUID
) -> None:
    def work(session: Session) -> None:
        session.add(Person(display_name="Kim Lee"))
        found = session.get(Vendor, vendor)
        assert found is not None
        found.terms = "cash"

    poser(work)
    key = poser(last_transaction)
    vic = as_user(app, poser, "vic", "vendors.view", "vendors.edit", "vendors.history")
    vic.get(f"/history/{key}")
    assert "cash" in vic.text
    assert "Kim Lee" not in vic.text
    assert "not yours to see" in vic.text
    assert "Take all of it back" not in vic.text
    assert press(vic, f"/history/{key}") == FORBIDDEN
    eve = as_user(app, poser, "eve", "products.view")
    assert eve.get(f"/history/{key}").status_code == NOT_FOUND


def test_who_may_not_edit_puts_nothing_back(
    app: Wsgi, admin: Browser, poser: Writer, vendor: UUID
) -> None:
    send(admin, f"/vendors/{vendor}/edit", {"terms": "net 60"})
    key = poser(last_transaction)
    vic = as_user(app, poser, "vic", "vendors.view", "vendors.history")
    vic.get(f"/vendors/{vendor}/history")
    assert "net 60" in vic.text
    assert 'name="field"' not in vic.text
    moment = poser(moments, vendor)[-1]
    assert press(vic, f"/vendors/{vendor}/history", moment=moment, field="terms") == FORBIDDEN
    assert vic.get(f"/history/{key}").status_code == OK


def test_the_page_says_when_recording_is_off(
    admin: Browser, poser: Writer, postgresql: Server, vendor: UUID
) -> None:
    admin.get(f"/vendors/{vendor}/history")
    assert "Recording is off" not in admin.text
    owner = create_engine(postgresql.owner_url(poser.engine.url.database or ""))
    with transaction(owner) as session:
        switch(session, ["vendors"], history=False)
    owner.dispose()
    admin.get(f"/vendors/{vendor}/history")
    assert "Recording is off" in admin.text
    assert press(admin, f"/vendors/{vendor}/delete") == OK, "it asks first"
    assert poser(vendor_of, vendor) is not None


@pytest.mark.parametrize("moment", ["", "yesterday", "2026-01-01", "2026-01-01T00:00:00"])
def test_a_moment_that_is_none_changes_nothing(
    admin: Browser, poser: Writer, vendor: UUID, moment: str
) -> None:
    assert press(admin, f"/vendors/{vendor}/history", moment=moment, field="terms") == 400
    assert len(poser(moments, vendor)) == 1


def test_names_are_shown_where_the_history_has_ids(
    admin: Browser, poser: Writer, vendor: UUID
) -> None:
    def add_contact(session: Session) -> UUID:
        person = Person(display_name="Kim Lee")
        session.add(person)
        session.flush()
        contact = VendorContact(vendor_id=vendor, person_id=person.id)
        session.add(contact)
        session.flush()
        return contact.id

    contact = poser(add_contact)
    admin.get(f"/vendor-contacts/{contact}/history")
    assert "Kim Lee" in admin.text
    assert "UNFI United Natural" in admin.text
    assert poser(lambda s: s.scalars(select(User.name)).all())
