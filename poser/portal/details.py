# SPDX-License-Identifier: Apache-2.0
"""What customers see and change of themselves: name, telephone, home store, language, news.

Whoever writes says what each field was when they saw it. What the staff has changed meanwhile
is not written over.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from poser.errors import PoserError
from poser.model import (
    Customer,
    EmailAddress,
    EmailPreference,
    Person,
    Phone,
    PortalAccount,
)
from poser.portal.customers import full_name, open_stores, preference

LONGEST_NAME = 100
LONGEST_PHONE = 40
FEWEST_DIGITS = 5
YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Self:
    """The rows that say who somebody is."""

    account: PortalAccount
    customer: Customer
    person: Person
    phone: Phone | None

    def fields(self) -> dict[str, str]:
        """Give what can be changed, as forms have it."""
        home = self.customer.home_store_id
        wants_news = self.customer.email_preference != EmailPreference.NONE
        return {
            "given_name": self.person.given_name or self.person.display_name,
            "family_name": self.person.family_name,
            "phone": self.phone.number if self.phone else "",
            "home_store": str(home) if home else "",
            "language": self.person.language,
            "news": YES if wants_news else NO,
        }


class Unfit(PoserError, ValueError):  # noqa: N818 - reads as what it is
    """Fields that cannot be written so: `problems` says why, by the name of each."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("some fields cannot be written so", hint="put them right")
        self.problems = problems


class ChangedMeanwhile(PoserError):  # noqa: N818 - what happened
    """Somebody else changed fields that this writer wants to change, too: `now`, as they are."""

    def __init__(self, now: Mapping[str, str]) -> None:
        super().__init__(f"somebody changed {', '.join(now)} meanwhile", hint="look at it again")
        self.now = now


def read_self(session: Session, account_id: UUID, *, lock: bool = False) -> Self | None:
    """Read who somebody is; None when the customer is gone. With `lock` it stays so."""
    wanted = (
        select(PortalAccount, Customer, Person)
        .join(Customer, Customer.id == PortalAccount.customer_id)
        .join(Person, Person.id == PortalAccount.person_id)
        .where(PortalAccount.id == account_id)
    )
    row = session.execute(wanted.with_for_update() if lock else wanted).one_or_none()
    if row is None:
        return None
    account, customer, person = row
    phone = session.scalars(
        select(Phone).where(Phone.person_id == person.id).order_by(Phone.ordinal).limit(1)
    ).one_or_none()
    return Self(account=account, customer=customer, person=person, phone=phone)


def change(
    session: Session,
    mine: Self,
    wanted: Mapping[str, str],
    was: Mapping[str, str],
    *,
    languages: Collection[str],
) -> tuple[str, ...]:
    """Write the fields of `wanted` that differ from what they were, and name them.

    `was` is how their writer saw them; a field that is not in there is left alone. Raises
    Unfit, and ChangedMeanwhile when a field is neither what its writer saw nor what they want.
    """
    now = mine.fields()
    changed = {
        name: value.strip()
        for name, value in wanted.items()
        if name in now and name in was and value.strip() != was[name].strip()
    }
    stale = {n: now[n] for n, value in changed.items() if now[n] not in {was[n], value}}
    if stale:
        raise ChangedMeanwhile(stale)
    problems = wrong(session, changed, languages=languages)
    if problems:
        raise Unfit(problems)
    _write(session, mine, changed)
    return tuple(changed)


def wrong(
    session: Session, fields: Mapping[str, str], *, languages: Collection[str]
) -> dict[str, str]:
    """Say which fields cannot be written so, and why, in English."""
    problems = {}
    for name in ("given_name", "family_name"):
        if name in fields and not fields[name]:
            problems[name] = "please fill this in"
        elif len(fields.get(name, "")) > LONGEST_NAME:
            problems[name] = "this is too long"
    phone = fields.get("phone", "")
    if phone and sum(one.isdigit() for one in phone) < FEWEST_DIGITS:
        problems["phone"] = "this is no telephone number"
    elif len(phone) > LONGEST_PHONE:
        problems["phone"] = "this is too long"
    store = fields.get("home_store", "")
    if store and store not in {str(one.id) for one in open_stores(session)}:
        problems["home_store"] = "there is no such store"
    if fields.get("language") and fields["language"] not in languages:
        problems["language"] = "there is no such language here"
    return problems


def _write(session: Session, mine: Self, changed: Mapping[str, str]) -> None:
    customer, person = mine.customer, mine.person
    if "given_name" in changed or "family_name" in changed:
        _rename(mine, changed)
    if "home_store" in changed:
        customer.home_store_id = UUID(changed["home_store"]) if changed["home_store"] else None
    if "language" in changed:
        person.language = changed["language"]
    if "news" in changed:
        customer.email_preference = preference(wants_news=changed["news"] == YES)
    if "phone" in changed:
        _write_phone(session, mine, changed["phone"])
    session.flush()


def _rename(mine: Self, changed: Mapping[str, str]) -> None:
    """Rename the person, and the customer if it bears the name of this person."""
    person, before = mine.person, mine.person.display_name
    said = {**mine.fields(), **changed}
    person.given_name, person.family_name = said["given_name"], said["family_name"]
    person.display_name = full_name(person.given_name, person.family_name)
    if mine.customer.name == before:
        mine.customer.name = person.display_name


def _write_phone(session: Session, mine: Self, number: str) -> None:
    if mine.phone is None:
        session.add(Phone(person_id=mine.person.id, number=number))
    elif number:
        mine.phone.number, mine.phone.is_invalid = number, False
    else:
        session.delete(mine.phone)


def move_address(session: Session, account: PortalAccount, address: str) -> None:
    """Let an account have another address, where the retailer writes to as well.

    Raises PoserError if somebody else has signed up with it meanwhile.
    """
    others = select(PortalAccount).where(
        PortalAccount.address == address, PortalAccount.id != account.id
    )
    other = session.scalars(others.with_for_update()).one_or_none()
    if other is not None and other.confirmed_at is not None:
        raise PoserError("this address has an account of its own", hint="sign in with that")
    if other is not None:
        session.delete(other)
        session.flush()
    old = account.address
    account.address = address
    known = session.scalars(
        select(EmailAddress)
        .where(
            (EmailAddress.person_id == account.person_id)
            | (EmailAddress.customer_id == account.customer_id)
        )
        .order_by(EmailAddress.person_id.nulls_last(), EmailAddress.ordinal)
    ).all()
    same = [one for one in known if one.address.lower() == old] or list(known[:1])
    if same:
        same[0].address, same[0].is_invalid = address, False
    else:
        session.add(EmailAddress(person_id=account.person_id, address=address))
    session.flush()
