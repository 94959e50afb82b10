# SPDX-License-Identifier: Apache-2.0
"""POS transactions, one row each, and the keys that make each of them unique."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Computed,
    Index,
    Integer,
    LargeBinary,
    UniqueConstraint,
    and_,
    text,
)
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from poser.db.base import CreatedAt
from poser.db.partitions import Part, Partitions, Unit
from poser.ids import uuid7
from poser.trainwreck.model.columns import OfTransaction, TrainwreckModel, flag, money, words
from poser.trainwreck.model.parts import PosDiscount, PosLine, PosTax, PosTender

COUNTED = "kind = 'sale' AND NOT is_void AND NOT is_suspended AND NOT is_training"
"""Which POS transactions are sales: what is void, put aside or practised is none."""

_PART = {
    "columns": ("transaction_id", "business_date", "counts_for"),
    "target": ("id", "business_date", "counts_for"),
}
PARTITIONS = Partitions(
    table="pos_transactions",
    column="business_date",
    unit=Unit.MONTH,
    ahead=3,
    parts=(
        Part(table="pos_lines", **_PART),
        Part(table="pos_discounts", **_PART),
        Part(table="pos_taxes", **_PART),
        Part(table="pos_tenders", **_PART),
    ),
)
"""POS transactions and their parts are cut by the month of the business date."""


class TransactionKind(StrEnum):
    """What a till did: sold, or something about the till itself."""

    SALE = "sale"
    CONTROL = "control"
    TENDER_CONTROL = "tender_control"
    INVENTORY_CONTROL = "inventory_control"
    OTHER = "other"


class PosTransaction(TrainwreckModel):
    """One POS transaction, told apart by the system it came from and that system's id.

    Its id and its business date never change: a report that corrects the date replaces it.
    """

    __tablename__ = "pos_transactions"
    __table_args__ = (
        UniqueConstraint("id", "business_date", "counts_for"),
        CheckConstraint(
            "kind IN ('sale', 'control', 'tender_control', 'inventory_control', 'other')",
            name="kind",
        ),
        CheckConstraint("store_number <> ''", name="store_number"),
        Index("ix_pos_transactions_ended_at_id", "ended_at", "id"),
        Index("ix_pos_transactions_total_id", "total", "id"),
        Index("ix_pos_transactions_business_date_store_number", "business_date", "store_number"),
        Index("ix_pos_transactions_receipt_number", "receipt_number"),
        Index("ix_pos_transactions_customer_number", "customer_number"),
        {
            "comment": "What tills did, one row each.",
            "postgresql_partition_by": "RANGE (business_date)",
            "info": {"partitions": PARTITIONS},
        },
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
    control: Mapped[str] = words(
        "What a control transaction did, such as sign_on; empty for sales."
    )
    reason: Mapped[str] = words("The till's own words for why.")
    store_number: Mapped[str] = mapped_column(comment="The store's number on the till.")
    terminal: Mapped[str] = mapped_column(comment="The till's number in the store.")
    receipt_number: Mapped[str] = mapped_column(comment="The number printed on the receipt.")
    started_at: Mapped[datetime] = mapped_column(
        comment="When it began (UTC); same as ended_at if the till did not say."
    )
    ended_at: Mapped[datetime] = mapped_column(comment="When it ended (UTC).")
    cashier_number: Mapped[str] = words("The cashier's number on the till.")
    cashier_name: Mapped[str] = words("The cashier's name on the till.")
    customer_number: Mapped[str] = words("Loyalty or account number; empty without.")
    currency: Mapped[str] = words("ISO 4217 code; empty if the till did not say.")
    subtotal: Mapped[Decimal] = money("Sum of the lines after discounts, before tax.")
    discount_total: Mapped[Decimal] = money(
        "Sum of the discounts beside the lines; negative when the customer saved."
    )
    tax_total: Mapped[Decimal] = money("Sum of the taxes.")
    total: Mapped[Decimal] = money("What the customer owed.")
    tender_total: Mapped[Decimal] = money("What was paid, less change and cash back.")
    line_count: Mapped[int] = mapped_column(
        Integer, server_default=text("0"), default=0, comment="How many item lines it has."
    )
    is_void: Mapped[bool] = flag("Cancelled or voided as a whole.")
    is_suspended: Mapped[bool] = flag("Put aside to be resumed as another.")
    is_training: Mapped[bool] = flag("Rung in training mode; not a real sale.")
    counts_for: Mapped[str] = mapped_column(
        Computed(f"CASE WHEN {COUNTED} THEN store_number ELSE '' END", persisted=True),
        comment="The store whose sales it is part of; empty when it is none that counts.",
    )
    resumes: Mapped[str] = words(
        "system_id of the suspended transaction that this one resumed; empty if none."
    )
    fingerprint: Mapped[bytes | None] = mapped_column(
        LargeBinary,
        comment="SHA-256 of everything that was read of it, to notice a report that differs.",
    )
    created_at: Mapped[CreatedAt]

    # Ids are unique by themselves (see PosTransactionKey); the date is in the key because
    # PostgreSQL wants the column there by which the table is cut.
    __mapper_args__ = {"primary_key": ["id"]}  # noqa: RUF012 - SQLAlchemy reads it as is

    lines: Mapped[list[PosLine]] = relationship(
        primaryjoin=lambda: _joins(PosLine),
        order_by=PosLine.sequence,
        cascade="all, delete-orphan",
        passive_deletes=True,
    )
    discounts: Mapped[list[PosDiscount]] = relationship(
        primaryjoin=lambda: _joins(PosDiscount),
        order_by=PosDiscount.sequence,
        cascade="all, delete-orphan",
        passive_deletes=True,
    )
    taxes: Mapped[list[PosTax]] = relationship(
        primaryjoin=lambda: _joins(PosTax),
        order_by=PosTax.sequence,
        cascade="all, delete-orphan",
        passive_deletes=True,
    )
    tenders: Mapped[list[PosTender]] = relationship(
        primaryjoin=lambda: _joins(PosTender),
        order_by=PosTender.sequence,
        cascade="all, delete-orphan",
        passive_deletes=True,
    )


def _joins(part: type[OfTransaction]) -> ColumnElement[bool]:
    """Tell which parts a POS transaction has; the foreign keys stand in the partitions."""
    return and_(
        foreign(part.transaction_id) == PosTransaction.id,
        foreign(part.business_date) == PosTransaction.business_date,
        foreign(part.counts_for) == PosTransaction.counts_for,
    )


class PosTransactionKey(TrainwreckModel):
    """The one place of a POS transaction: no system can report an id of its own twice.

    Kept by triggers of `pos_transactions`, whoever writes there; nobody writes here. A key
    outlives the move of its month to the archive, so that an old log still changes nothing.
    """

    __tablename__ = "pos_transaction_keys"
    __table_args__ = (
        UniqueConstraint("transaction_id"),
        {"comment": "Each id of each POS system once, across all months and the archive."},
    )

    system: Mapped[str] = mapped_column(primary_key=True, comment="Which POS system reported it.")
    system_id: Mapped[str] = mapped_column(primary_key=True, comment="That system's own id.")
    transaction_id: Mapped[UUID] = mapped_column(comment="The id of the POS transaction.")
    business_date: Mapped[date] = mapped_column(comment="Its business date: the month it lies in.")
    fingerprint: Mapped[bytes | None] = mapped_column(
        LargeBinary, comment="As in its POS transaction: SHA-256 of everything that was read."
    )
