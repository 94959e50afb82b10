# SPDX-License-Identifier: Apache-2.0
"""Views that people named: their own, those of their user roles, and everybody's."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, false, literal, or_, select
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


def seen_by(visitor: Visitor) -> ColumnElement[bool]:
    """Say which views a visitor sees: one's own, those of one's user roles, everybody's."""
    return or_(
        _V.user_id == visitor.user_id,
        _V.user_role_id.in_(sorted(visitor.user_roles)) if visitor.user_roles else false(),
        and_(_V.user_id.is_(None), _V.user_role_id.is_(None)),
    )


def views_of(session: Session, visitor: Visitor, *conditions: ColumnElement[bool]) -> list[Named]:
    """Read the views that a visitor sees, the nearest first, then by name."""
    rank = case(
        (_V.user_id.is_not(None), literal(0)), (_V.user_role_id.is_not(None), literal(1)), else_=2
    )
    found = session.connection().execute(
        select(
            _V.id,
            _V.grid,
            _V.name,
            _V.query,
            rank.label("rank"),
            _V.user_role_id,
            _V.is_default,
            _V.is_pinned,
        )
        .where(seen_by(visitor), *conditions)
        .order_by(rank, _V.name, _V.id)
    )
    return [Named(**row._mapping) for row in found]  # noqa: SLF001 - SQLAlchemy's public name


def views_of_grid(session: Session, visitor: Visitor, grid: str) -> list[Named]:
    """Read the views of one grid."""
    return views_of(session, visitor, _V.grid == grid)


def pinned_views(session: Session, visitor: Visitor) -> list[Named]:
    """Read the views that a visitor finds on the first page."""
    return views_of(session, visitor, _V.is_pinned)


def usual(views: Sequence[Named]) -> Named | None:
    """Give the view that is shown when nobody asks for another: the nearest that says so."""
    return next((each for each in views if each.is_default), None)


def current(views: Sequence[Named], view: View) -> Named | None:
    """Give the named view that people came by."""
    return next((each for each in views if str(each.id) == view.named), None)
