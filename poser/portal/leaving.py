# SPDX-License-Identifier: Apache-2.0
"""Taking one's data along, and leaving: what goes at once, and what the staff decides."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from poser.auth.events import NAME_LENGTH
from poser.db.base import Model
from poser.mail import queue
from poser.model import (
    CustomerPerson,
    EmailAddress,
    EmailPreference,
    Employee,
    Member,
    MemberEquityPayment,
    Phone,
    PortalEvent,
    PostalAddress,
    User,
)
from poser.portal.details import Self
from poser.portal.emails import PORTAL_LEFT
from poser.portal.purchases import all_purchases
from poser.trainwreck.model import PosTransaction

GONE = "Deleted customer"
"""What a customer and a person are called whose data were erased."""

_CONTACTS = (EmailAddress, Phone, PostalAddress)
_KEPT_FROM_THEM = frozenset({"password_hash", "fingerprint", "token_sha256"})


def everything_about(session: Session, sales: Session, mine: Self) -> dict[str, object]:
    """Give all that is kept about somebody, ready to be written as JSON.

    `sales` is a session on the database of POS transactions.
    """
    whose = {"customer_id": mine.customer.id, "person_id": mine.person.id}
    members = session.scalars(select(Member).filter(_of(Member, whose))).all()
    paid = select(MemberEquityPayment).where(
        MemberEquityPayment.member_id.in_([one.id for one in members])
    )
    events = select(PortalEvent).where(PortalEvent.name == mine.account.address[:NAME_LENGTH])
    return {
        "account": plain(mine.account),
        "customer": plain(mine.customer),
        "person": plain(mine.person),
        **{
            table.__tablename__: _rows(session.scalars(select(table).filter(_of(table, whose))))
            for table in _CONTACTS
        },
        "memberships": _rows(members),
        "payments": _rows(session.scalars(paid.order_by(MemberEquityPayment.id))),
        "sign_ins": _rows(session.scalars(events.order_by(PortalEvent.id))),
        "purchases": [_purchase(one) for one in all_purchases(sales, mine.customer.number)],
    }


def leave(session: Session, mine: Self) -> str:
    """Delete an account, and erase the customer unless something stands against that.

    Returns in English what does, which the staff is told then; empty when all is erased. What
    was bought stays with the books, under a number that leads to nobody any more.
    """
    why = _against_erasing(session, mine)
    if why:
        data = {"name": mine.customer.name, "customer_id": str(mine.customer.id), "why": why}
        queue(session, PORTAL_LEFT, data=data)
    else:
        _erase(session, mine)
    name = mine.account.address[:NAME_LENGTH]
    session.execute(delete(PortalEvent).where(PortalEvent.name == name))
    session.delete(mine.account)
    session.flush()
    return why


def plain(row: Any) -> dict[str, object]:  # noqa: ANN401 - a row of any table
    """Write a row as JSON has it, without what is a secret."""
    return {
        column.name: _plain(getattr(row, column.name))
        for column in row.__table__.columns
        if column.name not in _KEPT_FROM_THEM
    }


def _against_erasing(session: Session, mine: Self) -> str:
    person, customer = mine.person.id, mine.customer.id
    others = select(func.count()).where(
        CustomerPerson.customer_id == customer, CustomerPerson.person_id != person
    )
    if session.scalar(select(exists().where(Member.customer_id == customer))) or session.scalar(
        select(exists().where(Member.person_id == person))
    ):
        return "they are or were a member"
    if session.scalar(others):
        return "others share the customer account"
    if session.scalar(select(exists().where(Employee.person_id == person))) or session.scalar(
        select(exists().where(User.person_id == person))
    ):
        return "they are on the staff"
    return ""


def _erase(session: Session, mine: Self) -> None:
    whose = {"customer_id": mine.customer.id, "person_id": mine.person.id}
    for table in _CONTACTS:
        session.execute(delete(table).where(_of(table, whose)))
    person, customer = mine.person, mine.customer
    person.display_name, person.language = GONE, ""
    person.given_name = person.preferred_name = person.middle_name = person.family_name = ""
    person.is_archived = True
    customer.name, customer.number, customer.home_store_id = GONE, None, None
    customer.email_preference = EmailPreference.NONE
    customer.tax_exemption = ""
    customer.is_archived, customer.is_active_at_till = True, False
    session.flush()


def _of(table: Any, whose: Mapping[str, UUID]) -> Any:  # noqa: ANN401 - a mapped class, a rule
    return (table.customer_id == whose["customer_id"]) | (table.person_id == whose["person_id"])


def _rows(rows: Iterable[Model]) -> list[dict[str, object]]:
    return [plain(one) for one in rows]


def _purchase(one: PosTransaction) -> dict[str, object]:
    parts: dict[str, Iterable[Any]] = {
        "lines": one.lines,
        "discounts": one.discounts,
        "taxes": one.taxes,
    }
    written = {name: [plain(each) for each in rows] for name, rows in parts.items()}
    return {**plain(one), **written, "tenders": [plain(each) for each in one.tenders]}


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    if value is None or isinstance(value, str | int | bool | dict | list):
        return value
    return str(value)
