# SPDX-License-Identifier: Apache-2.0
"""What is bought: purchases from the order to the paid invoice, with their items."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, MappedColumn, mapped_column, relationship

import poser.model.employees
import poser.model.org
import poser.model.products
import poser.model.users
import poser.model.vendors  # noqa: F401 - tables that these refer to
from poser.db.base import CreatedAt, Id, Model, ModifiedAt
from poser.model.columns import (
    AMOUNT,
    COST,
    COSTS,
    QUANTITY,
    check,
    flag,
    is_currency,
    one_of,
    reference,
    unique,
    words,
)
from poser.model.syncing import OF_PARENTS_STORE, following, of_store


class PurchaseStatus(StrEnum):
    """How far a purchase is."""

    NEW = "new"
    ORDERED = "ordered"
    RECEIVED = "received"
    COSTED = "costed"
    PAID = "paid"
    CANCELED = "canceled"


COUNTED = ("ordered", "shipped", "received", "damaged", "expired", "mispicked", "missing")
"""What a purchase item counts, each in cases and in units."""

_COUNTS = ", ".join(f"{unit}_{what}" for what in COUNTED for unit in ("cases", "units"))


def counted(comment: str) -> MappedColumn[Decimal]:
    """Count cases or units of an item; nothing yet is 0."""
    return mapped_column(QUANTITY, server_default="0", default=0, comment=comment)


class Purchase(Model):
    """Goods ordered from one vendor for one store, or that came from it."""

    __tablename__ = "purchases"
    __table_args__ = (
        one_of("status", PurchaseStatus),
        is_currency(),
        check(
            "shipped_on",
            "shipped_on >= ordered_on",
            "Goods cannot be shipped ({shipped_on}) before they are ordered ({ordered_on}).",
        ),
        Index("ix_purchases_vendor_id_invoice_number", "vendor_id", "invoice_number"),
        Index("ix_purchases_store_id_status", "store_id", "status"),
        {"comment": "Purchases from vendors.", "info": of_store()},
    )

    id: Mapped[Id]
    store_id: Mapped[UUID] = reference("stores.id", "The store the goods are for.", index=False)
    vendor_id: Mapped[UUID] = reference("vendors.id", "Whom they are from.", index=False)
    department_id: Mapped[UUID | None] = reference("departments.id", "The department that buys.")
    buyer_id: Mapped[UUID | None] = reference("employees.id", "Who buys.", ondelete="SET NULL")
    status: Mapped[str] = words(
        "new, ordered, received, costed, paid or canceled.", default=PurchaseStatus.NEW
    )
    order_number: Mapped[str] = words("The retailer's number of the order.")
    order_total: Mapped[Decimal | None] = mapped_column(
        AMOUNT, info=COSTS, comment="Total as ordered."
    )
    invoice_number: Mapped[str] = words("The vendor's number of the invoice.")
    invoice_on: Mapped[date | None] = mapped_column(comment="Date of the invoice.")
    invoice_total: Mapped[Decimal | None] = mapped_column(
        AMOUNT, info=COSTS, comment="Total as invoiced."
    )
    currency: Mapped[str] = words("ISO 4217 code; empty means the retailer's own currency.")
    ordered_on: Mapped[date | None] = mapped_column(comment="Day of the order.")
    shipped_on: Mapped[date | None] = mapped_column(comment="Day the vendor sent it.")
    received_at: Mapped[datetime | None] = mapped_column(comment="When it came in (UTC).")
    ship_method: Mapped[str] = words("How it is sent, as agreed.")
    notes_to_vendor: Mapped[str] = words("What the vendor should know.")
    created_by_id: Mapped[UUID | None] = reference("users.id", "Who began it.", ondelete="SET NULL")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]

    items: Mapped[list["PurchaseItem"]] = relationship(
        cascade="all, delete-orphan", order_by="PurchaseItem.sequence"
    )


class PurchaseItem(Model):
    """One line of a purchase, with what became of it.

    Codes and descriptions are as they were then. All quantities of one line together are
    `cases * case_size + units`.
    """

    __tablename__ = "purchase_items"
    __table_args__ = (
        unique("purchase_id", "sequence"),
        check("sequence", "sequence > 0", "Lines are counted from 1; not {sequence}."),
        check("case_size", "case_size > 0", "A case holds more than nothing; not {case_size}."),
        check(
            "counts",
            f"least({_COUNTS}) >= 0",
            "No count of a purchase's line can be below zero.",
        ),
        {
            "comment": "Lines of purchases.",
            "info": following("purchase_id", "purchases", OF_PARENTS_STORE),
        },
    )

    id: Mapped[Id]
    purchase_id: Mapped[UUID] = reference(
        "purchases.id", "The purchase.", ondelete="CASCADE", index=False
    )
    sequence: Mapped[int] = mapped_column(comment="Number of the line, from 1.")
    product_id: Mapped[UUID | None] = reference(
        "products.id", "The product; empty while it is not known."
    )
    vendor_code: Mapped[str] = words("The vendor's number of it then.")
    gtin: Mapped[int | None] = mapped_column(BigInteger, comment="Its GTIN then.")
    description: Mapped[str] = words("Its description then.")
    size: Mapped[str] = words("Its size then.")
    case_size: Mapped[Decimal] = mapped_column(
        QUANTITY, server_default="1", default=1, comment="How many units are in a case."
    )
    invoice_sequence: Mapped[int | None] = mapped_column(comment="Its line on the invoice.")
    is_out_of_stock: Mapped[bool] = flag("The vendor had none.")
    cases_ordered: Mapped[Decimal] = counted("Cases that were ordered.")
    units_ordered: Mapped[Decimal] = counted("Units that were ordered, beside cases.")
    cases_shipped: Mapped[Decimal] = counted("Cases that the vendor says it sent.")
    units_shipped: Mapped[Decimal] = counted("Units that the vendor says it sent.")
    cases_received: Mapped[Decimal] = counted("Cases that came in good order.")
    units_received: Mapped[Decimal] = counted("Units that came in good order.")
    cases_damaged: Mapped[Decimal] = counted("Cases that came damaged.")
    units_damaged: Mapped[Decimal] = counted("Units that came damaged.")
    cases_expired: Mapped[Decimal] = counted("Cases that came too old.")
    units_expired: Mapped[Decimal] = counted("Units that came too old.")
    cases_mispicked: Mapped[Decimal] = counted("Cases of something else that came instead.")
    units_mispicked: Mapped[Decimal] = counted("Units of something else that came instead.")
    cases_missing: Mapped[Decimal] = counted("Cases that did not come.")
    units_missing: Mapped[Decimal] = counted("Units that did not come.")
    catalog_unit_cost: Mapped[Decimal | None] = mapped_column(
        COST, info=COSTS, comment="Cost of one unit in the vendor's catalog then."
    )
    order_unit_cost: Mapped[Decimal | None] = mapped_column(
        COST, info=COSTS, comment="Cost of one unit on the order."
    )
    order_case_cost: Mapped[Decimal | None] = mapped_column(
        COST, info=COSTS, comment="Cost of one case on the order."
    )
    order_total: Mapped[Decimal | None] = mapped_column(
        AMOUNT, info=COSTS, comment="Total as ordered."
    )
    invoice_unit_cost: Mapped[Decimal | None] = mapped_column(
        COST, info=COSTS, comment="Cost of one unit on the invoice."
    )
    invoice_case_cost: Mapped[Decimal | None] = mapped_column(
        COST, info=COSTS, comment="Cost of one case on the invoice."
    )
    invoice_total: Mapped[Decimal | None] = mapped_column(
        AMOUNT, info=COSTS, comment="Total as invoiced."
    )
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]
