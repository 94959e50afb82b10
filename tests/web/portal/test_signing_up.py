# SPDX-License-Identifier: Apache-2.0
"""Signing up, confirming, and what somebody gets who signs up with another's address."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from poser.gtin import is_valid
from poser.model import (
    Customer as CustomerRow,
)
from poser.model import (
    CustomerPerson,
    Email,
    EmailAddress,
    Person,
    Phone,
    PortalAccount,
    PortalToken,
    Store,
)
from tests.web.conftest import Clock, Writer
from tests.web.portal.conftest import PASSWORD, Customer, Join
from web.wsgi import Wsgi

Mails = Callable[[], list[Email]]


def count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_nothing_is_a_customer_before_the_address_is_confirmed(
    guest: Customer, poser: Writer, mails: Mails, store: Store
) -> None:
    answer = guest.sign_up("Ada@Example.com", phone="+1 217 555 0117", home_store=str(store.id))
    assert answer.status_code == 200
    assert "A mail is on its way to Ada@Example.com." in guest.text
    for table in (CustomerRow, Person, Phone, EmailAddress):
        assert poser(count, table) == 0
    (mail,) = mails()
    assert (mail.key, mail.recipients) == ("portal_confirm", ["ada@example.com"])


def test_a_confirmed_customer_is_whole_for_the_staff(
    join: Join, poser: Writer, store: Store
) -> None:
    ada = join(
        "ada@example.com",
        phone="+1 217 555 0117",
        home_store=str(store.id),
        language="de",
        news="yes",
    )

    def look(session: Session) -> None:
        customer = session.scalars(select(CustomerRow)).one()
        person = session.scalars(select(Person)).one()
        assert (customer.name, customer.holder_id) == ("Ada Ash", person.id)
        assert customer.home_store_id == store.id
        assert customer.email_preference == "html"
        assert customer.is_active_at_till
        assert re.fullmatch(r"29\d{11}", customer.number or "")
        assert is_valid(customer.number or "")
        assert (person.display_name, person.language) == ("Ada Ash", "de")
        assert session.scalars(select(CustomerPerson.person_id)).one() == person.id
        assert session.scalars(select(EmailAddress.address)).one() == "ada@example.com"
        assert session.scalars(select(Phone.number)).one() == "+1 217 555 0117"
        account = session.scalars(select(PortalAccount)).one()
        assert account.asked == {}
        assert (account.password_hash or "").startswith("$argon2id$")

    poser(look)
    ada.get("/")
    assert "Hallo" in ada.text, "pages are in the language that was chosen"


def test_known_and_unknown_addresses_get_the_same_answer(
    join: Join, guest: Customer, mails: Mails
) -> None:
    join("ada@example.com")
    before = len(mails())
    said = []
    for address in ("ada@example.com", "bob@example.com"):
        answer = guest.sign_up(address)
        said.append((answer.status_code, guest.text.replace(address, "-")))
    strip = [re.sub(r'value="[0-9a-f]{96}"', "", text) for _, text in said]
    assert said[0][0] == said[1][0] == 200
    assert strip[0] == strip[1]
    assert [one.key for one in mails()[before:]] == ["portal_known", "portal_confirm"]


def test_who_signs_up_with_anothers_address_cannot_get_in(
    portal_app: Wsgi, guest: Customer, mails: Mails, poser: Writer
) -> None:
    guest.sign_up("ada@example.com", given_name="Mallory")
    stolen = str(mails()[-1].data["token"])
    Customer(portal_app).sign_up("ada@example.com")
    token = str(mails()[-1].data["token"])
    assert guest.get(f"/welcome?token={stolen}").status_code == 410
    ada = Customer(portal_app)
    assert ada.send(f"/welcome?token={token}", token=token, password=PASSWORD).status_code == 303
    assert poser(lambda session: session.scalars(select(Person.given_name)).one()) == "Ada"


def test_a_link_works_once_and_a_look_does_not_use_it_up(
    guest: Customer, mails: Mails, poser: Writer
) -> None:
    guest.sign_up("ada@example.com")
    token = str(mails()[-1].data["token"])
    for _ in range(2):
        assert guest.get(f"/welcome?token={token}").status_code == 200
    guest.send(f"/welcome?token={token}", token=token, password=PASSWORD)
    guest.cookies.clear()
    assert guest.get(f"/welcome?token={token}").status_code == 410
    guest.get("/sign-in")
    again = guest.post(
        "/welcome", {"csrf": guest.token(), "token": token, "password": "another password here"}
    )
    assert again.status_code == 410
    assert guest.enter("ada@example.com").status_code == 303
    assert poser(count, CustomerRow) == 1


def test_a_link_holds_for_two_days(guest: Customer, mails: Mails, clock: Clock) -> None:
    guest.sign_up("ada@example.com")
    token = str(mails()[-1].data["token"])
    clock.advance(hours=47, minutes=59)
    assert guest.get(f"/welcome?token={token}").status_code == 200
    clock.advance(minutes=2)
    assert guest.get(f"/welcome?token={token}").status_code == 410


@pytest.mark.parametrize("token", ["", "forged", "x" * 4000, "%00", "'; drop table people"])
def test_a_forged_link_leads_nowhere(guest: Customer, token: str) -> None:
    assert guest.get(f"/welcome?token={token}").status_code == 410
    assert "This link does not hold any more" in guest.text


def test_a_link_of_one_kind_is_none_of_another(guest: Customer, mails: Mails) -> None:
    guest.sign_up("ada@example.com")
    token = str(mails()[-1].data["token"])
    for page in ("/new-password", "/new-address"):
        assert guest.get(f"{page}?token={token}").status_code == 410
        guest.get("/sign-in")
        fields = {"csrf": guest.token(), "token": token, "password": PASSWORD}
        assert guest.post(page, fields).status_code == 410
    assert guest.get(f"/welcome?token={token}").status_code == 200


def test_tokens_are_kept_as_hashes(guest: Customer, mails: Mails, poser: Writer) -> None:
    guest.sign_up("ada@example.com")
    token = str(mails()[-1].data["token"])
    kept = poser(lambda session: session.scalars(select(PortalToken.token_sha256)).one())
    assert token.encode() not in kept
    assert len(kept) == 32


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"address": "no address"}, "this is no email address"),
        ({"address": "ada@example.com, bob@example.com"}, "this is no email address"),
        ({"address": "ada@example.com\nBcc: eve@example.com"}, "this is no email address"),
        ({"address": "Ada <ada@example.com>"}, "this is no email address"),
        ({"address": "root"}, "this is no email address"),
        ({"given_name": ""}, "please fill this in"),
        ({"family_name": "x" * 101}, "this is too long"),
        ({"phone": "call me"}, "this is no telephone number"),
        ({"home_store": "00000000-0000-7000-8000-000000000000"}, "there is no such store"),
        ({"home_store": "nonsense"}, "there is no such store"),
        ({"language": "tlh"}, "there is no such language here"),
        ({"agrees": ""}, "please agree, or we may keep nothing about you"),
    ],
)
def test_what_cannot_be_kept_is_said_beside_its_box(
    guest: Customer, poser: Writer, fields: dict[str, str], said: str
) -> None:
    answer = guest.sign_up(fields.pop("address", "ada@example.com"), **fields)
    assert answer.status_code == 422
    assert said in guest.text
    assert poser(count, PortalAccount) == 0


def test_an_address_gets_three_mails_an_hour(guest: Customer, mails: Mails, clock: Clock) -> None:
    for _ in range(5):
        assert guest.sign_up("ada@example.com").status_code == 200
    assert len(mails()) == 3
    clock.advance(minutes=61)
    guest.sign_up("ada@example.com")
    assert len(mails()) == 4


def test_a_network_has_mails_sent_to_thirty_addresses_an_hour(
    guest: Customer, mails: Mails
) -> None:
    for number in range(30):
        assert guest.sign_up(f"ada{number}@example.com").status_code == 200
    refused = guest.sign_up("bob@example.com")
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "3600"
    assert "Too many mails were asked for" in guest.text
    assert len(mails()) == 30


def add_known(session: Session) -> None:
    person = Person(display_name="Ada Ash", given_name="Ada", family_name="Ash")
    session.add(person)
    session.flush()
    customer = CustomerRow(number="00417", name="Ash household", holder_id=person.id)
    session.add(customer)
    session.flush()
    session.add(CustomerPerson(customer_id=customer.id, person_id=person.id))
    session.add(EmailAddress(person_id=person.id, address="Ada@Example.com"))


def test_card_and_address_together_open_the_customer_there_is(join: Join, poser: Writer) -> None:
    poser(add_known)
    ada = join("ada@example.com", card="00417")
    ada.get("/")
    assert "00417" in ada.text
    assert poser(count, CustomerRow) == 1


@pytest.mark.parametrize(
    ("address", "card"), [("ada@example.com", "417"), ("eve@example.com", "00417")]
)
def test_a_card_without_its_address_opens_nothing(
    join: Join, poser: Writer, address: str, card: str
) -> None:
    poser(add_known)
    stranger = join(address, card=card)
    stranger.get("/")
    assert "We do not know that card together with this email address" in stranger.text
    assert "00417" not in stranger.text
    assert poser(count, CustomerRow) == 2


def test_an_easy_password_is_refused_and_the_link_still_holds(
    guest: Customer, mails: Mails
) -> None:
    guest.sign_up("ada@example.com")
    token = str(mails()[-1].data["token"])
    for password in ("short", "password1234", "ada ash ada ash"):
        refused = guest.send(f"/welcome?token={token}", token=token, password=password)
        assert refused.status_code == 422
        assert 'role="alert"' in guest.text
    assert guest.send(f"/welcome?token={token}", token=token, password=PASSWORD).status_code == 303


def test_markup_in_names_stays_text(join: Join) -> None:
    ada = join("ada@example.com", given_name='<script>alert("x")</script>', family_name="<b>&amp;")
    raw = ada.get("/").text
    assert "&lt;script&gt;" in raw
    assert "<script" not in raw
    assert "<b>&amp;amp;" not in raw.replace("&lt;b&gt;", "")
