# SPDX-License-Identifier: Apache-2.0
"""What customers see and change of themselves, and that others' changes are not lost by it."""

import re
from collections.abc import Callable, Mapping

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from poser.model import (
    Customer as CustomerRow,
)
from poser.model import (
    Email,
    EmailAddress,
    HistoryTransaction,
    Person,
    Phone,
    PortalAccount,
    Store,
)
from tests.web.conftest import Writer
from tests.web.portal.conftest import OTHER_PASSWORD, PASSWORD, Customer, Join

Mails = Callable[[], list[Email]]


def fields_of(customer: Customer, form: str) -> dict[str, str]:
    """Read what the form of the open page says each field was."""
    part = customer.text.split(f'name="form" value="{form}"')[1].split("</form>")[0]
    was = dict(re.findall(r'name="(was\.\w+)" value="([^"]*)"', part))
    return {**was, **{name.removeprefix("was."): value for name, value in was.items()}}


def save(customer: Customer, form: str, **changes: str) -> int:
    customer.get("/details")
    fields = fields_of(customer, form) | changes
    sent = customer.post("/details", {"csrf": customer.token(), "form": form, **fields})
    return int(sent.status_code)


def row(session: Session) -> Mapping[str, object]:
    found = session.execute(
        select(
            Person.display_name,
            Person.language,
            CustomerRow.name,
            CustomerRow.home_store_id,
            CustomerRow.email_preference,
        ).join(CustomerRow, CustomerRow.holder_id == Person.id)
    ).one()
    return found._asdict()


def test_name_and_telephone_are_changed_for_the_retailer_too(join: Join, poser: Writer) -> None:
    ada = join("ada@example.com")
    assert save(ada, "who", family_name="Berg", phone="0217 555 0117") == 303
    assert poser(row)["name"] == poser(row)["display_name"] == "Ada Berg"
    assert poser(lambda s: list(s.scalars(select(Phone.number)))) == ["0217 555 0117"]
    assert save(ada, "who", phone="") == 303
    assert poser(lambda s: list(s.scalars(select(Phone.number)))) == []


def test_preferences_are_changed(join: Join, poser: Writer, store: Store) -> None:
    ada = join("ada@example.com", news="yes")
    assert save(ada, "wishes", home_store=str(store.id), language="de", news="") == 303
    found = poser(row)
    assert (found["home_store_id"], found["language"]) == (store.id, "de")
    assert found["email_preference"] == "none"
    assert save(ada, "wishes", home_store="") == 303
    assert poser(row)["home_store_id"] is None


def test_what_the_staff_changed_meanwhile_is_not_written_over(join: Join, poser: Writer) -> None:
    ada = join("ada@example.com")
    ada.get("/details")
    fields = fields_of(ada, "who")
    poser(lambda s: s.execute(update(Person).values(family_name="Cole")) and None)
    sent = {"csrf": ada.token(), "form": "who", **fields, "family_name": "Berg"}
    assert ada.post("/details", sent).status_code == 409
    assert "somebody changed this meanwhile; it is now: Cole" in ada.text
    assert poser(lambda s: s.scalars(select(Person.family_name)).one()) == "Cole"
    sent = {"csrf": ada.token(), "form": "who", **fields, "phone": "0217 555 0117"}
    assert ada.post("/details", sent).status_code == 303, "a field of its own is written"
    assert poser(lambda s: s.scalars(select(Person.family_name)).one()) == "Cole"


def test_what_cannot_be_kept_is_said_and_nothing_is_written(join: Join, poser: Writer) -> None:
    ada = join("ada@example.com")
    assert save(ada, "who", given_name=" ", phone="none") == 422
    assert "please fill this in" in ada.text
    assert "this is no telephone number" in ada.text
    assert save(ada, "wishes", home_store="00000000-0000-7000-8000-000000000000") == 422
    assert poser(row)["name"] == "Ada Ash"


