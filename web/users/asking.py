# SPDX-License-Identifier: Apache-2.0
"""What the pages about rights ask of a visitor, and how they say no."""

from collections.abc import Iterator
from contextlib import contextmanager

import falcon
from sqlalchemy import select
from sqlalchemy.orm import Session

from poser.auth.permissions import Rights
from poser.db import transaction
from poser.errors import PoserError
from poser.model import User, UserSession
from web.language import mark
from web.visits import Visitor, visit


def rights_of_visitor(visitor: Visitor) -> Rights:
    """Give the rights of a visitor in the words of poser.auth."""
    return Rights(
        has_all=visitor.has_all,
        permissions=visitor.permissions,
        user_roles=visitor.user_roles,
        stores=visitor.stores,
        store_numbers=visitor.store_numbers,
        everywhere=visitor.everywhere,
        node_kind=visitor.node_kind,
    )


@contextmanager
def writing(req: falcon.Request) -> Iterator[Session]:
    """Open a transaction that writes; what may not be is told on an error page."""
    try:
        with transaction(visit(req).site.engines["poser"]) as session:
            yield session
    except PoserError as error:
        said = str(error)
        raise falcon.HTTPConflict(
            title=mark("This was not done"),
            description=f"{said[:1].upper()}{said[1:]}: {error.hint}.",
        ) from error


def user_of(req: falcon.Request, session: Session) -> User:
    """Find the user who asks."""
    found = session.get(User, visit(req).visitor.user_id)
    if found is None:
        raise falcon.HTTPNotFound
    return found


def session_of(req: falcon.Request, session: Session) -> UserSession:
    """Find the session by which the user is signed in."""
    wanted = UserSession.id == visit(req).visitor.session_id
    found = session.scalars(select(UserSession).where(wanted)).one_or_none()
    if found is None:
        raise falcon.HTTPNotFound
    return found


def see_other(resp: falcon.Response, path: str) -> None:
    """Send the browser on to a page, after what it sent was done."""
    resp.status, resp.location = falcon.HTTP_SEE_OTHER, path
