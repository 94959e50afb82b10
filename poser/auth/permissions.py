# SPDX-License-Identifier: Apache-2.0
"""What a user may do: the permissions of all their user roles together.

A user has the user roles that were given to them, and with everybody those that hold for all
who are signed in and for anyone. A user role may be limited to one kind of node: elsewhere
it gives nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Text,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from poser.model import (
    HoldsFor,
    Store,
    User,
    UserRole,
    UserRolePermission,
    UserStore,
    user_user_role,
)

_R, _P, _S = UserRole.__table__.c, UserRolePermission.__table__.c, UserStore.__table__.c
_U, _STORE = User.__table__.c, Store.__table__.c
Id = ColumnElement[UUID] | InstrumentedAttribute[UUID]


BECOME_ROOT = "root.become"
"""The permission to have every other one for a while."""
_HERE_ONLY = " "  # stands between a permission and the kind of node that it is limited to


@dataclass(frozen=True, slots=True)
class Permission:
    """The right to do one thing: `name` as `subject.verb`, `what` as people say it."""

    name: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """The permissions of one user; an administrator has every one there is.

    `everywhere` is the part of them that holds on every kind of node, None where that is all of
    them; the others come from user roles that hold on `node_kind` only. `stores` are the only
    ones whose rows the user sees; None stands for all stores. Tills know stores by their
    numbers: `store_numbers` are those of `stores`.
    """

    has_all: bool = False
    permissions: frozenset[str] = frozenset()
    user_roles: frozenset[UUID] = frozenset()
    stores: frozenset[UUID] | None = None
    store_numbers: frozenset[str] = frozenset()
    everywhere: "Rights | None" = None
    node_kind: str = ""

    def as_root(self) -> Self:
        """Give what they are while their user is root: all, wherever that may be become."""
        part = self.everywhere
        if part is not None:
            part = replace(part, has_all=part.may(BECOME_ROOT))
        return replace(self, has_all=True, everywhere=part, stores=None)

    def may(self, permission: str) -> bool:
        """Tell whether `permission` (such as products.edit) is among them."""
        return self.has_all or permission in self.permissions


def rights(session: Session, user_id: UUID, *, node_kind: str | None = None) -> Rights:
    """Look up what a user may do on a kind of node (None: on any), in one query."""
    row = session.execute(
        select(*rights_columns(_U.id, node_kind)).where(_U.id == user_id)
    ).one_or_none()
    return Rights() if row is None else rights_of(row)


def rights_of_strangers(session: Session, *, node_kind: str) -> Rights:
    """Look up what somebody may do who is not signed in."""
    held = (_R.holds_for == HoldsFor.ANYONE) & _holds_on(node_kind)
    found = session.connection().scalars(
        select(_P.permission).join(UserRole.__table__, _R.id == _P.user_role_id).where(held)
    )
    return Rights(permissions=frozenset(found))


def rights_columns(user_id: Id, node_kind: str | None) -> tuple[ColumnElement[Any], ...]:
    """Give what `rights_of` reads, as columns of a statement that has the user's row."""
    held = or_(_had_by(user_id), _R.holds_for != HoldsFor.MEMBERS) & _holds_on(node_kind)
    return (
        _array(select(_where(_P.permission)).join(UserRole.__table__, _R.id == _P.user_role_id)
        .where(held)).label("permissions"),
        # As text: the driver does not know arrays of uuid.
        _array(select(cast(_R.id, Text)).where(held)).label("user_roles"),
        _array(select(_where(literal(""))).where(held, _R.is_administrator)).label("all_of_them"),
        _array(_stores_of(user_id)).label("stores"),
        _U.is_limited_to_stores,
    )  # fmt: skip


def rights_of(row: Any) -> Rights:  # noqa: ANN401 - a row with the columns above
    """Read the rights of a user from a row."""
    has_all = bool(row.all_of_them)
    is_limited = row.is_limited_to_stores and not has_all
    stores = [each.partition(" ") for each in row.stores] if is_limited else []
    found = Rights(
        has_all=has_all,
        permissions=frozenset(row.permissions),
        user_roles=frozenset(map(UUID, row.user_roles)),
        stores=frozenset(UUID(key) for key, _space, _number in stores) if is_limited else None,
        store_numbers=frozenset(number for _key, _space, number in stores),
    )
    here_only = [each for each in (*row.permissions, *row.all_of_them) if _HERE_ONLY in each]
    return _parted(found, here_only, has_all="" in row.all_of_them) if here_only else found


def _parted(found: Rights, here_only: Sequence[str], *, has_all: bool) -> Rights:
    """Part rights of which some hold on one kind of node only."""
    everywhere = found.permissions.difference(here_only)
    _name, _space, node_kind = here_only[0].partition(_HERE_ONLY)
    return replace(
        found,
        permissions=everywhere | {each.partition(_HERE_ONLY)[0] for each in here_only} - {""},
        everywhere=Rights(has_all=has_all, permissions=everywhere),
        node_kind=node_kind,
    )


def session_minutes(user_id: Id) -> ScalarSelect[int | None]:
    """Give how long a session of a user may be unused; the strictest user role decides."""
    held = or_(_had_by(user_id), _R.holds_for != HoldsFor.MEMBERS)
    return select(func.min(_R.session_minutes)).where(held).scalar_subquery()


def _had_by(user_id: Id) -> ColumnElement[bool]:
    given = select(user_user_role.c.user_role_id).where(user_user_role.c.user_id == user_id)
    # Said aloud: two levels down SQLAlchemy would take all users instead of this one.
    return _R.id.in_(given.correlate(User.__table__))


def _stores_of(user_id: Id) -> Any:  # noqa: ANN401 - a Select of one column
    """Read the stores of a user, each as its id and its number."""
    known = cast(_S.store_id, Text) + " " + _STORE.number
    both = UserStore.__table__.join(Store.__table__, _STORE.id == _S.store_id)
    return select(known).select_from(both).where(_S.user_id == user_id)


def _holds_on(node_kind: str | None) -> ColumnElement[bool]:
    if node_kind is None:
        return true()
    return _R.node_kind.in_({"", node_kind})


def _where(what: ColumnElement[str]) -> ColumnElement[str]:
    """Write behind something on which kind of node the user role that gives it holds, if on one."""
    return what + case((_R.node_kind != "", _HERE_ONLY + _R.node_kind), else_="")


def _array(found: Any) -> ColumnElement[Any]:  # noqa: ANN401 - a Select of one column
    return func.array(found.scalar_subquery())
