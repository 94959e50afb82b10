# SPDX-License-Identifier: Apache-2.0
"""Shares that members buy, and how much of them is paid. No function here commits."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from poser.errors import PoserError
from poser.model.members import Member, MemberEquityPayment
from poser_coop.model.equity import CoopSharePurchase

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Equity:
    """Where one member is with their shares; money is in the retailer's own currency."""

    member: str
    shares: int
    price: Decimal
    paid: Decimal
    is_full: bool

    @property
    def open(self) -> Decimal:
        """What is still to be paid; below zero when too much was."""
        return self.price - self.paid


def buy(
    session: Session, member: str, *, shares: int, price: Decimal, bought_on: date, note: str = ""
) -> CoopSharePurchase:
    """Note that a member buys shares at `price` each, or with fewer than 0 returns them.

    `member` is the member's number. Raises PoserError for a number that nobody has, and when
    a member would return more shares than there are.
    """
    found = session.scalar(select(Member).where(Member.number == member).with_for_update())
    if found is None:
        raise PoserError(f"there is no member {member!r}", hint="leading zeros count")
    bought = func.coalesce(func.sum(CoopSharePurchase.shares), 0)
    has = session.scalar(select(bought).where(CoopSharePurchase.member_id == found.id)) or 0
    if has + shares < 0:
        raise PoserError(f"member {member} has {has} shares and cannot return {-shares}")
    made = CoopSharePurchase(
        member_id=found.id, shares=shares, price=price, bought_on=bought_on, note=note.strip()
    )
    session.add(made)
    session.flush()
    return made


def summary(session: Session, full_shares: int) -> list[Equity]:
    """Say for every member with shares or payments how far they are, by member number.

    Who has `full_shares` and has paid them is full. Payments that are void do not count.
    """
    bought = (
        select(
            CoopSharePurchase.member_id,
            func.sum(CoopSharePurchase.shares).label("shares"),
            func.sum(CoopSharePurchase.shares * CoopSharePurchase.price).label("price"),
        )
        .group_by(CoopSharePurchase.member_id)
        .subquery()
    )
    paid = (
        select(MemberEquityPayment.member_id, func.sum(MemberEquityPayment.amount).label("amount"))
        .where(MemberEquityPayment.status == "received")
        .group_by(MemberEquityPayment.member_id)
        .subquery()
    )
    rows = session.execute(
        select(Member, bought.c.shares, bought.c.price, paid.c.amount)
        .outerjoin(bought, bought.c.member_id == Member.id)
        .outerjoin(paid, paid.c.member_id == Member.id)
        .where(func.num_nonnulls(bought.c.shares, paid.c.amount) > 0)
        .order_by(Member.number)
    )
    return [
        _equity(member, shares or 0, price or _NOTHING, amount or _NOTHING, full_shares)
        for member, shares, price, amount in rows
    ]


def _equity(
    member: Member, shares: int, price: Decimal, amount: Decimal, full_shares: int
) -> Equity:
    paid = amount + (member.equity_credit or _NOTHING)
    is_full = shares >= full_shares and paid >= price
    return Equity(member=member.number, shares=shares, price=price, paid=paid, is_full=is_full)
