# SPDX-License-Identifier: Apache-2.0
"""Signing up: an application first, a customer only when its address is confirmed.

Nothing goes to other nodes before somebody has shown that they read the mail of the address,
and the password is chosen then: whoever signs up with another's address gets nothing by it.
"""

from dataclasses import asdict, dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from poser.auth import throttle
from poser.auth.events import NAME_LENGTH, Caller, storable
from poser.auth.passwords import hash_password
from poser.errors import PoserError
from poser.mail.recipients import BadRecipient
from poser.mail.recipients import address as read_address
from poser.model import (
    Person,
    PortalAccount,
    PortalEvent,
    PortalEventKind,
    PortalToken,
    PortalTokenKind,
)
from poser.portal import emails
from poser.portal.customers import customer_for
from poser.portal.links import send, send_link, use_up

MAILS_PER_ADDRESS = 3
"""How many mails somebody can have us send to one address within an hour."""

MAILS_PER_NETWORK = 30
"""And from one network to any addresses."""

_WITHIN = timedelta(hours=1)
_LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """What somebody types to sign up; `card` is the number of a card they have already."""

    address: str
    given_name: str
    family_name: str
    phone: str = ""
    card: str = ""
    home_store_id: str = ""
    language: str = ""
    wants_news: bool = False


def sign_up(session: Session, asked: Application, caller: Caller) -> bool:
    """Keep an application and mail its link; False if this network asked for too many mails.

    Whether the address is known changes nothing that the caller could tell: an account that
    there is gets a mail that says so.
    """
    address = normal_address(asked.address)
    if not may_mail(session, address, caller):
        return False
    session.execute(
        insert(PortalAccount)
        .values(address=address, consented_at=caller.now)
        .on_conflict_do_nothing(index_elements=["address"])
    )
    account = session.scalars(
        select(PortalAccount).where(PortalAccount.address == address).with_for_update()
    ).one()
    if account.is_locked or not is_within(session, address, caller):
        return True
    if account.confirmed_at is not None:
        send(session, emails.PORTAL_KNOWN, address, language=asked.language)
        return True
    account.asked = {**asdict(asked), "address": address}
    account.consented_at = caller.now
    session.flush()
    send_link(session, account, PortalTokenKind.CONFIRM, now=caller.now, language=asked.language)
    return True


def confirm(session: Session, link: PortalToken, password: str, caller: Caller) -> bool:
    """Make a customer of an application; False if the card that was named is not theirs.

    Raises PoserError for a password that is too short or too long.
    """
    account = link.account
    hashed = hash_password(password)
    found = customer_for(session, account.asked, account.address)
    account.password_hash = hashed
    account.customer_id, account.person_id = found.customer_id, found.person_id
    account.confirmed_at = caller.now
    is_theirs = found.is_known or not account.asked.get("card")
    account.asked = {}
    session.flush()
    use_up(session, account)
    record(session, account.address, PortalEventKind.CONFIRMED, caller)
    return is_theirs


def ask_for_password(session: Session, address: str, caller: Caller) -> bool:
    """Mail a link to choose a new password; False if this network asked for too many mails.

    As with `sign_up` nobody can tell by it whether there is such an account.
    """
    address = normal_address(address)
    if not may_mail(session, address, caller):
        return False
    account = session.scalars(
        select(PortalAccount).where(PortalAccount.address == address).with_for_update()
    ).one_or_none()
    if account and not account.is_locked and is_within(session, address, caller):
        kind = PortalTokenKind.PASSWORD if account.confirmed_at else PortalTokenKind.CONFIRM
        language = language_of(session, account)
        send_link(session, account, kind, now=caller.now, language=language)
    return True


def send_again(session: Session, account: PortalAccount, caller: Caller) -> None:
    """Mail the link of an application once more, as the staff asks for it."""
    if account.confirmed_at is not None or account.is_locked:
        raise PoserError(
            "this account needs no confirmation", hint="it is confirmed already, or locked"
        )
    language = language_of(session, account)
    send_link(session, account, PortalTokenKind.CONFIRM, now=caller.now, language=language)


def language_of(session: Session, account: PortalAccount) -> str:
    """Tell in which language somebody is written to."""
    if account.person_id is None:
        return str(account.asked.get("language", ""))
    said = session.scalar(select(Person.language).where(Person.id == account.person_id))
    return (said or "").partition("-")[0]


def normal_address(text: str) -> str:
    """Read an email address as accounts have it. Raises PoserError for what is none."""
    text = storable(text).strip().lower()
    try:
        spec = read_address(text).addr_spec
    except BadRecipient as error:
        raise _no_address() from error
    if spec != text or not spec.partition("@")[2] or len(spec) > _LONGEST:
        raise _no_address()
    return spec


def record(session: Session, name: str, kind: PortalEventKind, caller: Caller) -> None:
    """Write one event at the portal's door."""
    event = PortalEvent(
        name=storable(name)[:NAME_LENGTH], kind=kind.value, address=caller.ip, at=caller.now
    )
    session.add(event)
    session.flush()


def _no_address() -> PoserError:
    return PoserError("this is no email address", hint="write it as ada@example.com")


def may_mail(session: Session, address: str, caller: Caller) -> bool:
    """Count one more mail that somebody asks for, unless there were too many from there."""
    here = throttle.from_network(caller.ip, PortalEvent)
    if _mails(session, here, caller) >= MAILS_PER_NETWORK:
        return False
    record(session, address, PortalEventKind.ASKED_FOR_MAIL, caller)
    return True


def is_within(session: Session, address: str, caller: Caller) -> bool:
    """Tell whether an address may get one more mail now."""
    mine = PortalEvent.name == address[:NAME_LENGTH]
    return _mails(session, mine, caller) <= MAILS_PER_ADDRESS


def _mails(session: Session, which: ColumnElement[bool], caller: Caller) -> int:
    asked = select(func.count()).where(
        which,
        PortalEvent.kind == PortalEventKind.ASKED_FOR_MAIL,
        throttle.between(caller.now - _WITHIN, caller.now, PortalEvent),
    )
    return session.execute(asked).scalar_one()
