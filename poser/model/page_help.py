# SPDX-License-Identifier: Apache-2.0
"""Help that a retailer writes for its own people, shown on pages and beside fields."""

from sqlalchemy.orm import Mapped, mapped_column

from poser.db.base import CreatedAt, Id, Model, ModifiedAt
from poser.model.columns import filled, unique, words
from poser.model.syncing import shared


class PageHelp(Model):
    """What a retailer says about one page."""

    __tablename__ = "page_help"
    __table_args__ = (
        unique("page"),
        filled("page"),
        {"comment": "Help about pages, written by the retailer.", "info": shared()},
    )

    id: Mapped[Id]
    page: Mapped[str] = mapped_column(comment="Path of the page's subject, such as /products.")
    url: Mapped[str] = words("Where more is written; may be empty.")
    text: Mapped[str] = words("The help, as Markdown.")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]


class FieldHelp(Model):
    """What a retailer says about one field of a page."""

    __tablename__ = "field_help"
    __table_args__ = (
        unique("page", "field"),
        filled("page"),
        filled("field"),
        {"comment": "Help about fields, written by the retailer.", "info": shared()},
    )

    id: Mapped[Id]
    page: Mapped[str] = mapped_column(comment="Path of the page's subject, such as /products.")
    field: Mapped[str] = mapped_column(comment="Name of the field, such as case_size.")
    text: Mapped[str] = words("The help, as Markdown.")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]
