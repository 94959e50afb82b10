# SPDX-License-Identifier: Apache-2.0
"""Products: everything that can be sold, with the codes that till and shelf know it by.

A product carries the *name* of its brand and department beside their ids. The foreign
keys are over both columns with ON UPDATE CASCADE, so PostgreSQL keeps the copies right
(renaming a brand renames it on its products) and a wrong copy cannot be written. That
makes the searched text one generated column, and lets grids sort and show a million
products without a join.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Computed,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    func,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

import poser.model.money
import poser.model.product_codes
import poser.model.units  # noqa: F401 - tables that these refer to
from poser.db.base import CreatedAt, Id, Model, ModifiedAt
from poser.model.brands import Brand
from poser.model.columns import QUANTITY, flag, reference, words
from poser.model.org import Department
from poser.model.product_rules import KEYS, RULES, ProductKind
from poser.model.syncing import shared

if TYPE_CHECKING:
    from poser.model.product_codes import ProductCode

_SEARCH = (
    "lower(brand_name || ' ' || description || ' ' || size"
    " || ' ' || coalesce(lpad(gtin::text, 14, '0'), '')"
    " || ' ' || coalesce(plu::text, ''))"
)
_GTIN_ORDER = "coalesce(gtin, 0)"


class Product(Model):
    """One thing that can be sold, told apart by its GTIN.

    Writers set `brand_id` with `brand_name` (empty text without a brand), and
    `department_id` with `department_name`; the database refuses a pair that differs
    from the brand's or department's own row. A product is not deleted but marked, for
    the sake of what refers to it, and keeps its codes.
    """

    __tablename__ = "products"
    __table_args__ = (
        *KEYS,
        *RULES,
        ForeignKeyConstraint(
            ["brand_id", "brand_name"],
            ["brands.id", "brands.name"],
            onupdate="CASCADE",
            deferrable=True,
            initially="IMMEDIATE",
        ),
        ForeignKeyConstraint(
            ["department_id", "department_name"],
            ["departments.id", "departments.name"],
            onupdate="CASCADE",
            deferrable=True,
            initially="IMMEDIATE",
        ),
        # Keyset pages order by exactly (column, id): one index for each sortable column.
        Index("ix_products_gtin_id", text(_GTIN_ORDER), "id"),
        Index("ix_products_description_id", "description", "id"),
        Index("ix_products_brand_name_id", "brand_name", "id"),
        Index("ix_products_department_name_id", "department_name", "id"),
        Index("ix_products_modified_at_id", "modified_at", "id"),
        Index("ix_products_brand_id_brand_name", "brand_id", "brand_name"),
        Index("ix_products_department_id_department_name", "department_id", "department_name"),
        Index(
            "ix_products_search",
            "search",
            postgresql_using="gin",
            postgresql_ops={"search": "gin_trgm_ops"},
        ),
        {"comment": "Everything that can be sold.", "info": shared()},
    )

    id: Mapped[Id]
    gtin: Mapped[int | None] = mapped_column(
        BigInteger,
        comment=(
            "Global Trade Item Number as a number of up to 14 digits with its check digit;"
            " store-made numbers (restricted circulation) included."
        ),
    )
    plu: Mapped[int | None] = mapped_column(
        comment="Price look-up code keyed for loose goods, 1 to 5 digits."
    )
    item_number: Mapped[str | None] = mapped_column(
        comment="The retailer's own number for it, as another system calls it."
    )
    description: Mapped[str] = mapped_column(comment="What the product is, as on shelf and till.")
    description_2: Mapped[str] = words("Second line of the description; may be empty.")
    kind: Mapped[str] = words(
        "What is sold: goods, service, gift_card, deposit or donation.", default=ProductKind.GOODS
    )
    brand_id: Mapped[UUID | None] = mapped_column(comment="The product's brand.")
    brand_name: Mapped[str] = words(
        "Copy of the brand's name, kept right by the foreign key; empty without one."
    )
    department_id: Mapped[UUID | None] = mapped_column(comment="Where the product belongs.")
    department_name: Mapped[str] = words(
        "Copy of the department's name, kept right by the foreign key; empty without."
    )
    subdepartment_id: Mapped[UUID | None] = reference(
        "subdepartments.id", "The part of the department."
    )
    category_id: Mapped[UUID | None] = reference("categories.id", "What buyers plan it with.")
    family_id: Mapped[UUID | None] = reference("families.id", "The family that coupons name.")
    report_code_id: Mapped[UUID | None] = reference("report_codes.id", "Its group in reports.")

    size: Mapped[str] = words("Size as printed, such as 12 oz; may be empty.")
    unit_size: Mapped[Decimal | None] = mapped_column(
        QUANTITY, comment="The size as a number, in the unit of unit_id."
    )
    unit_id: Mapped[UUID | None] = reference("units.id", "The unit that unit_size is in.")
    is_weighed: Mapped[bool] = flag("Sold by weight at the till.")
    price_unit_id: Mapped[UUID | None] = reference(
        "units.id", "What a price is for, such as pound or kilogram; empty means each."
    )
    average_weight: Mapped[Decimal | None] = mapped_column(
        QUANTITY, comment="Usual weight of one piece, in the unit of price_unit_id."
    )
    single_id: Mapped[UUID | None] = reference(
        "products.id", "The single product that this one is a pack of."
    )
    pack_size: Mapped[Decimal | None] = mapped_column(
        QUANTITY, comment="How many of the single product are in this pack."
    )
    is_default_pack: Mapped[bool] = flag("The pack that the single product is usually sold in.")
    case_size: Mapped[Decimal | None] = mapped_column(
        QUANTITY, comment="How many of it are usually in a case."
    )

    is_organic: Mapped[bool] = flag("Certified organic.")
    is_kosher: Mapped[bool] = flag("Certified kosher.")
    is_halal: Mapped[bool] = flag("Certified halal.")
    is_vegan: Mapped[bool] = flag("Nothing of animals in it.")
    is_vegetarian: Mapped[bool] = flag("No meat or fish in it.")
    is_gluten_free: Mapped[bool] = flag("Free of gluten.")
    is_sugar_free: Mapped[bool] = flag("Free of sugar.")
    ingredients: Mapped[str] = words("Ingredients as on the label.")
    allergens: Mapped[str] = words("Allergens as on the label.")
    origin_country: Mapped[str] = words("Country of origin, ISO 3166-1 alpha-2; may be empty.")

    is_food_stampable: Mapped[bool] = flag("May be paid with food stamps (SNAP, EBT).")
    is_discountable: Mapped[bool] = flag("Discounts on everything are for it too.", default=True)
    is_price_required: Mapped[bool] = flag("The till asks for its price.")
    minimum_age: Mapped[int | None] = mapped_column(
        SmallInteger, comment="Age in years from which it may be sold to somebody."
    )
    deposit_id: Mapped[UUID | None] = reference("deposits.id", "Deposit on its container.")

    is_discontinued: Mapped[bool] = flag("No longer bought for sale.")
    is_not_for_sale: Mapped[bool] = flag("Not sold to customers, such as supplies.")
    is_special_order: Mapped[bool] = flag("Only got for a customer who ordered it.")
    is_deleted: Mapped[bool] = flag("Gone for people; kept, with its codes, for what refers to it.")
    last_sold_on: Mapped[date | None] = mapped_column(
        info={"history": False}, comment="Business date it was last sold on."
    )
    notes: Mapped[str] = words("What somebody wrote about it.")
    search: Mapped[str] = mapped_column(
        Computed(_SEARCH, persisted=True),
        comment="Lower-case text that the products grid searches; generated.",
    )
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]

    brand: Mapped[Brand | None] = relationship(
        primaryjoin=lambda: Product.brand_id == Brand.id,
        foreign_keys=lambda: [Product.brand_id],
        viewonly=True,
    )
    department: Mapped[Department | None] = relationship(
        primaryjoin=lambda: Product.department_id == Department.id,
        foreign_keys=lambda: [Product.department_id],
        viewonly=True,
    )
    codes: Mapped[list["ProductCode"]] = relationship(
        back_populates="product", cascade="all, delete-orphan", order_by="ProductCode.code"
    )


PRODUCT_ORDER: Mapping[str, ColumnElement[Any]] = {
    "gtin": func.coalesce(Product.gtin, literal_column("0")),
    "description": Product.description.expression,
    "brand": Product.brand_name.expression,
    "department": Product.department_name.expression,
    "modified_at": Product.modified_at.expression,
}
"""What the products grid may order by: each with an index over (expression, id)."""
