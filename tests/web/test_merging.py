# SPDX-License-Identifier: Apache-2.0
"""Merging two records into one: looked at first, then done."""

from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from poser.model import Person, Vendor, VendorContact
from tests.web.conftest import Browser, Writer
from tests.web.filling import add_vendor, count_of, press, vendor_of

OK, SEE_OTHER, BAD, NOT_FOUND, CONFLICT = 200, 303, 400, 404, 409


@pytest.fixture
def pair(poser: Writer) -> tuple[UUID, UUID]:
    """Add a vendor twice; the second one knows the terms."""
    return (
        poser(add_vendor, "UNFI", name="United Natural"),
        poser(add_vendor, "UNFI-2", name="United Natural Foods", terms="net 30"),
    )


def add_contact(session: Session, /, vendor: UUID, name: str) -> UUID:
    found = session.scalars(select(Person).where(Person.display_name == name)).first()
    person = found or Person(display_name=name)
    session.add(person)
    session.flush()
    session.add(VendorContact(vendor_id=vendor, person_id=person.id))
    return person.id


def test_the_preview_changes_nothing(
    admin: Browser, poser: Writer, pair: tuple[UUID, UUID]
) -> None:
    keep, gone = pair
    poser(add_contact, gone, "Kim Lee")
    before = poser(count_of, "versions")
    admin.get(f"/vendors/{keep}/merge?q=natural")
    assert "UNFI-2 United Natural Foods" in admin.text
    assert f'value="{keep}"' not in admin.text, "not with itself"
    assert press(admin, f"/vendors/{keep}/merge", **{"with": str(gone)}) == OK
    assert "United Natural Foods" in admin.text
    assert "<b>1</b>" in admin.text, "one row refers to the other"
    assert "cannot be merged" not in admin.text
    assert poser(count_of, "versions") == before
    assert poser(count_of, "vendors") == 2


def test_what_referred_to_one_refers_to_the_other(
    admin: Browser, poser: Writer, pair: tuple[UUID, UUID]
) -> None:
    keep, gone = pair
    person = poser(add_contact, gone, "Kim Lee")
    sent = {"with": str(gone), "seen": "1", "take.terms": "other", "take.number": "other"}
    assert press(admin, f"/vendors/{keep}/merge", **sent) == SEE_OTHER
    found = poser(vendor_of, keep)
    assert found is not None
    assert (found.number, found.name, found.terms) == ("UNFI-2", "United Natural", "net 30")
    assert poser(vendor_of, gone) is None
    contacts = poser(
        lambda s: s.execute(select(VendorContact.vendor_id, VendorContact.person_id)).all()
    )
    assert [tuple(row) for row in contacts] == [(keep, person)]
    admin.get(f"/vendors/{keep}")
    assert "Merged: United Natural Foods is now United Natural" in admin.text


def test_what_cannot_be_merged_is_said_before_and_not_done(
    admin: Browser, poser: Writer, pair: tuple[UUID, UUID]
) -> None:
    keep, gone = pair
    poser(add_contact, keep, "Kim Lee")
    poser(add_contact, gone, "Kim Lee")
    assert press(admin, f"/vendors/{keep}/merge", **{"with": str(gone)}) == OK
    assert "They cannot be merged like this" in admin.text
    assert "there is one already" in admin.text
    sent = {"with": str(gone), "seen": "1"}
    assert press(admin, f"/vendors/{keep}/merge", **sent) == CONFLICT
    assert poser(count_of, "vendors") == 2
    assert poser(count_of, "vendor_contacts") == 2


@pytest.mark.parametrize("other", ["", "x", "self", "01890a5d-ac96-774b-bcce-b302099a8057"])
def test_only_another_record_can_be_merged(
    admin: Browser, poser: Writer, pair: tuple[UUID, UUID], other: str
) -> None:
    keep, _gone = pair
    wanted = str(keep) if other == "self" else other
    for seen in ("", "1"):
        sent = {"with": wanted, "seen": seen}
        assert press(admin, f"/vendors/{keep}/merge", **sent) in {BAD, NOT_FOUND}
    assert poser(count_of, "vendors") == 2
    assert poser(lambda s: s.scalars(select(Vendor.number)).all())
