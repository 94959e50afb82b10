# SPDX-License-Identifier: Apache-2.0
"""What vendors call, pack and charge for products, now and later.

A cost holds for a range of time. A cost that is known in advance is a row whose range
has not begun yet: nothing has to be moved when its day comes.
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import TSTZRANGE, Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

import poser.model.org
import poser.model.products
import poser.model.vendors  # noqa: F401 - tables that these refer to
from poser.db.base import CreatedAt, Id, Model, ModifiedAt
from poser.model.columns import (
    COST,
    COSTS,
    NOBODY,
    PERCENT,
    QUANTITY,
    check,
    flag,
    is_currency,
    no_overlap,
    one_of,
    reference,
    unique,
    words,
)
from poser.model.syncing import Flow, of_store, shared


class CostKind(StrEnum):
    """Which of an item's costs this is."""

    REGULAR = "regular"
    DEAL = "deal"


class VendorItem(Model):
    """A product as one vendor calls and packs it."""

    __tablename__ = "vendor_items"
    __table_args__ = (
        unique("product_id", "vendor_id", "code"),
        check("code", "code = btrim(code)", "A vendor's code has no blanks around it."),
        check("case_size", "case_size > 0", "A case holds more than nothing; not {case_size}."),
        check("pack_size", "pack_size > 0", "A pack holds more than nothing; not {pack_size}."),
        check("ordinal", "ordinal > 0", "The order begins with 1; not {ordinal}."),
        Index("ix_vendor_items_code", "code"),
        {"comment": "Products as vendors call and pack them.", "info": shared()},
    )

    id: Mapped[Id]
    product_id: Mapped[UUID] = reference(
        "products.id", "The product.", ondelete="CASCADE", index=False
    )
    vendor_id: Mapped[UUID] = reference("vendors.id", "Whose item it is.")
    code: Mapped[str] = words("The vendor's own number for it; may be empty.")
    description: Mapped[str] = words("What the vendor calls it.")
    ordinal: Mapped[int] = mapped_column(
        SmallInteger,
        server_default=text("1"),
        default=1,
        comment="Order in which the product's vendors are asked; 1 is first.",
    )
    case_size: Mapped[Decimal] = mapped_column(
        QUANTITY, server_default=text("1"), default=1, comment="How many units are in a case."
    )
    pack_size: Mapped[Decimal | None] = mapped_column(
        QUANTITY, comment="How many units are in a pack inside the case."
    )
    is_discontinued: Mapped[bool] = flag("The vendor does not sell it any more.")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]

    costs: Mapped[list["VendorCost"]] = relationship(
        cascade="all, delete-orphan", order_by="VendorCost.valid"
    )


class VendorCost(Model):
    """What a vendor's item costs during a range of time, for one store or for all.

    Two costs of the same kind for the same item and store cannot overlap in time. A cost
    for one store goes before the cost for all, and a deal before the regular cost.
    """

    __tablename__ = "vendor_costs"
    __table_args__ = (
        no_overlap(
            "ex_vendor_costs_no_overlap",
            "vendor_item_id",
            text(f"coalesce(store_id, {NOBODY})"),
            "kind",
            sentence="The vendor's item {vendor_item_id} has another {kind} cost"
            " from {valid.from} to {valid.to}: it holds from {other.from} to {other.to}.",
        ),
        one_of("kind", CostKind),
        check("unit_cost", "unit_cost >= 0", "A cost cannot be negative; not {unit_cost}."),
        check("case_cost", "case_cost >= 0", "A cost cannot be negative; not {case_cost}."),
        check(
            "discount",
            "discount_percent BETWEEN 0 AND 100",
            "A discount is between 0 and 100 percent; not {discount_percent}.",
        ),
        check("valid", "NOT isempty(valid)", "The time a cost holds must end after it begins."),
        is_currency(),
        {
            "comment": "What vendors charge, each cost for a range of time, also to come.",
            "info": of_store(Flow.DOWN),
        },
    )

    id: Mapped[Id]
    vendor_item_id: Mapped[UUID] = reference(
        "vendor_items.id", "What is bought.", ondelete="CASCADE"
    )
    store_id: Mapped[UUID | None] = reference(
        "stores.id", "The store the cost is for; empty means all stores."
    )
    kind: Mapped[str] = words("regular or deal.", default=CostKind.REGULAR)
    unit_cost: Mapped[Decimal] = mapped_column(COST, info=COSTS, comment="Cost of one unit.")
    case_cost: Mapped[Decimal | None] = mapped_column(COST, info=COSTS, comment="Cost of one case.")
    discount_percent: Mapped[Decimal | None] = mapped_column(
        PERCENT, info=COSTS, comment="Discount that the cost has in it, percent; for deals."
    )
    currency: Mapped[str] = words("ISO 4217 code; empty means the retailer's own currency.")
    valid: Mapped[Range[datetime]] = mapped_column(
        TSTZRANGE, comment="When the cost holds: from inclusive, to exclusive or open."
    )
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]
