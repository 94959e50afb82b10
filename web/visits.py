# SPDX-License-Identifier: Apache-2.0
"""One request on its way through the app: who asks."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

import falcon

from poser.auth.permissions import Rights
from web.handling import Handling
from web.permissions import Anyone, Need
from web.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who asks. A stranger has no name, and the permissions that everybody has.

    `stores` are the only ones whose rows this visitor sees; None stands for all stores.
    `store_numbers` are theirs, by which tills know them. `everywhere` and `node_kind` say where
    the permissions hold, as in `poser.auth.permissions.Rights`.
    `kept_there` are the permissions that nobody has on this node because head office does
    that; None on a node without a head office.
    A program shows a token instead of having a session. Whoever is root has every permission
    until `root_until`.
    """

    user_id: UUID | None = None
    session_id: UUID | None = None
    name: str = ""
    full_name: str = ""
    permissions: frozenset[str] = frozenset()
    user_roles: frozenset[UUID] = frozenset()
    has_all: bool = False
    stores: frozenset[UUID] | None = None
    store_numbers: frozenset[str] = frozenset()
    token_id: UUID | None = None
    everywhere: Rights | None = None
    node_kind: str = ""
    root_until: datetime | None = None
    root_reason: str = ""
    kept_there: frozenset[str] | None = None

    @property
    def is_signed_in(self) -> bool:
        """Tell a user from a stranger."""
        return self.user_id is not None

    @property
    def is_root(self) -> bool:
        """Tell who has every permission for a quarter of an hour."""
        return self.root_until is not None

    def may(self, need: Need) -> bool:
        """Tell whether this visitor has what a page needs."""
        if isinstance(need, Anyone):
            return need is Anyone.PUBLIC or self.is_signed_in
        has = self.has_all or need.name in self.permissions
        return has and need.name not in (self.kept_there or ())


STRANGER = Visitor()


class Visit(Handling):
    """A request to the staff's web app, with its visitor and the place in the menu."""

    __slots__ = ("place", "site", "visitor")

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.site = site
        self.visitor = STRANGER
        self.place = ""


def visit(req: falcon.Request) -> Visit:
    """Give the visit of a request."""
    return cast("Visit", req.context.visit)
