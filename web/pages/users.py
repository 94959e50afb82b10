# SPDX-License-Identifier: Apache-2.0
"""Users, user roles, permissions, and the record of who came to the door."""

from poser.auth.reach import roles_within, users_within
from poser.model import SignInEvent, User, UserRole
from web.grid.subject import Column, Kind, Order
from web.permissions import Route
from web.resources import Area, Resource, Section
from web.resources.parts import READ_ONLY, read_only, table_of
from web.resources.resource import Tab
from web.rights import EDIT_PERMISSIONS, MAKE_ADMINISTRATORS, USERS_RIGHTS
from web.showing import MenuItem
from web.site import Site
from web.users.access import AccessPage
from web.users.asking import rights_of_visitor
from web.users.matrix import PATH, MatrixPage

USERS = Resource(
    model=User,
    path="/users",
    title="Users",
    one="user",
    many="users",
    icon="person",
    area=Area.SYSTEM,
    rank=10,
    about="People who may sign in. What they may do, their stores and passwords: see Rights.",
    empty="Add somebody here, then give a password and user roles on the page Rights.",
    label="name",
    order="name",
    is_small=True,
    search="name full_name",
    search_hint="Name",
    columns=("name", "full_name", "is_active", "last_sign_in_at", "is_limited_to_stores"),
    sections=(
        Section(title="User", fields=("name", "full_name", "person_id", "is_active")),
        Section(title="Node", fields=("is_local", "is_limited_to_stores", "last_sign_in_at")),
    ),
    fields=read_only(User, "is_limited_to_stores", "last_sign_in_at"),
    tabs=(Tab(name="access", label="Rights", permission=USERS_RIGHTS),),
    reach=lambda visitor: users_within(rights_of_visitor(visitor)),
)

USER_ROLES = Resource(
    model=UserRole,
    path="/user-roles",
    title="User roles",
    one="user role",
    many="user roles",
    icon="badge",
    area=Area.SYSTEM,
    rank=11,
    about="Named sets of permissions. Two are for everybody: Signed in, and Anyone.",
    empty="Add one here, then tick what it may do on the page Permissions.",
    label="name",
    order="name",
    is_small=True,
    search="name description",
    search_hint="Name",
    columns=("name", "description", "holds_for", "node_kind", "is_administrator"),
    sections=(
        Section(title="User role", fields=("name", "description", "holds_for")),
        Section(title="Reach", fields=("is_administrator", "node_kind", "session_minutes")),
        Section(title="Sync", fields=("is_synced", "syncs_users")),
    ),
    fields=read_only(UserRole, "holds_for"),
    guarded_edit={"is_administrator": MAKE_ADMINISTRATORS},
    reach=lambda visitor: roles_within(rights_of_visitor(visitor)),
)

_C = table_of(SignInEvent).c
_WHEN = Column(
    name="at",
    label="When",
    value=_C.at,
    kind=Kind.TIME,
    order=Order(by=_C.id, best_first=True),  # ids ascend with the time of writing
)

EVENTS = Resource(
    model=SignInEvent,
    path="/sign-in-events",
    title="Sign-ins",
    one="sign-in event",
    many="sign-in events",
    icon="key",
    area=Area.SYSTEM,
    rank=12,
    about="Who came to the door, what became of it, who became root and why.",
    empty="Nobody has signed in yet.",
    label="name",
    order="at",
    can=READ_ONLY,
    columns=(_WHEN, "name", "kind", "address", "note", "user_id"),
)

RESOURCES = (USERS, USER_ROLES, EVENTS)

MENU = (
    MenuItem(
        path=PATH,
        title="Permissions",
        icon="shield",
        need=EDIT_PERMISSIONS,
        rank=13,
        area=Area.SYSTEM.value,
    ),
)


def routes(site: Site) -> list[Route]:
    """List the pages beside those of the tables."""
    return [
        Route(path="/users/{key:uuid}/access", page=AccessPage(USERS), need=USERS_RIGHTS),
        Route(path=PATH, page=MatrixPage(site), need=EDIT_PERMISSIONS),
    ]
