# SPDX-License-Identifier: Apache-2.0
"""The tables of the `trainwreck` database: POS transactions and what is in them.

Rows are facts reported by tills and stand alone: they carry numbers and names as the
till knew them and refer to nothing in the `poser` database. Every table carries the
business date, and it is part of every key, so that the tables can be cut into months.
"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, mapped_column, relationship

from poser.db.base import NAMES, TYPES, CreatedAt, Id
from poser.ids import uuid7

Money = Numeric(14, 3)
Price = Numeric(14, 4)
Quantity = Numeric(14, 4)


def _words(comment: str) -> MappedColumn[str]:
    """Describe a text column that is empty when the till said nothing."""
    return mapped_column(server_default="", default="", comment=comment)


def _flag(comment: str) -> MappedColumn[bool]:
    """Describe a yes-or-no column that is no when the till said nothing."""
    return mapped_column(server_default=text("false"), default=False, comment=comment)


def _money(comment: str) -> MappedColumn[Decimal]:
    """Describe an amount of money that is 0 when the till said nothing."""
    return mapped_column(Money, server_default=text("0"), default=Decimal(0), comment=comment)


class TransactionKind(StrEnum):
    """What a till did: sold, or something about the till itself."""

    SALE = "sale"
    CONTROL = "control"
    TENDER_CONTROL = "tender_control"
    INVENTORY_CONTROL = "inventory_control"
    OTHER = "other"


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


class TrainwreckModel(DeclarativeBase):
    """A table of the `trainwreck` database."""

    metadata: ClassVar[MetaData] = MetaData(naming_convention=dict(NAMES))
    type_annotation_map: ClassVar[dict[Any, Any]] = TYPES


class PosTransaction(TrainwreckModel):
    """One POS transaction, told apart by the system it came from and that system's id."""

    __tablename__ = "pos_transactions"
    __table_args__ = (
        UniqueConstraint("system", "system_id"),
        CheckConstraint(
            "kind IN ('sale', 'control', 'tender_control', 'inventory_control', 'other')",
            name="kind",
        ),
        Index("ix_pos_transactions_ended_at_id", "ended_at", "id"),
        Index("ix_pos_transactions_total_id", "total", "id"),
        Index("ix_pos_transactions_business_date_store_number", "business_date", "store_number"),
        Index("ix_pos_transactions_receipt_number", "receipt_number"),
        Index("ix_pos_transactions_customer_number", "customer_number"),
        {"comment": "What tills did, one row each."},
    )

    id: Mapped[UUID] = mapped_column(
        primary_key=True,
        default=uuid7,
        server_default=text("uuid7()"),
        comment="Unique id, a UUID version 7.",
    )
    business_date: Mapped[date] = mapped_column(
        primary_key=True, comment="The store's business day that it counts for."
    )
    system: Mapped[str] = mapped_column(comment="Which POS system reported it, such as poslog.")
    system_id: Mapped[str] = mapped_column(
        comment="That system's own id: store/terminal/date/number for POS logs."
    )
    kind: Mapped[str] = mapped_column(comment="sale, control and so on; see TransactionKind.")
    control: Mapped[str] = _words(
        "What a control transaction did, such as sign_on; empty for sales."
    )
    reason: Mapped[str] = _words("The till's own words for why.")
    store_number: Mapped[str] = mapped_column(comment="The store's number on the till.")
    terminal: Mapped[str] = mapped_column(comment="The till's number in the store.")
    receipt_number: Mapped[str] = mapped_column(comment="The number printed on the receipt.")
    started_at: Mapped[datetime] = mapped_column(
        comment="When it began (UTC); same as ended_at if the till did not say."
    )
    ended_at: Mapped[datetime] = mapped_column(comment="When it ended (UTC).")
    cashier_number: Mapped[str] = _words("The cashier's number on the till.")
    cashier_name: Mapped[str] = _words("The cashier's name on the till.")
    customer_number: Mapped[str] = _words("Loyalty or account number; empty without.")
    currency: Mapped[str] = _words("ISO 4217 code; empty if the till did not say.")
    subtotal: Mapped[Decimal] = _money("Sum of the lines after discounts, before tax.")
    discount_total: Mapped[Decimal] = _money(
        "Sum of the discounts; negative when the customer saved."
    )
    tax_total: Mapped[Decimal] = _money("Sum of the taxes.")
    total: Mapped[Decimal] = _money("What the customer owed.")
    tender_total: Mapped[Decimal] = _money("What was paid, less change and cash back.")
    line_count: Mapped[int] = mapped_column(
        Integer, server_default=text("0"), default=0, comment="How many item lines it has."
    )
    is_void: Mapped[bool] = _flag("Cancelled or voided as a whole.")
    is_suspended: Mapped[bool] = _flag("Put aside to be resumed as another.")
    is_training: Mapped[bool] = _flag("Rung in training mode; not a real sale.")
    resumes: Mapped[str] = _words(
        "system_id of the suspended transaction that this one resumed; empty if none."
    )
    fingerprint: Mapped[bytes | None] = mapped_column(
        LargeBinary,
        comment="SHA-256 of everything that was read of it, to notice a report that differs.",
    )
    created_at: Mapped[CreatedAt]

    # Ids are unique by themselves; the date is in the key only for cutting by month.
    __mapper_args__ = {"primary_key": ["id"]}  # noqa: RUF012 - SQLAlchemy reads it as is

    lines: Mapped[list["PosLine"]] = relationship(
        order_by="PosLine.sequence", cascade="all, delete-orphan"
    )
    discounts: Mapped[list["PosDiscount"]] = relationship(
        order_by="PosDiscount.sequence", cascade="all, delete-orphan"
    )
    taxes: Mapped[list["PosTax"]] = relationship(
        order_by="PosTax.sequence", cascade="all, delete-orphan"
    )
    tenders: Mapped[list["PosTender"]] = relationship(
        order_by="PosTender.sequence", cascade="all, delete-orphan"
    )


