# SPDX-License-Identifier: Apache-2.0
"""The customer of an account: found by card and address together, or made whole and new."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from poser.errors import PoserError
from poser.gtin import with_check_digit
from poser.model import (
    Customer,
    CustomerPerson,
    EmailAddress,
    EmailPreference,
    Person,
    Phone,
    PortalAccount,
    Store,
)

CARD_PREFIX = "29"
"""Numbers that a retailer gives out itself, as EAN-13 (GS1 General Specifications, 2.1.11)."""

_RANDOM_DIGITS = 10
_TRIES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The customer and the person of an account; `is_known` if the retailer had them before."""

    customer_id: UUID
    person_id: UUID
    is_known: bool


def customer_for(session: Session, asked: Mapping[str, object], address: str) -> Found:
    """Find the customer whose card and address these are, or make one.

    The card alone is printed on every receipt, and an address alone may be one that somebody
    else typed wrongly: both together open a customer's purchases.
    """
    known = _known(session, str(asked.get("card", "")), address)
    if known is not None:
        return known
    person = Person(
        display_name=full_name(str(asked["given_name"]), str(asked["family_name"])),
        given_name=str(asked["given_name"]),
        family_name=str(asked["family_name"]),
        language=str(asked.get("language", "")),
    )
    session.add(person)
    session.flush()
    customer = Customer(
        number=new_number(session),
        name=person.display_name,
        holder_id=person.id,
        home_store_id=_store(session, str(asked.get("home_store_id", ""))),
        email_preference=preference(wants_news=bool(asked.get("wants_news"))),
    )
    session.add(customer)
    session.flush()
    session.add(CustomerPerson(customer_id=customer.id, person_id=person.id))
    session.add(EmailAddress(person_id=person.id, address=address))
    if asked.get("phone"):
        session.add(Phone(person_id=person.id, number=str(asked["phone"])))
    session.flush()
    return Found(customer_id=customer.id, person_id=person.id, is_known=False)


def full_name(given: str, family: str) -> str:
    """Write the name that others see."""
    return f"{given} {family}".strip()


def preference(*, wants_news: bool) -> EmailPreference:
    """Say how a customer is written to, who wants news or none."""
    return EmailPreference.HTML if wants_news else EmailPreference.NONE


def new_number(session: Session) -> str:
    """Make a number that no customer has: 13 digits that tills read as a barcode.

    It is drawn by lot, since other nodes give out numbers at the same time: two alike would
    take a million customers on each side to be likely once in ten thousand years.
    """
    for _ in range(_TRIES):
        body = CARD_PREFIX + "".join(secrets.choice("0123456789") for _ in range(_RANDOM_DIGITS))
        number = str(with_check_digit(body))
        if not session.scalar(select(exists().where(Customer.number == number))):
            return number
    raise PoserError("no number is left for a customer", hint="are there really so many?")


def _known(session: Session, card: str, address: str) -> Found | None:
    """Find an unarchived customer without an account who has this card and this address."""
    if not card:
        return None
    taken = exists().where(PortalAccount.customer_id == Customer.id)
    customer = session.scalars(
        select(Customer)
        .where(Customer.number == card, Customer.is_archived.is_(False), ~taken)
        .with_for_update(key_share=True)
    ).one_or_none()
    if customer is None:
        return None
    people = select(CustomerPerson.person_id).where(CustomerPerson.customer_id == customer.id)
    mine = (
        (EmailAddress.customer_id == customer.id)
        | (EmailAddress.person_id == customer.holder_id)
        | EmailAddress.person_id.in_(people)
    )
    found = session.scalars(
        select(EmailAddress)
        .where(func.lower(EmailAddress.address) == address, mine)
        .where(EmailAddress.is_invalid.is_(False))
        .order_by(EmailAddress.person_id.nulls_last(), EmailAddress.ordinal)
        .limit(1)
    ).one_or_none()
    person_id = (found.person_id or customer.holder_id) if found else None
    if person_id is None:
        return None
    return Found(customer_id=customer.id, person_id=person_id, is_known=True)


def _store(session: Session, key: str) -> UUID | None:
    """Give the id of a store that is still open; one may have closed since it was chosen."""
    return next((one.id for one in open_stores(session) if str(one.id) == key), None)


def open_stores(session: Session) -> list[Store]:
    """List the stores that can be a home store, by name."""
    wanted = select(Store).where(Store.is_archived.is_(False)).order_by(Store.name, Store.id)
    return list(session.scalars(wanted))
