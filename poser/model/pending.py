# SPDX-License-Identifier: Apache-2.0
"""Products and customers that somebody typed in because nobody found them.

Each waits until a person says which row it is, or makes one of it.
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

import poser.model.customers
import poser.model.org
import poser.model.products
import poser.model.users
import poser.model.vendors  # noqa: F401 - tables that these refer to
from poser.db.base import CreatedAt, Id, Model, ModifiedAt
from poser.model.columns import (
    COST,
    COSTS,
    PRICE,
    QUANTITY,
    check,
    filled,
    flag,
    has_check_digit,
    one_of,
    reference,
    words,
)
from poser.model.syncing import everywhere


class PendingStatus(StrEnum):
    """What became of it."""

    PENDING = "pending"
    READY = "ready"
    RESOLVED = "resolved"
    IGNORED = "ignored"


class PendingProduct(Model):
    """A product as somebody described it, to be found or made later."""

    __tablename__ = "pending_products"
    __table_args__ = (
        one_of("status", PendingStatus),
        filled("description"),
        check(
            "resolved",
            "(status = 'resolved') = (product_id IS NOT NULL)",
            "A product that is resolved says which one it is, and no other does.",
        ),
        check(
            "gtin_check_digit",
            f"gtin BETWEEN 1 AND 99999999999999 AND {has_check_digit('gtin')}",
            "The last digit of the barcode {gtin} does not fit the others:"
            " scan it again, or compare it with the printed number.",
        ),
        check("price", "price >= 0", "A price cannot be negative; not {price}."),
        check("case_size", "case_size > 0", "A case holds more than nothing; not {case_size}."),
        Index("ix_pending_products_status", "status"),
        {
            "comment": "Products that somebody described and that are still to be found or made.",
            "info": everywhere(),
        },
    )

    id: Mapped[Id]
    status: Mapped[str] = words(
        "pending, ready, resolved or ignored.", default=PendingStatus.PENDING
    )
    entry: Mapped[str] = words("What was scanned or typed, as it was.")
    gtin: Mapped[int | None] = mapped_column(BigInteger, comment="GTIN, if the code is one.")
    description: Mapped[str] = mapped_column(comment="What it is.")
    brand_name: Mapped[str] = words("Its brand, as somebody wrote it.")
    size: Mapped[str] = words("Size as printed.")
    is_weighed: Mapped[bool] = flag("Sold by weight.")
    is_special_order: Mapped[bool] = flag("Only got for a customer who orders it.")
    department_id: Mapped[UUID | None] = reference("departments.id", "Where it belongs.")
    vendor_id: Mapped[UUID | None] = reference("vendors.id", "Who has it.")
    vendor_code: Mapped[str] = words("The vendor's number of it.")
    case_size: Mapped[Decimal | None] = mapped_column(QUANTITY, comment="How many are in a case.")
    unit_cost: Mapped[Decimal | None] = mapped_column(COST, info=COSTS, comment="Cost of one unit.")
    price: Mapped[Decimal | None] = mapped_column(PRICE, comment="Price of one unit.")
    notes: Mapped[str] = words("What somebody wrote about it.")
    product_id: Mapped[UUID | None] = reference("products.id", "The product it turned out to be.")
    created_by_id: Mapped[UUID | None] = reference(
        "users.id", "Who described it.", ondelete="SET NULL"
    )
    resolved_by_id: Mapped[UUID | None] = reference(
        "users.id", "Who resolved it.", ondelete="SET NULL"
    )
    resolved_at: Mapped[datetime | None] = mapped_column(comment="When it was resolved (UTC).")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]


class PendingCustomer(Model):
    """A customer as somebody wrote them down, to be found or made later."""

    __tablename__ = "pending_customers"
    __table_args__ = (
        one_of("status", PendingStatus),
        filled("display_name"),
        check(
            "resolved",
            "(status = 'resolved') = (customer_id IS NOT NULL)",
            "A customer who is resolved says which one it is, and no other does.",
        ),
        Index("ix_pending_customers_status", "status"),
        {
            "comment": "Customers that somebody wrote down and that are to be found or made.",
            "info": everywhere(),
        },
    )

    id: Mapped[Id]
    status: Mapped[str] = words(
        "pending, ready, resolved or ignored.", default=PendingStatus.PENDING
    )
    display_name: Mapped[str] = mapped_column(comment="The name, as told.")
    given_name: Mapped[str] = words("First or given name; may be empty.")
    family_name: Mapped[str] = words("Last or family name; may be empty.")
    phone: Mapped[str] = words("Telephone number, as told.")
    email: Mapped[str] = words("Email address, as told.")
    address: Mapped[str] = words("Postal address, as told, in lines.")
    notes: Mapped[str] = words("What somebody wrote about it.")
    customer_id: Mapped[UUID | None] = reference(
        "customers.id", "The customer it turned out to be."
    )
    created_by_id: Mapped[UUID | None] = reference(
        "users.id", "Who wrote it down.", ondelete="SET NULL"
    )
    resolved_by_id: Mapped[UUID | None] = reference(
        "users.id", "Who resolved it.", ondelete="SET NULL"
    )
    resolved_at: Mapped[datetime | None] = mapped_column(comment="When it was resolved (UTC).")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]
