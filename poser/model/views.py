# SPDX-License-Identifier: Apache-2.0
"""Views of grids that people name, keep, share and pin to their first page."""

from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

import poser.model.users  # noqa: F401 - tables that these refer to
from poser.db.base import CreatedAt, Id, Model, ModifiedAt
from poser.model.columns import check, filled, flag, reference, words
from poser.model.syncing import STAYS


class GridView(Model):
    """One named state of a grid: its search, filters, order and columns.

    It belongs to a user, to those with a user role, or, with neither, to everybody.
    """

    __tablename__ = "grid_views"
    __table_args__ = (
        UniqueConstraint(
            "grid",
            "name",
            "user_id",
            "user_role_id",
            postgresql_nulls_not_distinct=True,
            deferrable=True,
            initially="IMMEDIATE",
        ),
        Index(
            "ix_grid_views_default",
            "grid",
            "user_id",
            "user_role_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("is_default"),
        ),
        filled("grid"),
        filled("name"),
        check(
            "owner",
            "user_id IS NULL OR user_role_id IS NULL",
            "A view belongs to a user or to a user role, not to both.",
        ),
        check("query", "length(query) <= 8000", "A view has at most 8,000 characters."),
        {"comment": "Views of grids that people keep and share.", "info": STAYS},
    )

    id: Mapped[Id]
    grid: Mapped[str] = mapped_column(comment="Path of the grid, such as /vendors.")
    name: Mapped[str] = mapped_column(comment="What people call the view.")
    query: Mapped[str] = words("Search, filters, order and columns, as they stand in an address.")
    user_id: Mapped[UUID | None] = reference(
        "users.id", "Whose view it is; empty: of several people.", ondelete="CASCADE"
    )
    user_role_id: Mapped[UUID | None] = reference(
        "user_roles.id", "Who sees it with that user role; empty: no one by that.",
        ondelete="CASCADE",
    )  # fmt: skip
    is_default: Mapped[bool] = flag("Shown when the grid is opened without another wish.")
    is_pinned: Mapped[bool] = flag("Shown on the first page, too.")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]
