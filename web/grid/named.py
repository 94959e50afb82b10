# SPDX-License-Identifier: Apache-2.0
"""Views that people named: their own, those of their user roles, and everybody's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, literal, or_, select
from sqlalchemy.orm import Session

from poser.model.views import GridView
from web.grid.view import View
from web.permissions import Permission
from web.visits import Visitor

SHARE_VIEWS = Permission("views.share", "Share views of lists with a user role or with everybody")
_V = GridView.__table__.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """One named view; `rank` 0 is one's own, 1 a user role's, 2 everybody's."""

    id: UUID
    grid: str
    name: str
    query: str
    rank: int
    user_role_id: UUID | None
    is_default: bool
    is_pinned: bool

    @property
    def address(self) -> str:
        """Where the view is shown."""
        return f"{self.grid}?{self.query}{'&' if self.query else ''}view={self.id}"

    def may_change(self, visitor: Visitor) -> bool:
        """Tell whether a visitor may write over it, rename it or delete it."""
        return self.rank == 0 or visitor.may(SHARE_VIEWS)


# One's own, those of one's user roles, and everybody's.
_RANK = case(
    (_V.user_id.is_not(None), literal(0)), (_V.user_role_id.is_not(None), literal(1)), else_=2
)
_SEEN = (
    select(
        _V.id,
        _V.grid,
        _V.name,
        _V.query,
        _RANK.label("rank"),
        _V.user_role_id,
        _V.is_default,
        _V.is_pinned,
    )
    .where(
        or_(
            _V.user_id == bindparam("user_id"),
            _V.user_role_id.in_(bindparam("user_roles", expanding=True)),
            and_(_V.user_id.is_(None), _V.user_role_id.is_(None)),
        )
    )
    .order_by(_RANK, _V.name, _V.id)
)
# Made once: every page of a grid asks.
_OF_GRID = _SEEN.where(_V.grid == bindparam("grid"))
_PINNED = _SEEN.where(_V.is_pinned)


def views_of(session: Session, visitor: Visitor, *conditions: ColumnElement[bool]) -> list[Named]:
    """Read the views that a visitor sees, the nearest first, then by name."""
    return _read(session, visitor, _SEEN.where(*conditions))


def views_of_grid(session: Session, visitor: Visitor, grid: str) -> list[Named]:
    """Read the views of one grid."""
    return _read(session, visitor, _OF_GRID, grid=grid)


def pinned_views(session: Session, visitor: Visitor) -> list[Named]:
    """Read the views that a visitor finds on the first page."""
    return _read(session, visitor, _PINNED)


def _read(
    session: Session, visitor: Visitor, statement: Select[Any], **values: object
) -> list[Named]:
    seen = {"user_id": visitor.user_id, "user_roles": sorted(visitor.user_roles), **values}
    found = session.connection().execute(statement, seen)
    return [Named(**row._mapping) for row in found]  # noqa: SLF001 - SQLAlchemy's public name


def usual(views: Sequence[Named]) -> Named | None:
    """Give the view that is shown when nobody asks for another: the nearest that says so."""
    return next((each for each in views if each.is_default), None)


def current(views: Sequence[Named], view: View) -> Named | None:
    """Give the named view that people came by."""
    return next((each for each in views if str(each.id) == view.named), None)
