# SPDX-License-Identifier: Apache-2.0
"""How shelf and product labels are laid out and where they are printed."""

from typing import Any

from sqlalchemy import SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from poser.db.base import CreatedAt, Id, Model, ModifiedAt
from poser.model.columns import check, filled, flag, unique, words
from poser.model.syncing import shared


class LabelProfile(Model):
    """One kind of label that people choose from."""

    __tablename__ = "label_profiles"
    __table_args__ = (
        unique("code"),
        filled("code"),
        filled("description"),
        check("size", "width_mm > 0 AND height_mm > 0", "A label has a width and a height."),
        {"comment": "Kinds of labels that can be printed.", "info": shared()},
    )

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(comment="Short code, such as SHELF.")
    description: Mapped[str] = mapped_column(comment="What people read when they choose.")
    ordinal: Mapped[int] = mapped_column(
        SmallInteger, server_default=text("1"), default=1, comment="Order to show; 1 is first."
    )
    is_visible: Mapped[bool] = flag("Offered to people.", default=True)
    is_synced: Mapped[bool] = flag("Other nodes get it too.", default=True)
    width_mm: Mapped[int | None] = mapped_column(SmallInteger, comment="Width, millimeters.")
    height_mm: Mapped[int | None] = mapped_column(SmallInteger, comment="Height, millimeters.")
    format: Mapped[str] = words("Language of the template, such as zpl, epl or html.")
    template: Mapped[str] = words("The label, with names of fields where values go.")
    printer: Mapped[str] = words("Which printer by its name on the node.")
    options: Mapped[dict[str, Any]] = mapped_column(
        JSONB, server_default=text("'{}'"), default=dict, comment="Options of the printer."
    )
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]
