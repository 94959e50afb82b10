# SPDX-License-Identifier: Apache-2.0
"""What a product costs the customer: by kind, by store, by time."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import SmallInteger, text
from sqlalchemy.dialects.postgresql import TSTZRANGE, Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

import poser.model.org  # noqa: F401 - tables that these refer to
from poser.db.base import CreatedAt, Id, Model, ModifiedAt
from poser.model.columns import NOBODY, PRICE, check, no_overlap, one_of, reference
from poser.model.products import Product
from poser.model.syncing import Flow, of_store


class PriceKind(StrEnum):
    """Which of a product's prices this is."""

    REGULAR = "regular"
    PROMOTION = "promotion"
    MEMBER = "member"
    TEMPORARY = "temporary"
    CLEARANCE = "clearance"
    SUGGESTED = "suggested"


class ProductPrice(Model):
    """One price of one product during a range of time, in one store or in all.

    Two prices of the same kind for the same product and store cannot overlap in time:
    the database refuses them. A price for one store goes before the price for all. The
    currency is the store's, or the retailer's own where the price is for all stores.
    """

    __tablename__ = "product_prices"
    __table_args__ = (
        no_overlap(
            "ex_product_prices_no_overlap",
            "product_id",
            text(f"coalesce(store_id, {NOBODY})"),
            "kind",
            sentence="{product_id} has another {kind} price between {valid.from} and {valid.to}:"
            " one that holds from {other.from} to {other.to}.",
        ),
        one_of("kind", PriceKind),
        check("price", "price >= 0", "A price cannot be negative; not {price}."),
        check("multiple", "multiple > 0", "A price is for one unit or more; not {multiple}."),
        check("valid", "NOT isempty(valid)", "The time a price holds must end after it begins."),
        {"comment": "Selling prices, each for a range of time.", "info": of_store(Flow.DOWN)},
    )

    id: Mapped[Id]
    product_id: Mapped[UUID] = reference(
        "products.id", "The product that is priced.", ondelete="CASCADE"
    )
    store_id: Mapped[UUID | None] = reference(
        "stores.id", "The store the price holds in; empty means all stores."
    )
    kind: Mapped[str] = mapped_column(
        comment="regular, promotion, member, temporary, clearance or suggested (by the maker)."
    )
    price: Mapped[Decimal] = mapped_column(
        PRICE,
        comment="What is paid for as many as multiple says, units or weight, in the currency.",
    )
    multiple: Mapped[int] = mapped_column(
        SmallInteger,
        server_default=text("1"),
        default=1,
        comment="How many units that much is paid for, as in 3 for 5.00; usually 1.",
    )
    valid: Mapped[Range[datetime]] = mapped_column(
        TSTZRANGE, comment="When the price holds: from inclusive, to exclusive or open."
    )
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]

    product: Mapped[Product] = relationship()
