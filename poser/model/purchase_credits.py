# SPDX-License-Identifier: Apache-2.0
"""What vendors owe back: goods that came damaged, too old, wrong, or not at all."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

import poser.model.org
import poser.model.products
import poser.model.purchases
import poser.model.vendors  # noqa: F401 - tables that these refer to
from poser.db.base import CreatedAt, Id, Model, ModifiedAt
from poser.model.columns import (
    AMOUNT,
    COST,
    COSTS,
    QUANTITY,
    check,
    is_currency,
    one_of,
    reference,
    words,
)
from poser.model.syncing import of_store


class CreditKind(StrEnum):
    """Why a vendor owes something back."""

    DAMAGED = "damaged"
    EXPIRED = "expired"
    MISPICKED = "mispicked"
    MISSING = "missing"
    OTHER = "other"


class CreditStatus(StrEnum):
    """How far it is."""

    NEW = "new"
    SUBMITTED = "submitted"
    SATISFIED = "satisfied"
    NOT_CREDITABLE = "not_creditable"


class PurchaseCredit(Model):
    """Something that one vendor owes back to one store."""

    __tablename__ = "purchase_credits"
    __table_args__ = (
        one_of("kind", CreditKind),
        one_of("status", CreditStatus),
        check(
            "shorted",
            "least(cases_shorted, units_shorted) >= 0 AND cases_shorted + units_shorted > 0",
            "A credit is for more than nothing; not for {cases_shorted} cases and"
            " {units_shorted} units.",
        ),
        check("case_size", "case_size > 0", "A case holds more than nothing; not {case_size}."),
        check(
            "mispicked",
            "kind = 'mispicked' OR (mispicked_product_id IS NULL AND mispicked_description = '')",
            "What came instead is said of mispicked goods only, not of {kind} ones.",
        ),
        is_currency(),
        Index("ix_purchase_credits_vendor_id_status", "vendor_id", "status"),
        {"comment": "What vendors owe back for goods.", "info": of_store()},
    )

    id: Mapped[Id]
    store_id: Mapped[UUID] = reference("stores.id", "The store it is owed to.")
    vendor_id: Mapped[UUID] = reference("vendors.id", "Who owes it.", index=False)
    purchase_item_id: Mapped[UUID | None] = reference(
        "purchase_items.id", "The line of a purchase that it is about.", ondelete="SET NULL"
    )
    product_id: Mapped[UUID | None] = reference("products.id", "What should have come.")
    kind: Mapped[str] = mapped_column(comment="damaged, expired, mispicked, missing or other.")
    status: Mapped[str] = words(
        "new, submitted, satisfied or not_creditable.", default=CreditStatus.NEW
    )
    vendor_code: Mapped[str] = words("The vendor's number of it then.")
    gtin: Mapped[int | None] = mapped_column(BigInteger, comment="Its GTIN then.")
    description: Mapped[str] = words("Its description then.")
    case_size: Mapped[Decimal] = mapped_column(
        QUANTITY, server_default="1", default=1, comment="How many units are in a case."
    )
    cases_shorted: Mapped[Decimal] = mapped_column(
        QUANTITY, server_default="0", default=0, comment="Cases that are owed."
    )
    units_shorted: Mapped[Decimal] = mapped_column(
        QUANTITY, server_default="0", default=0, comment="Units that are owed, beside cases."
    )
    expired_on: Mapped[date | None] = mapped_column(comment="Date on goods that were too old.")
    mispicked_product_id: Mapped[UUID | None] = reference("products.id", "What came instead.")
    mispicked_description: Mapped[str] = words("What came instead, in words.")
    invoice_number: Mapped[str] = words("The vendor's number of the invoice.")
    unit_cost: Mapped[Decimal | None] = mapped_column(COST, info=COSTS, comment="Cost of one unit.")
    total: Mapped[Decimal | None] = mapped_column(AMOUNT, info=COSTS, comment="What is owed.")
    currency: Mapped[str] = words("ISO 4217 code; empty means the retailer's own currency.")
    note: Mapped[str] = words("What somebody wrote about it.")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]
