# SPDX-License-Identifier: Apache-2.0
"""The shares that members have bought; what they paid is Poser's own `member_equity_payments`."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column, relationship

from poser.db.base import CreatedAt, Id, Model, ModifiedAt
from poser.model.columns import AMOUNT, check, reference, words
from poser.model.members import Member
from poser.model.syncing import everywhere


class CoopSharePurchase(Model):
    """Shares of the co-op that a member agreed to buy on one day; the price is paid over time."""

    __tablename__ = "coop_share_purchases"
    __table_args__ = (
        check(
            "shares", "shares <> 0", "A purchase is of one share or more; less than 0: returned."
        ),
        check("price", "price >= 0", "The price of a share cannot be negative."),
        {"comment": "Shares of the co-op that members bought or returned.", "info": everywhere()},
    )

    id: Mapped[Id]
    member_id: Mapped[UUID] = reference("members.id", "Who bought.")
    shares: Mapped[int] = mapped_column(comment="How many shares; below zero when returned.")
    price: Mapped[Decimal] = mapped_column(
        AMOUNT, comment="What one share costs, in the retailer's own currency."
    )
    bought_on: Mapped[date] = mapped_column(comment="Day of the agreement.")
    note: Mapped[str] = words("Anything to know about it; may be empty.")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]

    member: Mapped[Member] = relationship()
