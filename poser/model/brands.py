# SPDX-License-Identifier: Apache-2.0
"""The names that makers sell goods under."""

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from poser.db.base import CreatedAt, Id, Model, ModifiedAt
from poser.model.columns import check, flag, unique
from poser.model.syncing import shared


class Brand(Model):
    """The name a maker sells goods under."""

    __tablename__ = "brands"
    __table_args__ = (
        unique("name"),
        # Products copy the name beside the id (see poser.model.products); that needs a target.
        UniqueConstraint("id", "name"),
        check("name", "name <> ''", "The name of a brand may not be empty."),
        {"comment": "Names that makers sell goods under.", "info": shared()},
    )

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(comment="The brand as printed on goods.")
    is_confirmed: Mapped[bool] = flag(
        "Somebody has looked at it; one that an import brought may be a misspelling."
    )
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]