def _of_transaction() -> ForeignKeyConstraint:
    """Tie a part to its POS transaction; deleting the transaction deletes its parts."""
    return ForeignKeyConstraint(
        ["transaction_id", "business_date"],
        ["pos_transactions.id", "pos_transactions.business_date"],
        ondelete="CASCADE",
    )


class _PartOfTransaction(TrainwreckModel):
    """The key that lines, discounts, taxes and tenders share."""

    __abstract__ = True

    transaction_id: Mapped[UUID] = mapped_column(
        primary_key=True, sort_order=-30, comment="The POS transaction it is part of."
    )
    business_date: Mapped[date] = mapped_column(
        primary_key=True, sort_order=-20, comment="The business date of the POS transaction."
    )
    sequence: Mapped[int] = mapped_column(
        Integer,
        primary_key=True,
        sort_order=-10,
        comment="Place on the receipt from 1; all kinds of parts are counted as one.",
    )


class PosLine(_PartOfTransaction):
    """One item line: goods sold, brought back, or refunded."""

    __tablename__ = "pos_lines"
    __table_args__ = (
        _of_transaction(),
        CheckConstraint("kind IN ('sale', 'return', 'refund')", name="kind"),
        Index("ix_pos_lines_gtin_business_date", "gtin", "business_date"),
        {"comment": "Item lines of POS transactions."},
    )

    kind: Mapped[str] = mapped_column(comment="sale, return or refund; see LineKind.")
    code: Mapped[str] = _words(
        "The item's code as the till wrote it; empty for a bare department sale."
    )
    gtin: Mapped[int | None] = mapped_column(
        BigInteger, comment="The code as a GTIN, if it is one; for finding the product."
    )
    description: Mapped[str] = mapped_column(comment="The till's text for the item.")
    department_number: Mapped[str] = _words("Department on the till; may be empty.")
    department_name: Mapped[str] = _words("Its name on the till; may be empty.")
    quantity: Mapped[Decimal] = mapped_column(
        Quantity, comment="Units, or weight when weighed; negative takes back."
    )
    unit: Mapped[str] = _words(
        "Unit of the quantity: each, lb or kg; weight if the till did not say which."
    )
    unit_price: Mapped[Decimal] = mapped_column(Price, comment="Price asked for one unit.")
    regular_price: Mapped[Decimal | None] = mapped_column(
        Price, comment="Regular price of one unit, if the till said."
    )
    extended: Mapped[Decimal] = _money("Amount of the line before discounts given elsewhere.")
    discount: Mapped[Decimal] = _money(
        "Discount already taken off in `extended`; 0 or more when sold."
    )
    entry: Mapped[str] = _words("How the code got in: scanned, keyed and so on.")
    is_void: Mapped[bool] = _flag("Takes an earlier line back, or was taken back itself.")
    is_weighed: Mapped[bool] = _flag("Sold by weight.")
    is_food_stampable: Mapped[bool] = _flag("Might be paid with food stamps.")