def test_nobody_changes_anothers_details(join: Join, poser: Writer) -> None:
    ada, bob = join("ada@example.com"), join("bob@example.com", given_name="Bob")
    assert save(bob, "who", given_name="Evelina") == 303
    ada.get("/details")
    assert "Evelina" not in ada.text
    names = poser(lambda s: sorted(s.scalars(select(Person.given_name))))
    assert names == ["Ada", "Evelina"]


def test_changes_stand_in_the_history_with_who_made_them(join: Join, poser: Writer) -> None:
    ada = join("ada@example.com")
    save(ada, "who", family_name="Berg")
    via = poser(
        lambda s: list(s.execute(select(HistoryTransaction.via, HistoryTransaction.user_name)))
    )
    assert ("portal: POST /details", "ada@example.com") in [tuple(one) for one in via]


def test_another_address_holds_when_its_link_is_followed(
    join: Join, poser: Writer, mails: Mails
) -> None:
    ada = join("ada@example.com")
    asked = {"to": "/details/address", "address": "ada@new.example"}
    assert ada.send("/details", **asked, proof="wrong").status_code == 403
    assert ada.send("/details", **asked, proof=PASSWORD).status_code == 303
    link = mails()[-1]
    assert (link.key, link.recipients) == ("portal_address", ["ada@new.example"])
    assert Customer(ada.app).enter("ada@example.com").status_code == 303
    token = str(link.data["token"])
    assert ada.send(f"/new-address?token={token}", token=token).status_code == 303
    assert Customer(ada.app).enter("ada@new.example").status_code == 303
    assert poser(lambda s: list(s.scalars(select(EmailAddress.address)))) == ["ada@new.example"]
    told = mails()[-1]
    assert (told.key, told.recipients) == ("portal_changed", ["ada@example.com"])
    assert ada.get(f"/new-address?token={token}").status_code == 410


def test_an_address_that_has_an_account_cannot_be_taken(
    join: Join, poser: Writer, mails: Mails
) -> None:
    ada = join("ada@example.com")
    join("bob@example.com")
    asked = {"to": "/details/address", "address": "bob@example.com"}
    assert ada.send("/details", **asked, proof=PASSWORD).status_code == 303
    assert (mails()[-1].key, mails()[-1].recipients) == ("portal_known", ["bob@example.com"])
    addresses = poser(lambda s: sorted(s.scalars(select(PortalAccount.address))))
    assert addresses == ["ada@example.com", "bob@example.com"]


def test_nobody_has_mails_sent_without_end(join: Join, mails: Mails) -> None:
    ada = join("ada@example.com")
    before = len(mails())
    asked = {"to": "/details/address", "address": "victim@example.com", "proof": PASSWORD}
    answers = [ada.send("/details", **asked).status_code for _ in range(5)]
    assert answers == [303, 303, 303, 422, 422]
    assert len(mails()) == before + 3


def test_a_person_whom_the_staff_wrote_down_by_one_name_keeps_it(join: Join, poser: Writer) -> None:
    ada = join("ada@example.com")
    blank = {"given_name": "", "family_name": "", "display_name": "Ada"}
    poser(lambda s: s.execute(update(Person).values(**blank)) and None)
    assert save(ada, "who", family_name="Berg") == 303
    assert poser(row)["display_name"] == "Ada Berg"


def test_a_new_password_signs_all_other_devices_out(join: Join) -> None:
    ada = join("ada@example.com")
    phone = Customer(ada.app)
    phone.enter("ada@example.com")
    change = {"to": "/details/password", "password": OTHER_PASSWORD}
    assert ada.send("/details", **change, proof="wrong").status_code == 403
    assert phone.get("/details").status_code == 200
    assert (
        ada.send("/details", **{**change, "password": "short"}, proof=PASSWORD).status_code == 422
    )
    assert ada.send("/details", **change, proof=PASSWORD).status_code == 303
    assert ada.get("/details").status_code == 200
    assert phone.get("/details").status_code == 303
    assert phone.enter("ada@example.com", OTHER_PASSWORD).status_code == 303
