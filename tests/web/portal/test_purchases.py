# SPDX-License-Identifier: Apache-2.0
"""One's own purchases, and nobody else's ever; memberships; taking data along, and leaving."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from poser.model import (
    Customer as CustomerRow,
)
from poser.model import (
    CustomerPerson,
    Email,
    EmailAddress,
    Member,
    Person,
    Phone,
    PortalAccount,
    PortalEvent,
    Product,
    Store,
)
from tests.web.conftest import Writer
from tests.web.factories import add_product, add_sale, add_tax
from tests.web.portal.conftest import PASSWORD, Join

Mails = Callable[[], list[Email]]


def number_of(session: Session, address: str) -> str:
    found = session.scalars(
        select(CustomerRow.number)
        .join(PortalAccount, PortalAccount.customer_id == CustomerRow.id)
        .where(PortalAccount.address == address)
    ).one()
    assert found
    return found


@pytest.fixture
def goods(poser: Writer) -> list[Product]:
    def add(session: Session) -> list[Product]:
        made = [add_product(session, description=f"Thing {n}") for n in range(3)]
        session.expunge_all()
        return made

    return poser(add)


def sell(session: Session, goods: list[Product], number: str, **more: object) -> str:
    return str(add_sale(session, goods, customer_number=number, **more).id)


def test_purchases_are_listed_by_month_with_their_receipts(
    join: Join, poser: Writer, trainwreck: Writer, goods: list[Product], store: Store
) -> None:
    ada = join("ada@example.com")
    number = poser(number_of, "ada@example.com")
    october = {
        "business_date": date(2026, 10, 3),
        "ended_at": datetime(2026, 10, 3, 17, tzinfo=UTC),
    }
    old = trainwreck(sell, goods[:1], number, **october)

    def with_tax(session: Session) -> str:
        sale = add_sale(session, goods, customer_number=number, total=8, subtotal=7.5)
        add_tax(session, sale, "0.50")
        return str(sale.id)

    new = trainwreck(with_tax)
    ada.get("/purchases")
    assert "November 2026" in ada.text
    assert f"/purchases/{new}" in ada.text
    assert f"/purchases/{old}" not in ada.text
    assert store.name in ada.text
    ada.get("/purchases?month=2026-10")
    assert f"/purchases/{old}" in ada.text
    ada.get(f"/purchases/{new}")
    for words in ("THING 0", "THING 2", "Sales tax", "0.50", "8.00 USD", "cash"):
        assert words in ada.text
    ada.get("/")
    assert f"/purchases/{new}" in ada.text


def test_nobody_elses_purchase_is_ever_shown(
    join: Join, poser: Writer, trainwreck: Writer, goods: list[Product]
) -> None:
    ada, bob = join("ada@example.com"), join("bob@example.com")
    mine = trainwreck(sell, goods, poser(number_of, "ada@example.com"))
    others = [
        trainwreck(sell, goods, poser(number_of, "bob@example.com")),
        trainwreck(sell, goods, ""),
        trainwreck(sell, goods, poser(number_of, "ada@example.com") + "0"),
    ]
    assert ada.get(f"/purchases/{mine}").status_code == 200
    assert bob.get(f"/purchases/{mine}").status_code == 404
    pages = [ada.get("/").text, ada.get("/purchases").text, ada.get("/my-data.json").text]
    for other in others:
        assert ada.get(f"/purchases/{other}").status_code == 404
        assert not any(other in page for page in pages)
    assert all(mine in page for page in pages)


def test_who_has_no_number_has_no_purchases(
    join: Join, poser: Writer, trainwreck: Writer, goods: list[Product]
) -> None:
    """Tills leave the number empty for everybody without a card."""
    ada = join("ada@example.com")
    sold = trainwreck(sell, goods, "")
    poser(lambda s: s.execute(update(CustomerRow).values(number=None)) and None)
    assert ada.get(f"/purchases/{sold}").status_code == 404
    assert sold not in ada.get("/purchases").text
    assert json.loads(ada.get("/my-data.json").text)["purchases"] == []


@pytest.mark.parametrize("what", ["is_void", "is_training", "is_suspended"])
def test_what_was_no_sale_is_no_purchase(
    join: Join, poser: Writer, trainwreck: Writer, goods: list[Product], what: str
) -> None:
    ada = join("ada@example.com")
    sold = trainwreck(sell, goods, poser(number_of, "ada@example.com"), **{what: True})
    assert ada.get(f"/purchases/{sold}").status_code == 404
    assert sold not in ada.get("/purchases").text


@pytest.mark.parametrize(
    "path",
    ["/purchases/1", "/purchases/' or 1=1", "/purchases?month=2026-13", "/purchases?month=x"],
)
def test_odd_addresses_lead_nowhere(join: Join, path: str) -> None:
    assert join("ada@example.com").get(path).status_code == 404


def test_a_membership_is_asked_for_and_waits_for_the_staff(
    join: Join, poser: Writer, household: str, mails: Mails
) -> None:
    ada = join("ada@example.com")
    ada.get("/membership")
    assert "Household" in ada.text
    assert "Worker" not in ada.text, "what is not offered online is for the staff to give"
    assert ada.send("/membership", kind=household).status_code == 303
    ada.get("/membership")
    assert "Requested" in ada.text

    def look(session: Session) -> None:
        member = session.scalars(select(Member)).one()
        assert (member.is_active, member.joined_on) == (False, None)
        assert member.membership_type_id == UUID(household)
        assert member.number == number_of(session, "ada@example.com")
        assert member.customer_id
        assert member.person_id
        assert member.equity_required == 200

    poser(look)
    assert (mails()[-1].key, mails()[-1].recipients) == ("portal_membership", None)
    again = ada.post("/membership", {"csrf": ada.token(), "kind": household})
    assert again.status_code == 409
    assert len(poser(lambda s: s.scalars(select(Member.id)).all())) == 1
    poser(
        lambda s: (
            s.execute(update(Member).values(is_active=True, joined_on=date(2026, 11, 1))) and None
        )
    )
    ada.get("/membership")
    assert "Active" in ada.text
    assert "2026-11-01" in ada.text


@pytest.mark.parametrize("kind", ["", "x", "00000000-0000-7000-8000-000000000000"])
def test_a_membership_that_is_not_offered_is_refused(join: Join, poser: Writer, kind: str) -> None:
    ada = join("ada@example.com")
    assert ada.send("/membership", kind=kind).status_code in {400, 409}
    assert poser(lambda s: s.scalars(select(Member.id)).all()) == []


def test_all_data_are_taken_along_and_no_secret(
    join: Join, poser: Writer, trainwreck: Writer, goods: list[Product]
) -> None:
    ada = join("ada@example.com", phone="0217 555 0117")
    trainwreck(sell, goods, poser(number_of, "ada@example.com"))
    answer = ada.get("/my-data.json")
    assert 'filename="my-data.json"' in answer.headers["content-disposition"]
    found = json.loads(answer.text)
    assert found["person"]["display_name"] == "Ada Ash"
    assert found["phones"][0]["number"] == "0217 555 0117"
    assert len(found["purchases"][0]["lines"]) == 3
    assert "argon2" not in answer.text


def test_leaving_erases_who_somebody_was(join: Join, poser: Writer) -> None:
    ada = join("ada@example.com", phone="0217 555 0117")
    assert ada.send("/leave", proof="wrong").status_code == 403
    assert ada.send("/leave", proof=PASSWORD).status_code == 303

    def look(session: Session) -> None:
        for table in (PortalAccount, PortalEvent, Phone, EmailAddress):
            assert session.scalars(select(table)).all() == []
        person, customer = (
            session.scalars(select(Person)).one(),
            session.scalars(select(CustomerRow)).one(),
        )
        assert (person.display_name, person.family_name) == ("Deleted customer", "")
        assert (customer.name, customer.number) == ("Deleted customer", None)
        assert person.is_archived
        assert customer.is_archived
        assert not customer.is_active_at_till

    poser(look)
    assert ada.get("/details").status_code == 303
    assert ada.enter("ada@example.com").status_code == 403


def test_leaving_as_a_member_leaves_the_rest_to_the_staff(
    join: Join, poser: Writer, household: str, mails: Mails
) -> None:
    ada = join("ada@example.com")
    ada.send("/membership", kind=household)
    assert ada.send("/leave", proof=PASSWORD).status_code == 303
    ada.get("/")
    assert "The store decides about the rest" in ada.text
    assert poser(lambda s: s.scalars(select(PortalAccount)).all()) == []
    assert poser(lambda s: s.scalars(select(Person.display_name)).one()) == "Ada Ash"
    assert mails()[-1].key == "portal_left"
    assert mails()[-1].data["why"] == "they are or were a member"


def test_who_shares_a_customer_does_not_erase_the_others(join: Join, poser: Writer) -> None:
    ada = join("ada@example.com")

    def share(session: Session) -> None:
        bob = Person(display_name="Bob Ash")
        session.add(bob)
        session.flush()
        customer = session.scalars(select(CustomerRow.id)).one()
        session.add(CustomerPerson(customer_id=customer, person_id=bob.id, ordinal=2))

    poser(share)
    ada.send("/leave", proof=PASSWORD)
    assert poser(lambda s: s.scalars(select(CustomerRow.name)).one()) == "Ada Ash"


def test_a_customer_who_is_deleted_takes_the_account_along(join: Join, poser: Writer) -> None:
    ada = join("ada@example.com")

    def delete(session: Session) -> None:
        session.delete(session.scalars(select(CustomerRow)).one())

    poser(delete)
    assert ada.get("/details").status_code == 303
