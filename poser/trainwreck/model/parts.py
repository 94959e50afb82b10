# SPDX-License-Identifier: Apache-2.0
"""The parts of POS transactions: lines, discounts, taxes and tenders."""

from decimal import Decimal
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Index, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from poser.trainwreck.model.columns import (
    Described,
    Money,
    OfTransaction,
    OnLine,
    Price,
    Quantity,
    TrainwreckModel,
    flag,
    money,
    words,
)

_CUT = {"postgresql_partition_by": "RANGE (business_date)"}


class LineKind(StrEnum):
    """Which way the goods and the money went."""

    SALE = "sale"
    RETURN = "return"
    REFUND = "refund"


class TenderKind(StrEnum):
    """Whether money came in or went back."""

    TENDER = "tender"
    CHANGE = "change"
    CASHBACK = "cashback"


class PosLine(OfTransaction, TrainwreckModel):
    """One item line: goods sold, brought back, or refunded."""

    __tablename__ = "pos_lines"
    __table_args__ = (
        CheckConstraint("kind IN ('sale', 'return', 'refund')", name="kind"),
        Index("ix_pos_lines_gtin_business_date", "gtin", "business_date"),
        {"comment": "Item lines of POS transactions.", **_CUT},
    )

    kind: Mapped[str] = mapped_column(comment="sale, return or refund; see LineKind.")
    code: Mapped[str] = words(
        "The item's code as the till wrote it; empty for a bare department sale."
    )
    gtin: Mapped[int | None] = mapped_column(
        BigInteger, comment="The code as a GTIN, if it is one; for finding the product."
    )
    description: Mapped[str] = mapped_column(comment="The till's text for the item.")
    department_number: Mapped[str] = words("Department on the till; may be empty.")
    department_name: Mapped[str] = words("Its name on the till; may be empty.")
    quantity: Mapped[Decimal] = mapped_column(
        Quantity, comment="Units, or weight when weighed; negative takes back."
    )
    unit: Mapped[str] = words(
        "Unit of the quantity: each, lb or kg; weight if the till did not say which."
    )
    unit_price: Mapped[Decimal] = mapped_column(Price, comment="Price asked for one unit.")
    regular_price: Mapped[Decimal | None] = mapped_column(
        Price, comment="Regular price of one unit, if the till said."
    )
    extended: Mapped[Decimal] = money("Amount of the line before discounts given elsewhere.")
    discount: Mapped[Decimal] = money(
        "Discount already taken off in `extended`; 0 or more when sold."
    )
    entry: Mapped[str] = words("How the code got in: scanned, keyed and so on.")
    is_void: Mapped[bool] = flag("Takes an earlier line back, or was taken back itself.")
    is_weighed: Mapped[bool] = flag("Sold by weight.")
    is_food_stampable: Mapped[bool] = flag("Might be paid with food stamps.")


class PosDiscount(OfTransaction, OnLine, Described, TrainwreckModel):
    """One discount or loyalty reward, on a line or on the whole POS transaction."""

    __tablename__ = "pos_discounts"
    __table_args__ = ({"comment": "Discounts and rewards of POS transactions.", **_CUT},)

    promotion: Mapped[str] = words("The promotion's number; may be empty.")
    kind: Mapped[str] = mapped_column(comment="The till's word, such as PercentOff.")
    level: Mapped[str] = words("item or transaction; empty if not said.")
    department_number: Mapped[str] = words("Department of the line; empty when for the whole.")
    amount: Mapped[Decimal] = money("Change of what is owed: negative when the customer saves.")


class PosTax(OfTransaction, OnLine, Described, TrainwreckModel):
    """One tax charged."""

    __tablename__ = "pos_taxes"
    __table_args__ = ({"comment": "Taxes of POS transactions.", **_CUT},)

    code: Mapped[str] = words("The tax's number on the till; may be empty.")
    taxable: Mapped[Decimal | None] = mapped_column(Money, comment="The amount that is taxed.")
    percent: Mapped[Decimal | None] = mapped_column(
        Numeric(9, 4), comment="Rate in percent, if the till said."
    )
    amount: Mapped[Decimal] = money("The tax.")


class PosTender(OfTransaction, Described, TrainwreckModel):
    """Money that came in, or went back as change or cash back."""

    __tablename__ = "pos_tenders"
    __table_args__ = (
        CheckConstraint("kind IN ('tender', 'change', 'cashback')", name="kind"),
        {"comment": "Payments of POS transactions; numbers of cards are never kept.", **_CUT},
    )

    kind: Mapped[str] = mapped_column(comment="tender, change or cashback; see TenderKind.")
    code: Mapped[str] = words("The tender's number on the till; may be empty.")
    tender_type: Mapped[str] = words("cash, credit_debit, check and so on.")
    card: Mapped[str] = words("Kind of card, such as Visa debit; may be empty.")
    amount: Mapped[Decimal] = money("Money in; negative for change and cash back.")
