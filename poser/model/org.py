# SPDX-License-Identifier: Apache-2.0
"""Stores, and the departments, subdepartments and categories that goods are sorted into."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

import poser.model.money  # noqa: F401 - tables that these refer to
from poser.db.base import CreatedAt, Id, Model, ModifiedAt
from poser.model.columns import PERCENT, check, filled, flag, is_currency, reference, unique, words
from poser.model.syncing import shared


class Store(Model):
    """One shop, known to people and tills by its number."""

    __tablename__ = "stores"
    __table_args__ = (
        unique("number"),
        filled("number"),
        is_currency(),
        {"comment": "Shops of the retailer.", "info": shared(on_cloud=True)},
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(
        comment="Number on tills and paper, such as 9 or 0012; leading zeros count."
    )
    name: Mapped[str] = mapped_column(comment="What people call the store.")
    node: Mapped[str] = words("Name of the store's own node in the inventory; empty without one.")
    time_zone: Mapped[str] = words("IANA time zone, such as America/Chicago; empty: the node's.")
    currency: Mapped[str] = words("ISO 4217 code; empty means the retailer's own currency.")
    opened_on: Mapped[date | None] = mapped_column(comment="First day of business.")
    is_archived: Mapped[bool] = flag("Closed for good; kept for what was.")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]


class Department(Model):
    """A group of goods with its own number on the till, such as produce or dairy."""

    __tablename__ = "departments"
    __table_args__ = (
        unique("number"),
        # Products copy the name beside the id (see poser.model.products); that needs a target.
        UniqueConstraint("id", "name"),
        filled("number"),
        check("name", "name <> ''", "The name of a department may not be empty."),
        check(
            "order_discount",
            "order_discount_percent BETWEEN 0 AND 100",
            "A discount is between 0 and 100 percent; not {order_discount_percent}.",
        ),
        {"comment": "Groups that products are sorted into, as tills know them.", "info": shared()},
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(
        comment="Number on tills and paper, such as 12; leading zeros count."
    )
    name: Mapped[str] = mapped_column(comment="What people call the department.")
    has_products: Mapped[bool] = flag("Sells goods.", default=True)
    has_staff: Mapped[bool] = flag("People work in it.")
    is_exempt_from_gross_sales: Mapped[bool] = flag(
        "Its sales do not count as gross sales, as those of gift cards."
    )
    allows_product_deletion: Mapped[bool] = flag("Its products may be deleted.", default=True)
    is_food_stampable: Mapped[bool] = flag("New products in it may be paid with food stamps.")
    tax_id: Mapped[UUID | None] = reference(
        "taxes.id", "Tax that new products in it get.", ondelete="SET NULL"
    )
    order_discount_percent: Mapped[Decimal | None] = mapped_column(
        PERCENT, comment="Usual discount on customer orders, percent."
    )
    is_archived: Mapped[bool] = flag("No longer used; kept for what was.")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]


class Subdepartment(Model):
    """A part of a department with its own number, such as cheese in dairy."""

    __tablename__ = "subdepartments"
    __table_args__ = (
        unique("number"),
        filled("number"),
        filled("name"),
        {"comment": "Parts of departments.", "info": shared()},
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(comment="Number, such as 1203; leading zeros count.")
    name: Mapped[str] = mapped_column(comment="What people call the subdepartment.")
    department_id: Mapped[UUID | None] = reference("departments.id", "What it is a part of.")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]


class Category(Model):
    """What buyers plan shelves by; may be divided into further categories."""

    __tablename__ = "categories"
    __table_args__ = (
        unique("code"),
        filled("code"),
        filled("name"),
        check("parent", "parent_id <> id", "A category cannot be a part of itself."),
        {"comment": "Groups that buyers plan by, below departments; may nest.", "info": shared()},
    )

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(comment="Short code, such as 40-CHE.")
    name: Mapped[str] = mapped_column(comment="What people call the category.")
    department_id: Mapped[UUID | None] = reference("departments.id", "The department it is in.")
    parent_id: Mapped[UUID | None] = reference("categories.id", "The wider category.")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]


class Family(Model):
    """Products that one rule is for, such as a coupon of a maker."""

    __tablename__ = "families"
    __table_args__ = (
        unique("code"),
        filled("code"),
        filled("name"),
        {"comment": "Families of products, as coupons of makers name them.", "info": shared()},
    )

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(comment="The family's code, such as 012.")
    name: Mapped[str] = mapped_column(comment="What people call the family.")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]


class ReportCode(Model):
    """A second way of sorting products, for reports across departments."""

    __tablename__ = "report_codes"
    __table_args__ = (
        unique("code"),
        filled("code"),
        filled("name"),
        {"comment": "Groups of products for reports that go across departments.", "info": shared()},
    )

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(comment="The code, such as 7701.")
    name: Mapped[str] = mapped_column(comment="What the report calls the group.")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]
