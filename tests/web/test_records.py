# SPDX-License-Identifier: Apache-2.0
"""Pages of records: shown, added, changed, deleted, brought back, merged."""

from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from poser.model import Person, Vendor, VendorContact
from tests.web.conftest import Browser, Writer
from tests.web.factories import add_person
from tests.web.filling import add_vendor, count_of, fields_of, press, send, vendor_of
from web.app import Wsgi

OK, SEE_OTHER, FORBIDDEN, NOT_FOUND, CONFLICT, UNFIT = 200, 303, 403, 404, 409, 422


@pytest.fixture
def vendor(poser: Writer) -> UUID:
    """Add a vendor with terms."""
    return poser(add_vendor, terms="net 30", discount_percent="2.50000")


def test_a_record_is_added_and_shown(admin: Browser, poser: Writer) -> None:
    changes = {"number": "FRON", "name": "Frontier <Co-op>", "discount_percent": "1.234,5"}
    assert send(admin, "/vendors/new", {**changes, "discount_percent": "12,5"}) == SEE_OTHER
    key = poser(lambda s: s.scalars(select(Vendor.id)).one())
    admin.get(f"/vendors/{key}")
    assert "Frontier <Co-op>" in admin.text
    assert "12.5 %" in admin.text
    assert "Added: vendor" in admin.text


def test_only_what_was_changed_is_written(admin: Browser, poser: Writer, vendor: UUID) -> None:
    assert send(admin, f"/vendors/{vendor}/edit", {"terms": "net 60"}) == SEE_OTHER
    last = text("SELECT akeys(new) FROM versions ORDER BY at DESC LIMIT 1")
    names = poser(lambda s: list(s.execute(last).scalar_one()))
    assert set(names) == {"terms", "modified_at"}
    admin.get(f"/vendors/{vendor}")
    assert "Saved: Terms" in admin.text


def test_a_form_that_changes_nothing_writes_nothing(
    admin: Browser, poser: Writer, vendor: UUID
) -> None:
    before = poser(count_of, "versions")
    assert send(admin, f"/vendors/{vendor}/edit", {"discount_percent": "2.5"}) == SEE_OTHER
    assert poser(count_of, "versions") == before
    admin.get("/vendors")
    assert "Nothing was changed" in admin.text


def test_values_stay_when_something_is_wrong(admin: Browser, poser: Writer, vendor: UUID) -> None:
    poser(add_vendor, "KEHE", name="KeHE")
    status = send(admin, f"/vendors/{vendor}/edit", {"discount_percent": "1,234", "terms": "net 9"})
    assert status == UNFIT
    assert 'value="1,234"' in admin.text
    assert 'value="net 9"' in admin.text
    assert "different countries" in admin.text
    assert 'id="p-discount_percent"' in admin.text
    status = send(admin, f"/vendors/{vendor}/edit", {"number": "KEHE", "terms": "net 9"})
    assert status == UNFIT
    assert "there is one already with number KEHE" in admin.text
    assert 'id="p-number"' in admin.text
    assert send(admin, f"/vendors/{vendor}/edit", {"discount_percent": "200"}) == UNFIT
    assert "A discount is between 0 and 100 percent; not 200" in admin.text
    assert poser(vendor_of, vendor).terms == "net 30"  # type: ignore[union-attr]


def test_what_somebody_else_changed_is_chosen_field_by_field(
    admin: Browser, app: Wsgi, poser: Writer, vendor: UUID
) -> None:
    poser(add_person, "bob", admin=True)
    bob = Browser(app)
    bob.sign_in("bob")
    path = f"/vendors/{vendor}/edit"
    mine = fields_of(admin.get(path).text)
    assert send(bob, path, {"terms": "net 10", "name": "UNFI Inc"}) == SEE_OTHER
    # Another field is no conflict, and what bob wrote stays.
    assert admin.post(path, {**mine, "abbreviation": "UN"}).status_code == SEE_OTHER
    found = poser(vendor_of, vendor)
    assert found is not None
    assert (found.terms, found.abbreviation) == ("net 10", "UN")
    # The same field is one.
    answer = admin.post(path, {**mine, "terms": "net 90", "name": "Natural"})
    assert answer.status_code == CONFLICT
    assert "Somebody else changed this record" in admin.text
    assert "net 10" in admin.text
    assert "bob at" in admin.text
    assert poser(vendor_of, vendor).terms == "net 10"  # type: ignore[union-attr]
    again = {**fields_of(answer.text), "keep.terms": "theirs", "keep.name": "mine"}
    assert again["terms"] == "net 90"
    assert admin.post(path, again).status_code == SEE_OTHER
    found = poser(vendor_of, vendor)
    assert found is not None
    assert (found.terms, found.name) == ("net 10", "Natural")


def test_a_record_deleted_meanwhile_keeps_what_was_typed(
    admin: Browser, poser: Writer, vendor: UUID
) -> None:
    mine = fields_of(admin.get(f"/vendors/{vendor}/edit").text)
    poser(lambda s: s.delete(s.get(Vendor, vendor)))
    admin.post(f"/vendors/{vendor}/edit", {**mine, "terms": "net 77"})
    assert "deleted meanwhile" in admin.text
    assert 'value="net 77"' in admin.text


