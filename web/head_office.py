# SPDX-License-Identifier: Apache-2.0
"""What head office keeps: other nodes show it, and what they changed of it would be put back.

A store or cloud node that is kept in step (docs/decisions/0036-datasync.md) has the tables whose
changes flow down from the host. Nobody has the rights to change these there, so no page offers
it, and who asks for it is told where it can be done. Rows that never leave their node, such as
local users, are changed on it.
"""

from typing import TYPE_CHECKING

import falcon

from poser.model import User, UserRole
from poser.model.syncing import Flow, Sync
from web.errors import Refused
from web.language import _
from web.permissions import Need, Permission
from web.resources.resource import Resource, Verb
from web.visits import Visit

if TYPE_CHECKING:
    from collections.abc import Iterable

WRITING = (Verb.CREATE, Verb.EDIT, Verb.DELETE, Verb.MERGE)


def kept_there(resources: "Iterable[Resource]") -> dict[str, str]:
    """Give what only head office does: the names of permissions, with what they change."""
    return {
        resource.permission(verb).name: resource.title
        for resource in resources
        if _is_kept_there(resource)
        for verb in WRITING
        if resource.offers(verb)
    }


def _is_kept_there(resource: Resource) -> bool:
    sync = resource.table.info.get("sync")
    return isinstance(sync, Sync) and sync.flow is Flow.DOWN and not sync.has_own_rows


def refusal(here: Visit, need: Need) -> Exception:
    """Say what to raise for a user who may not do something on this node."""
    kept = here.visitor.kept_there
    if kept is not None and isinstance(need, Permission) and need.name in kept:
        return only_there(_(here.site.kept_there[need.name]))
    return Refused(need)


def is_user_kept_there(here: Visit, user: User) -> bool:
    """Tell whether a user's password, codes and stores are changed at head office."""
    return here.site.has_host and not user.is_local


def is_role_kept_there(here: Visit, role: UserRole) -> bool:
    """Tell whether what a user role may do is changed at head office."""
    return here.site.has_host and role.is_synced


def is_giving_kept_there(here: Visit, user: User, role: UserRole) -> bool:
    """Tell whether head office decides if a user has a user role."""
    return is_user_kept_there(here, user) and role.is_synced and role.syncs_users


def require_user_here(here: Visit, user: User) -> None:
    """Raise falcon.HTTPForbidden if a user is changed at head office."""
    if is_user_kept_there(here, user):
        raise only_there(user.name)


def only_there(what: str) -> falcon.HTTPForbidden:
    """Say that something is changed at head office."""
    return falcon.HTTPForbidden(
        title=_("This is kept at head office"),
        description=_(
            "{what}: what was changed here would be put back, so nothing was changed. Change it in"
            " the web app of head office; it comes here by itself within a second."
        ).format(what=what),
    )
