# SPDX-License-Identifier: Apache-2.0
"""Becoming a member: a request that the staff decides on, and what became of it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from poser.errors import PoserError
from poser.mail import queue
from poser.model import EquityPaymentStatus, Member, MemberEquityPayment, MembershipType
from poser.portal.customers import new_number
from poser.portal.details import Self
from poser.portal.emails import PORTAL_MEMBERSHIP


class Standing(StrEnum):
    """How far a membership is."""

    ASKED = "asked"
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """One membership of a customer; amounts are in the retailer's currency."""

    number: str
    kind: str
    standing: Standing
    joined_on: date | None
    withdrew_on: date | None
    required: Decimal | None
    paid: Decimal


def offered(session: Session) -> list[MembershipType]:
    """List the kinds of membership that customers may ask for."""
    wanted = select(MembershipType).where(MembershipType.is_offered_online)
    return list(session.scalars(wanted.order_by(MembershipType.number, MembershipType.id)))


def memberships_of(session: Session, mine: Self) -> list[Membership]:
    """List the memberships of a customer, those that hold before those that ended."""
    paid = (
        select(func.coalesce(func.sum(MemberEquityPayment.amount), 0))
        .where(
            MemberEquityPayment.member_id == Member.id,
            MemberEquityPayment.status == EquityPaymentStatus.RECEIVED,
        )
        .scalar_subquery()
    )
    rows = session.execute(
        select(Member, MembershipType.name, paid)
        .outerjoin(MembershipType, MembershipType.id == Member.membership_type_id)
        .where((Member.customer_id == mine.customer.id) | (Member.person_id == mine.person.id))
        .order_by(Member.withdrew_on.desc().nulls_first(), Member.id)
    )
    return [
        Membership(
            number=member.number,
            kind=kind or "",
            standing=standing_of(member),
            joined_on=member.joined_on,
            withdrew_on=member.withdrew_on,
            required=member.equity_required,
            paid=sum_paid + (member.equity_credit or 0),
        )
        for member, kind, sum_paid in rows
    ]


def standing_of(member: Member) -> Standing:
    """Say how far a membership is; one that never began waits for the staff."""
    if member.withdrew_on is not None:
        return Standing.ENDED
    if member.is_active:
        return Standing.ACTIVE
    return Standing.ASKED if member.joined_on is None else Standing.PAUSED


def ask_to_join(session: Session, mine: Self, type_id: UUID) -> None:
    """Write a membership that does not hold yet, and tell the staff.

    `mine` must be locked, so that nobody asks twice at once. Raises PoserError for a kind that
    is not offered, and for who has a membership or has asked for one.
    """
    kind = next((one for one in offered(session) if one.id == type_id), None)
    if kind is None:
        raise PoserError("this membership is not offered", hint="choose one of the list")
    if any(one.standing is not Standing.ENDED for one in memberships_of(session, mine)):
        raise PoserError("you have a membership, or asked for one", hint="ask in your store")
    member = Member(
        number=_number(session, mine),
        membership_type_id=kind.id,
        person_id=mine.person.id,
        customer_id=mine.customer.id,
        is_active=False,
        equity_required=kind.equity_required,
    )
    session.add(member)
    session.flush()
    queue(
        session,
        PORTAL_MEMBERSHIP,
        data={
            "name": mine.customer.name,
            "kind": kind.name,
            "number": member.number,
            "member_id": str(member.id),
        },
    )


def _number(session: Session, mine: Self) -> str:
    """Give the member the customer's number, unless another member has that."""
    own = mine.customer.number
    if own and session.scalar(select(Member.id).where(Member.number == own)) is None:
        return own
    return new_number(session)
