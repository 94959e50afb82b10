# SPDX-License-Identifier: Apache-2.0
"""The matrix of user roles and permissions: what is ticked is given."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import falcon
from sqlalchemy import select
from sqlalchemy.orm import Session

from poser.auth.granting import set_permissions
from poser.auth.permissions import Rights
from poser.model import UserRole
from web.flash import flash
from web.head_office import is_role_kept_there
from web.language import _
from web.permissions import Permission
from web.showing import show
from web.site import Site
from web.urls import with_query
from web.users.asking import rights_of_visitor, see_other, writing
from web.visits import Visit, visit

PATH = "/permissions"
MOST_ROLES = 12
"""More columns than this nobody reads; the others are chosen by name."""

_OTHER = "Everything else"


class Asked(NamedTuple):
    """What part of the matrix is shown."""

    area: str
    words: str
    roles: tuple[str, ...]
    differing: bool

    def pairs(self) -> list[tuple[str, str]]:
        """Write it as an address does."""
        roles = [("role", each) for each in self.roles]
        return [
            ("area", self.area), ("q", self.words), *roles,
            ("differing", "yes" if self.differing else ""),
        ]  # fmt: skip


class Cell(NamedTuple):
    """Whether one user role has one permission, and whether the visitor may change that.

    What has every permission is fixed: there is nothing to tick.
    """

    name: str
    label: str
    is_on: bool
    may: bool
    is_fixed: bool


class Line(NamedTuple):
    """One permission with its cells."""

    name: str
    what: str
    cells: list[Cell]


class Group(NamedTuple):
    """The permissions of one area."""

    title: str
    lines: list[Line]


class MatrixPage:
    """Falcon resource: the matrix, or the part of it that is asked for."""

    most_fields = 10_000

    def __init__(self, site: Site) -> None:
        self._site = site

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Show user roles beside each other, with what each may do."""
        here = visit(req)
        here.place = PATH
        asked = _asked(req)
        every = _roles(here.read())
        roles = _chosen(every, asked)
        mine = rights_of_visitor(here.visitor)
        shown = self._shown(roles, asked)
        show(
            req,
            resp,
            "permissions.pt",
            title=_("Permissions"),
            asked=asked,
            areas=[(area, _(area)) for area in self._areas()],
            choices=[(str(r.id), r.name, str(r.id) in asked.roles) for r in every],
            roles=roles,
            areas_shown=_groups(here, shown, roles, mine),
            state=_state(roles, shown),
            count=sum(len(each) for each in shown.values()),
            unseen_roles=len(every) - len(roles),
        )

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Give what is ticked and take what is not, in the part that was shown."""
        form: Mapping[str, str] = req.context.form
        asked, here = _asked(req), visit(req)
        with writing(req) as session:
            roles = _chosen(_roles(session), asked)
            shown = self._shown(roles, asked)
            if form.get("state") != _state(roles, shown):
                raise falcon.HTTPConflict(
                    title="Somebody else changed these permissions meanwhile",
                    description="Nothing was saved. Go back, reload the page and tick again.",
                )
            among = frozenset(each.name for some in shown.values() for each in some)
            wanted = {
                role.id: frozenset(name for name in among if f"{role.id}:{name}" in form)
                for role in roles
                if not role.is_administrator and not is_role_kept_there(here, role)
            }
            mine = rights_of_visitor(here.visitor)
            count = set_permissions(session, wanted, among=among, by=mine)
        flash(resp, _("Permissions saved: {count} changed.").format(count=count))
        see_other(resp, with_query(PATH, asked.pairs()))

    def _areas(self) -> list[str]:
        areas = {each.area.value: None for each in self._site.resources.values()}
        return [*sorted(areas), _OTHER]

    def _in_order(self) -> Mapping[Permission, str]:
        """Give every permission with its area: those of a table together, as people name it."""
        resources = sorted(self._site.resources.values(), key=lambda each: each.many)
        known = {
            permission: resource.area.value
            for resource in resources
            for permission in resource.permissions
        }
        names = {permission.name for permission in known}
        others = (p for p in self._site.permissions.values() if p.name not in names)
        return known | dict.fromkeys(others, _OTHER)

    def _shown(self, roles: Sequence[UserRole], asked: Asked) -> Mapping[str, Sequence[Permission]]:
        """Give the permissions of the part that is asked for, by area."""
        found: dict[str, list[Permission]] = {area: [] for area in self._areas()}
        for permission, area in self._in_order().items():
            if _is_asked(permission, area, roles, asked):
                found[area].append(permission)
        return {area: some for area, some in found.items() if some}


def _asked(req: falcon.Request) -> Asked:
    return Asked(
        area=req.get_param("area") or "",
        words=(req.get_param("q") or "")[:100].strip(),
        roles=tuple(req.get_param_as_list("role") or ()),
        differing=req.get_param("differing") == "yes",
    )


def _is_asked(permission: Permission, area: str, roles: Sequence[UserRole], asked: Asked) -> bool:
    if asked.area and area != asked.area:
        return False
    text = f"{permission.name} {permission.what} {_(permission.what)}".lower()
    if not all(word in text for word in asked.words.lower().split()):
        return False
    return not asked.differing or len({_has(role, permission.name) for role in roles}) > 1


def _roles(session: Session) -> list[UserRole]:
    return list(session.scalars(select(UserRole).order_by(UserRole.holds_for, UserRole.name)))


def _chosen(roles: Sequence[UserRole], asked: Asked) -> list[UserRole]:
    """Give the user roles that are compared; if none is named, the first few."""
    named = [role for role in roles if str(role.id) in asked.roles]
    return (named or list(roles))[:MOST_ROLES]


def _has(role: UserRole, name: str) -> bool:
    return role.is_administrator or any(each.permission == name for each in role.permissions)


def _groups(
    here: Visit,
    shown: Mapping[str, Sequence[Permission]],
    roles: Sequence[UserRole],
    mine: Rights,
) -> list[Group]:
    given = {role.id: {each.permission for each in role.permissions} for role in roles}

    def cell(role: UserRole, permission: Permission) -> Cell:
        return Cell(
            name=f"{role.id}:{permission.name}",
            label=f"{role.name}: {_(permission.what)}",
            is_on=role.is_administrator or permission.name in given[role.id],
            may=mine.may(permission.name) and not is_role_kept_there(here, role),
            is_fixed=role.is_administrator,
        )

    return [
        Group(
            _(area),
            [Line(p.name, _(p.what), [cell(role, p) for role in roles]) for p in some],
        )
        for area, some in shown.items()
    ]


def _state(roles: Sequence[UserRole], shown: Mapping[str, Sequence[Permission]]) -> str:
    """Write in short what was given when the page was made, so that no change is lost."""
    names = {each.name for some in shown.values() for each in some}
    pairs = sorted(
        f"{role.id}:{each.permission}"
        for role in roles
        for each in role.permissions
        if each.permission in names
    )
    whole = "\n".join([*sorted(names), *pairs])
    return hashlib.sha256(whole.encode()).hexdigest()
