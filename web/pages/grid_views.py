# SPDX-License-Identifier: Apache-2.0
"""Keeping views of grids: saved with a name, written over, renamed, shared, deleted."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

import falcon
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from poser.db import transaction
from poser.db.refused import Refused as RowRefused
from poser.model import UserRole
from poser.model.views import GridView
from web.errors import Refused
from web.flash import flash
from web.grid.filters import Option
from web.grid.named import SHARE_VIEWS, Named, views_of, views_of_grid
from web.grid.view_tabs import whose
from web.language import _
from web.permissions import Anyone, Route
from web.refusals import translated
from web.showing import show
from web.site import Site
from web.urls import is_local, with_query
from web.visits import Visit, Visitor, visit

_LONGEST_NAME = 100
_LONGEST_QUERY = 8_000
MINE, EVERYBODY = "mine", "everybody"
PERMISSIONS = (SHARE_VIEWS,)


class OneKept(NamedTuple):
    """One view on the page of views; `owner` is the choice that says for whom it is."""

    view: Named
    path: str
    whose: str
    owner: str
    may_change: bool


class Views:
    """Falcon resource: the views of a grid, and the form for a new one."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Show them; the address says of which grid, and what it shows."""
        here = visit(req)
        grid = req.get_param("grid") or ""
        if not is_local(grid):
            raise falcon.HTTPNotFound
        grid = _grid(grid)
        query = (req.get_param("query") or "")[:_LONGEST_QUERY]
        here.place = grid
        resource = next((r for r in self._site.resources.values() if r.path == grid), None)
        show(
            req,
            resp,
            "views.pt",
            title=_("Views"),
            place_title=_(resource.title) if resource else grid,
            grid=grid,
            query=query,
            back=f"{grid}?{query}" if query else grid,
            owners=_owners(here),
            views=[_kept(here.visitor, v) for v in views_of_grid(here.read(), here.visitor, grid)],
        )

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Save it and show it."""
        form, visitor = req.context.form, visit(req).visitor
        grid = _grid(form.get("grid", ""))
        values = _wanted(form, visitor)
        query = form.get("query", "")[:_LONGEST_QUERY]
        made = GridView(grid=grid, query=query, **values)
        try:
            with transaction(self._site.engines["poser"]) as session:
                _only_default(session, grid, values)
                session.add(made)
                session.flush()
                key = made.id
        except RowRefused as refused:
            raise _conflict(refused) from refused
        flash(resp, _("Saved as a view: {name}").format(name=values["name"]))
        resp.status = falcon.HTTP_SEE_OTHER
        resp.location = f"{grid}?{query}{'&' if query else ''}view={key}"


class OneView:
    """Falcon resource: writes over a view, changes what is said of it, or deletes it."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def on_post(self, req: falcon.Request, resp: falcon.Response, key: UUID) -> None:
        """Do what the button says."""
        form, visitor = req.context.form, visit(req).visitor
        try:
            with transaction(self._site.engines["poser"]) as session:
                found = next(iter(views_of(session, visitor, GridView.id == key)), None)
                if found is None:
                    raise falcon.HTTPNotFound
                if not found.may_change(visitor):
                    raise Refused(SHARE_VIEWS)
                said, address = _do(session, found, form, visitor)
        except RowRefused as refused:
            raise _conflict(refused) from refused
        flash(resp, said)
        resp.status, resp.location = falcon.HTTP_SEE_OTHER, address


def _do(
    session: Session, found: Named, form: Mapping[str, str], visitor: Visitor
) -> tuple[str, str]:
    """Do what a form says and give the sentence for it, and where to go."""
    row = session.get_one(GridView, found.id)
    match form.get("do"):
        case "delete":
            session.delete(row)
            words = _("Deleted the view: {name}").format(name=found.name)
            return words, with_query(found.grid, [("view", "none")])
        case "keep":
            row.query = form.get("query", "")[:_LONGEST_QUERY]
        case "change":
            values = _wanted(form, visitor)
            _only_default(session, found.grid, values)
            for name, value in values.items():
                setattr(row, name, value)
        case _:
            raise falcon.HTTPBadRequest(description=_("This form does not say what to do."))
    address = f"{row.grid}?{row.query}{'&' if row.query else ''}view={row.id}"
    return _("Saved: {fields}").format(fields=row.name), address


def _kept(visitor: Visitor, view: Named) -> OneKept:
    owner = MINE if not view.rank else str(view.user_role_id or EVERYBODY)
    return OneKept(view, f"/views/{view.id}", whose(view), owner, view.may_change(visitor))


def _owners(here: Visit) -> list[Option]:
    """Offer for whom a view may be kept; only who may share gets the names of user roles."""
    offered = [Option(MINE, _("me"))]
    if not here.visitor.may(SHARE_VIEWS):
        return offered
    roles = UserRole.__table__.c
    found = here.read().connection().execute(select(roles.id, roles.name).order_by(roles.name))
    offered += [Option(str(key), _("user role {name}").format(name=name)) for key, name in found]
    return [*offered, Option(EVERYBODY, _("everybody"))]


def _conflict(refused: RowRefused) -> falcon.HTTPConflict:
    return falcon.HTTPConflict(
        title=_("This view was not saved"), description=translated(f"{refused}.")
    )


def _wanted(form: Mapping[str, str], visitor: Visitor) -> dict[str, Any]:
    """Read what a form says of a view. Raises Refused for sharing without the right to."""
    name = " ".join(form.get("name", "").split())[:_LONGEST_NAME]
    if not name:
        raise falcon.HTTPBadRequest(description=_("A view needs a name."))
    owner = form.get("whose", MINE)
    if owner != MINE and not visitor.may(SHARE_VIEWS):
        raise Refused(SHARE_VIEWS)
    try:
        role = None if owner in {MINE, EVERYBODY} else UUID(owner)
    except ValueError as error:
        raise falcon.HTTPBadRequest(description=_("There is no such user role.")) from error
    return {
        "name": name,
        "user_id": visitor.user_id if owner == MINE else None,
        "user_role_id": role,
        "is_default": form.get("default") == "1",
        "is_pinned": form.get("pinned") == "1",
    }


def _only_default(session: Session, grid: str, values: dict[str, Any]) -> None:
    """Let no other view of the same people be the usual one."""
    if values["is_default"]:
        session.execute(
            update(GridView)
            .where(
                GridView.grid == grid,
                GridView.is_default,
                GridView.user_id.is_not_distinct_from(values["user_id"]),
                GridView.user_role_id.is_not_distinct_from(values["user_role_id"]),
            )
            .values(is_default=False)
        )


def _grid(path: str) -> str:
    if not is_local(path) or "?" in path or "#" in path:
        raise falcon.HTTPBadRequest(description=_("This is not the address of a list."))
    return path


def routes(site: Site) -> list[Route]:
    """For everybody who is signed in; sharing needs a right of its own."""
    return [
        Route(path="/views", page=Views(site), need=Anyone.SIGNED_IN),
        Route(path="/views/{key:uuid}", page=OneView(site), need=Anyone.SIGNED_IN),
    ]