class PosDiscount(_PartOfTransaction):
    """One discount or loyalty reward, on a line or on the whole POS transaction."""

    __tablename__ = "pos_discounts"
    __table_args__ = (
        _of_transaction(),
        {"comment": "Discounts and rewards of POS transactions."},
    )

    line_sequence: Mapped[int | None] = mapped_column(
        Integer, comment="The line it is for; empty when for the whole."
    )
    promotion: Mapped[str] = _words("The promotion's number; may be empty.")
    kind: Mapped[str] = mapped_column(comment="The till's word, such as PercentOff.")
    level: Mapped[str] = _words("item or transaction; empty if not said.")
    description: Mapped[str] = _words("The till's text; may be empty.")
    amount: Mapped[Decimal] = _money("Change of what is owed: negative when the customer saves.")
    is_void: Mapped[bool] = _flag("Takes back an earlier one.")


class PosTax(_PartOfTransaction):
    """One tax charged."""

    __tablename__ = "pos_taxes"
    __table_args__ = (
        _of_transaction(),
        {"comment": "Taxes of POS transactions."},
    )

    line_sequence: Mapped[int | None] = mapped_column(
        Integer, comment="The line it is charged on; empty when on the whole."
    )
    code: Mapped[str] = _words("The tax's number on the till; may be empty.")
    description: Mapped[str] = _words("The till's text; may be empty.")
    taxable: Mapped[Decimal | None] = mapped_column(Money, comment="The amount that is taxed.")
    percent: Mapped[Decimal | None] = mapped_column(
        Numeric(9, 4), comment="Rate in percent, if the till said."
    )
    amount: Mapped[Decimal] = _money("The tax.")
    is_void: Mapped[bool] = _flag("Takes back an earlier one.")


class PosTender(_PartOfTransaction):
    """Money that came in, or went back as change or cash back."""

    __tablename__ = "pos_tenders"
    __table_args__ = (
        _of_transaction(),
        CheckConstraint("kind IN ('tender', 'change', 'cashback')", name="kind"),
        {"comment": "Payments of POS transactions; numbers of cards are never kept."},
    )

    kind: Mapped[str] = mapped_column(comment="tender, change or cashback; see TenderKind.")
    code: Mapped[str] = _words("The tender's number on the till; may be empty.")
    tender_type: Mapped[str] = _words("cash, credit_debit, check and so on.")
    description: Mapped[str] = _words("The till's text; may be empty.")
    card: Mapped[str] = _words("Kind of card, such as Visa debit; may be empty.")
    amount: Mapped[Decimal] = _money("Money in; negative for change and cash back.")
    is_void: Mapped[bool] = _flag("Takes back an earlier one.")


class PosReject(TrainwreckModel):
    """Something in a POS log that was refused, kept until it is imported after all."""

    __tablename__ = "pos_rejects"
    __table_args__ = (
        UniqueConstraint("system", "entry", "field", "value", "raw_sha256"),
        Index("ix_pos_rejects_created_at_id", "created_at", "id"),
        {"comment": "Entries of POS logs that were refused, with the reason."},
    )

    id: Mapped[Id]
    system: Mapped[str] = mapped_column(comment="Which POS system reported it.")
    source: Mapped[str] = mapped_column(comment="Name of the file that it was first seen in.")
    line: Mapped[int] = mapped_column(BigInteger, comment="Line of the file, counted from 1.")
    position: Mapped[int] = mapped_column(BigInteger, comment="Place in that line, counted from 1.")
    entry: Mapped[str] = _words("system_id of the POS transaction, as far as it could be read.")
    field: Mapped[str] = _words("What of it was refused, such as LineItem/Sale/Quantity.")
    value: Mapped[str] = _words("What stood there, cut at 200 characters.")
    reason: Mapped[str] = mapped_column(comment="Why it was refused.")
    raw: Mapped[str] = mapped_column(comment="The whole entry as XML.")
    raw_sha256: Mapped[bytes] = mapped_column(
        LargeBinary, comment="SHA-256 of `raw`, so that the same file twice adds nothing."
    )
    created_at: Mapped[CreatedAt]
