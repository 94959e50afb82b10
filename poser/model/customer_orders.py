# SPDX-License-Identifier: Apache-2.0
"""Orders of customers for goods that are got for them, and how far each item is."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

import poser.model.customers
import poser.model.org
import poser.model.pending
import poser.model.people
import poser.model.products
import poser.model.purchases
import poser.model.units
import poser.model.users
import poser.model.vendors  # noqa: F401 - tables that these refer to
from poser.db.base import CreatedAt, Id, Model, ModifiedAt
from poser.model.columns import (
    AMOUNT,
    COST,
    COSTS,
    PERCENT,
    PRICE,
    QUANTITY,
    check,
    filled,
    flag,
    is_currency,
    one_of,
    reference,
    unique,
    words,
)
from poser.model.syncing import OF_PARENTS_STORE, following, of_store


class OrderStatus(StrEnum):
    """Whether an order is being dealt with."""

    OPEN = "open"
    CLOSED = "closed"
    CANCELED = "canceled"


class OrderItemStatus(StrEnum):
    """How far one item is."""

    UNINITIATED = "uninitiated"
    INITIATED = "initiated"
    PAID_BEFORE = "paid_before"
    READY = "ready"
    PLACED = "placed"
    RECEIVED = "received"
    CONTACTED = "contacted"
    CONTACT_FAILED = "contact_failed"
    DELIVERED = "delivered"
    PAID_AFTER = "paid_after"
    CANCELED = "canceled"
    REFUND_PENDING = "refund_pending"
    REFUNDED = "refunded"
    RESTOCKED = "restocked"
    EXPIRED = "expired"
    INACTIVE = "inactive"


OF_ORDER = following("order_id", "customer_orders", OF_PARENTS_STORE)
"""How the lines of orders are kept in step."""

OF_ITEM = following(
    "item_id",
    "customer_order_items",
    "(SELECT CASE WHEN o.store_id IS NOT NULL THEN ARRAY[o.store_id::text] END"
    " FROM customer_orders AS o WHERE o.id = p.order_id)",
)
"""How what happened to them is."""


class CustomerOrder(Model):
    """What one customer ordered at one time."""

    __tablename__ = "customer_orders"
    __table_args__ = (
        unique("number"),
        filled("number"),
        one_of("status", OrderStatus),
        check(
            "customer",
            "num_nonnulls(customer_id, person_id, pending_customer_id) >= 1",
            "An order is of a customer, a person, or somebody who was written down.",
        ),
        is_currency(),
        Index("ix_customer_orders_store_id_status", "store_id", "status"),
        {"comment": "Orders of customers.", "info": of_store()},
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(comment="Number that the customer is told.")
    store_id: Mapped[UUID | None] = reference("stores.id", "Where it is picked up.", index=False)
    customer_id: Mapped[UUID | None] = reference("customers.id", "The customer account.")
    person_id: Mapped[UUID | None] = reference("people.id", "The person who ordered.")
    pending_customer_id: Mapped[UUID | None] = reference(
        "pending_customers.id", "Or who was written down."
    )
    contact_name: Mapped[str] = words("Whom to ask for.")
    phone: Mapped[str] = words("Telephone number to call for this order.")
    email: Mapped[str] = words("Email address to write to for this order.")
    status: Mapped[str] = words("open, closed or canceled.", default=OrderStatus.OPEN)
    total: Mapped[Decimal | None] = mapped_column(AMOUNT, comment="Total of all items.")
    currency: Mapped[str] = words("ISO 4217 code; empty means the store's currency.")
    ordered_at: Mapped[datetime | None] = mapped_column(comment="When it was ordered (UTC).")
    created_by_id: Mapped[UUID | None] = reference("users.id", "Who took it.", ondelete="SET NULL")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]

    items: Mapped[list["CustomerOrderItem"]] = relationship(
        cascade="all, delete-orphan", order_by="CustomerOrderItem.sequence"
    )


class CustomerOrderItem(Model):
    """One thing that a customer ordered, as it was described and priced then."""

    __tablename__ = "customer_order_items"
    __table_args__ = (
        unique("order_id", "sequence"),
        one_of("status", OrderItemStatus),
        check("sequence", "sequence > 0", "Lines are counted from 1; not {sequence}."),
        check("quantity", "quantity > 0", "An order is for more than nothing; not {quantity}."),
        check(
            "discount",
            "discount_percent BETWEEN 0 AND 100",
            "A discount is between 0 and 100 percent; not {discount_percent}.",
        ),
        check("contact_attempts", "contact_attempts >= 0", "Attempts are counted from 0."),
        Index("ix_customer_order_items_status", "status"),
        {
            "comment": "Things that customers ordered.",
            "info": OF_ORDER,
        },
    )

    id: Mapped[Id]
    order_id: Mapped[UUID] = reference(
        "customer_orders.id", "The order.", ondelete="CASCADE", index=False
    )
    sequence: Mapped[int] = mapped_column(comment="Number of the line, from 1.")
    product_id: Mapped[UUID | None] = reference("products.id", "The product, if it is known.")
    pending_product_id: Mapped[UUID | None] = reference(
        "pending_products.id", "Or the product as somebody described it."
    )
    vendor_id: Mapped[UUID | None] = reference("vendors.id", "Who it is got from.")
    purchase_item_id: Mapped[UUID | None] = reference(
        "purchase_items.id", "The line of the purchase it comes with.", ondelete="SET NULL"
    )
    gtin: Mapped[int | None] = mapped_column(BigInteger, comment="Its GTIN then.")
    description: Mapped[str] = words("Its description then.")
    size: Mapped[str] = words("Its size then.")
    quantity: Mapped[Decimal] = mapped_column(QUANTITY, comment="How many of unit_id.")
    unit_id: Mapped[UUID | None] = reference("units.id", "What it is ordered by; empty: each.")
    is_by_case: Mapped[bool] = flag("The quantity is of cases.")
    case_size: Mapped[Decimal | None] = mapped_column(QUANTITY, comment="Units in a case then.")
    unit_cost: Mapped[Decimal | None] = mapped_column(
        COST, info=COSTS, comment="Cost of one unit then."
    )
    regular_price: Mapped[Decimal | None] = mapped_column(
        PRICE, comment="Regular price of one unit then."
    )
    price: Mapped[Decimal | None] = mapped_column(
        PRICE, comment="What the customer pays for one unit, before the discount."
    )
    discount_percent: Mapped[Decimal | None] = mapped_column(PERCENT, comment="Discount, percent.")
    total: Mapped[Decimal | None] = mapped_column(AMOUNT, comment="What all of it costs.")
    needs_price_check: Mapped[bool] = flag("Somebody must confirm the price.")
    is_special_order: Mapped[bool] = flag("Only got for this customer.")
    status: Mapped[str] = words(
        "How far it is; see OrderItemStatus.", default=OrderItemStatus.UNINITIATED
    )
    paid_amount: Mapped[Decimal | None] = mapped_column(AMOUNT, comment="Paid so far.")
    payment_key: Mapped[str] = words("Key of the POS transaction that it was paid with.")
    is_flagged: Mapped[bool] = flag("Somebody should look at it.")
    contact_attempts: Mapped[int] = mapped_column(
        server_default=text("0"), default=0, comment="How often the customer was called."
    )
    contacted_at: Mapped[datetime | None] = mapped_column(comment="When last (UTC).")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]


class CustomerOrderItemEvent(Model):
    """Something that happened to an item, so that anybody can tell the customer."""

    __tablename__ = "customer_order_item_events"
    __table_args__ = (
        filled("kind"),
        Index("ix_customer_order_item_events_item_id_at", "item_id", "at"),
        # Written once; the events are the history.
        {
            "comment": "What happened to ordered things.",
            "info": {"history": False, **OF_ITEM},
        },
    )

    id: Mapped[Id]
    item_id: Mapped[UUID] = reference(
        "customer_order_items.id", "What it happened to.", ondelete="CASCADE", index=False
    )
    at: Mapped[datetime] = mapped_column(comment="When it happened (UTC).")
    kind: Mapped[str] = mapped_column(
        comment="What happened: a status, or such as note_added or price_confirmed."
    )
    user_id: Mapped[UUID | None] = reference("users.id", "Who did it.", ondelete="SET NULL")
    note: Mapped[str] = words("What somebody wrote about it.")
    details: Mapped[dict[str, Any]] = mapped_column(
        JSONB, server_default=text("'{}'"), default=dict, comment="What changed, by field."
    )
