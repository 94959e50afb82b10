# SPDX-License-Identifier: Apache-2.0
"""What a product costs the customer: by kind, by store, by time."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Numeric, text
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

from poser.db.base import CreatedAt, Id, Model, ModifiedAt
from poser.model.products import Product

_ALL_STORES = "coalesce(store_id, '00000000-0000-0000-0000-000000000000'::uuid)"


class PriceKind(StrEnum):
    """Which of a product's prices this is."""

    REGULAR = "regular"
    PROMOTION = "promotion"
    MEMBER = "member"


class ProductPrice(Model):
    """One price of one product during a range of time, in one store or in all.

    Two prices of the same kind for the same product and store cannot overlap in time:
    the database refuses them. A price for one store goes before the price for all.
    """

    __tablename__ = "product_prices"
    __table_args__ = (
        ExcludeConstraint(
            ("product_id", "="),
            (text(_ALL_STORES), "="),
            ("kind", "="),
            ("valid", "&&"),
            name="ex_product_prices_no_overlap",
            using="gist",
            deferrable=True,
            initially="IMMEDIATE",
        ),
        CheckConstraint("kind IN ('regular', 'promotion', 'member')", name="kind"),
        CheckConstraint("price >= 0", name="price"),
        CheckConstraint("NOT isempty(valid)", name="valid"),
        {"comment": "Selling prices, each for a range of time."},
    )

    id: Mapped[Id]
    product_id: Mapped[UUID] = mapped_column(
        ForeignKey("products.id", ondelete="CASCADE", deferrable=True, initially="IMMEDIATE"),
        index=True,
        comment="The product that is priced.",
    )
    store_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("stores.id", deferrable=True, initially="IMMEDIATE"),
        index=True,
        comment="The store the price holds in; empty means all stores.",
    )
    kind: Mapped[str] = mapped_column(comment="regular, promotion or member.")
    price: Mapped[Decimal] = mapped_column(
        Numeric(12, 3), comment="Price of one unit (or one pound when weighed) in the currency."
    )
    valid: Mapped[Range[datetime]] = mapped_column(
        TSTZRANGE, comment="When the price holds: from inclusive, to exclusive or open."
    )
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]

    product: Mapped[Product] = relationship()
