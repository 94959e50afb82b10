# SPDX-License-Identifier: Apache-2.0
"""Stores and the departments that goods are sorted into."""

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from poser.db.base import CreatedAt, Id, Model, ModifiedAt


class Store(Model):
    """One shop, known to people and tills by its number."""

    __tablename__ = "stores"
    __table_args__ = (
        UniqueConstraint("number", deferrable=True, initially="IMMEDIATE"),
        CheckConstraint("number <> '' AND number = btrim(number)", name="number"),
        {"comment": "Shops of the retailer."},
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(
        comment="Number on tills and paper, such as 9 or 0012; leading zeros count."
    )
    name: Mapped[str] = mapped_column(comment="What people call the store.")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]


class Department(Model):
    """A group of goods with its own number on the till, such as produce or dairy."""

    __tablename__ = "departments"
    __table_args__ = (
        UniqueConstraint("number", deferrable=True, initially="IMMEDIATE"),
        # Products copy the name beside the id (see poser.model.products); that needs a target.
        UniqueConstraint("id", "name"),
        CheckConstraint("number <> '' AND number = btrim(number)", name="number"),
        CheckConstraint("name <> ''", name="name"),
        {"comment": "Groups that products are sorted into, as tills know them."},
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(
        comment="Number on tills and paper, such as 12; leading zeros count."
    )
    name: Mapped[str] = mapped_column(comment="What people call the department.")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]