def test_a_deleted_record_comes_back_with_what_went_along(
    admin: Browser, poser: Writer, vendor: UUID
) -> None:
    def add_contact(session: Session) -> UUID:
        person = Person(display_name="Kim Lee")
        session.add(person)
        session.flush()
        session.add(VendorContact(vendor_id=vendor, person_id=person.id))
        return person.id

    poser(add_contact)
    assert press(admin, f"/vendors/{vendor}/delete") == SEE_OTHER
    assert poser(vendor_of, vendor) is None
    admin.get("/vendors")
    assert "Deleted: United Natural" in admin.text
    assert 'href="/vendors/deleted"' in admin.text
    assert f'action="/vendors/deleted/{vendor}"' in admin.text, "an undo button"
    admin.get("/vendors/deleted")
    assert "United Natural" in admin.text
    admin.get("/vendors/deleted?q=nothing-like-it")
    assert "United Natural" not in admin.text
    assert press(admin, f"/vendors/deleted/{vendor}") == SEE_OTHER
    assert poser(vendor_of, vendor) is not None
    assert poser(lambda s: s.scalars(select(VendorContact.vendor_id)).all()) == [vendor]
    assert press(admin, f"/vendors/deleted/{vendor}") == CONFLICT, "it is back already"


def test_what_no_history_would_have_is_not_deleted_without_asking(
    admin: Browser, poser: Writer, vendor: UUID
) -> None:
    poser(
        lambda s: s.execute(
            text(
                "INSERT INTO vendor_sample_files (vendor_id, kind, file_name, content)"
                " VALUES (:key, 'catalog', 'a.csv', 'x')"
            ),
            {"key": vendor},
        )
    )
    assert press(admin, f"/vendors/{vendor}/delete") == OK
    assert "cannot be taken back" in admin.text
    assert poser(vendor_of, vendor) is not None
    assert press(admin, f"/vendors/{vendor}/delete", sure="1") == SEE_OTHER
    assert poser(vendor_of, vendor) is None


def test_a_copy_leaves_out_what_no_two_may_share(
    admin: Browser, poser: Writer, vendor: UUID
) -> None:
    fields = fields_of(admin.get(f"/vendors/{vendor}/copy").text)
    assert (fields["number"], fields["terms"]) == ("", "net 30")
    assert send(admin, f"/vendors/{vendor}/copy", {"number": "UNFI2"}) == SEE_OTHER
    copied = poser(lambda s: s.scalars(select(Vendor).where(Vendor.number == "UNFI2")).one())
    assert (copied.name, copied.terms) == ("United Natural", "net 30")


def test_touching_captures_a_change(admin: Browser, poser: Writer, vendor: UUID) -> None:
    before = poser(count_of, "capture")
    assert press(admin, f"/vendors/{vendor}/touch") == SEE_OTHER
    after = poser(count_of, "capture")
    assert after == before + 1


def test_a_stranger_to_a_verb_has_no_button_and_no_page(
    app: Wsgi, poser: Writer, vendor: UUID
) -> None:
    poser(add_person, "vic", "vendors.view")
    vic = Browser(app)
    vic.sign_in("vic")
    page = vic.get(f"/vendors/{vendor}")
    assert page.status_code == OK
    assert "/edit" not in vic.text
    assert "/delete" not in vic.text
    for part in ("edit", "copy", "history", "merge"):
        assert vic.get(f"/vendors/{vendor}/{part}").status_code in {FORBIDDEN, NOT_FOUND}
    assert press(vic, f"/vendors/{vendor}/delete") == FORBIDDEN
    assert press(vic, f"/vendors/{vendor}/touch") == FORBIDDEN
    assert poser(vendor_of, vendor) is not None


def test_a_reference_is_chosen_by_code_or_from_a_list_without_a_script(
    admin: Browser, poser: Writer, vendor: UUID
) -> None:
    def add_people(session: Session) -> list[UUID]:
        people = [Person(display_name=f"{first} Lee") for first in ("Kim", "Kit", "Zoe")]
        session.add_all(people)
        session.flush()
        return [person.id for person in people]

    kim, kit, _zoe = poser(add_people)
    found = admin.get("/people/choose?q=zoe").json["matches"]
    assert len(found) == 1
    path = f"/vendor-contacts/new?vendor_id={vendor}&next=/vendors/{vendor}"
    assert send(admin, path, {"person_id": "lee"}) == UNFIT
    assert "Several match this" in admin.text
    assert f'value="{kit}"' in admin.text
    assert send(admin, path, {"person_id": "nobody at all"}) == UNFIT
    assert "Nothing matches this" in admin.text
    assert send(admin, path, {"person_id": "lee", "pick.person_id": str(kim)}) == SEE_OTHER
    assert poser(lambda s: s.scalars(select(VendorContact.person_id)).all()) == [kim]
    admin.get(f"/vendors/{vendor}")
    assert "Kim" in admin.text, "below the vendor"
