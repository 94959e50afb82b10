# SPDX-License-Identifier: Apache-2.0
"""The pages of help: of one page, of all that a visitor may see, of the keys, and its editor."""

from collections.abc import Sequence
from typing import NamedTuple

import falcon
from sqlalchemy import select
from sqlalchemy.orm import Session

from poser.db import transaction
from poser.model import FieldHelp, PageHelp
from web.flash import flash
from web.help.markdown import Html, to_html
from web.language import _, mark
from web.permissions import Permission
from web.resources import Resource
from web.showing import Menu, MenuItem, show
from web.urls import safe_url, with_query
from web.visits import Visit, visit

PATH = "/help"
EDIT = Permission("help.edit", mark("Write help for one's own people"))
LONGEST = 20_000
LONGEST_ADDRESS = 500

KEYS = (
    ("/", mark("Go to the find box")),
    ("?", mark("Show these keys")),
    (mark("Esc"), mark("Close what is open over the page")),
    ("j k", mark("In a list: to the next or the previous row")),
    ("x", mark("In a list: choose the row")),
    ("e", mark("Edit the row or the record")),
    ("c", mark("In a list: clear search and filters")),
    (mark("Enter"), mark("In a list: open the row")),
    ("Ctrl K", mark("Find a page, a record or something to do")),
    ("0 - 9", mark("What a scanner types goes into the find box, wherever the cursor is")),
)


class Explained(NamedTuple):
    """One field: its label, what it means, and what the retailer says about it."""

    name: str
    label: str
    text: str
    own: Html


class Help:
    """Falcon resource: what a page is for, or every page that this visitor may see."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Show help of the page `of`, else of all pages."""
        here = visit(req)
        of = req.get_param("of") or ""
        here.place = of if of in places(req) else ""
        resource = resource_at(here, here.place)
        session = here.read()
        own = session.scalar(select(PageHelp).where(PageHelp.page == here.place))
        show(
            req,
            resp,
            "help.pt",
            title=_("Help: {page}").format(page=title_of(req, here.place)) if of else _("Help"),
            about=_(resource.about) if resource else "",
            empty=_(resource.empty) if resource else "",
            own=to_html(own.text) if own else None,
            url=safe_url(own.url) if own and own.url else None,
            fields=_fields(session, here, resource) if resource else [],
            pages=[] if here.place else _pages(req),
            edit=with_query(PATH + "/edit", [("of", here.place)])
            if here.place and here.visitor.may(EDIT)
            else None,
        )


class Keys:
    """Falcon resource: the keys that work everywhere."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """List them."""
        keys = [(_(key), _(what)) for key, what in KEYS]
        show(req, resp, "keys.pt", title=_("Keys"), keys=keys)


class Editor:
    """Falcon resource: what the retailer says about a page, or about one of its fields."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Show the form."""
        here = visit(req)
        of, field = _asked(req, {name: req.get_param(name) or "" for name in ("of", "field")})
        here.place = of
        own = _own(here.read(), of, field)
        show(
            req,
            resp,
            "help_edit.pt",
            title=_("Help: {page}").format(page=title_of(req, of)),
            of=of,
            field=field,
            label=_field_label(here, of, field),
            text=own.text if own else "",
            url=own.url if isinstance(own, PageHelp) else "",
            longest=LONGEST,
            longest_address=LONGEST_ADDRESS,
        )

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Keep what was written; nothing at all takes it away."""
        here, form = visit(req), req.context.form
        of, field = _asked(req, form)
        text, url = form.get("text", "").strip(), form.get("url", "").strip()
        if len(text) > LONGEST or len(url) > LONGEST_ADDRESS:
            raise falcon.HTTPBadRequest(description=_("That is longer than help may be."))
        if url and safe_url(url) != url:
            raise falcon.HTTPBadRequest(
                description=_("An address begins with https:// or with / for a page of this node.")
            )
        here.close()
        with transaction(here.site.engines["poser"]) as session:
            _keep(session, of, field, text, url)
        flash(resp, _("The help is saved."))
        resp.status = falcon.HTTP_SEE_OTHER
        resp.location = with_query(PATH, [("of", of)])


def places(req: falcon.Request) -> dict[str, str]:
    """Give the pages that this visitor may read help about: path and title in English."""
    here = visit(req)
    menu: Menu = req.context.menu
    found = {item.path: item.title for item in menu.for_visitor(here.visitor)}
    for resource in here.site.resources.values():
        if here.visitor.may(resource.grid.permission):
            found[resource.path] = resource.title
    return found


def title_of(req: falcon.Request, place: str) -> str:
    """Give the title of a page in the visitor's language."""
    return _(places(req).get(place, "")) or place


def resource_at(here: Visit, place: str) -> Resource | None:
    """Find the resource whose grid is at an address."""
    return next((each for each in here.site.resources.values() if each.path == place), None)


def _pages(req: falcon.Request) -> list[tuple[MenuItem, str]]:
    """List the pages of the menu with what each is for."""
    here = visit(req)
    menu: Menu = req.context.menu
    found = []
    for item in menu.for_visitor(here.visitor):
        resource = resource_at(here, item.path)
        found.append((item, _(resource.about) if resource else ""))
    return found


def _fields(session: Session, here: Visit, resource: Resource) -> Sequence[Explained]:
    """Explain those fields that there is something to say about and that this visitor sees."""
    rows = session.scalars(select(FieldHelp).where(FieldHelp.page == resource.path))
    own = {row.field: row.text for row in rows}
    return [
        Explained(
            name, _(field.label), _(field.help) if field.help else "", to_html(own.get(name, ""))
        )
        for name, field in resource.form.items()
        if resource.may_see(here.visitor, name)
        and (field.help or own.get(name) or here.visitor.may(EDIT))
    ]


def _asked(req: falcon.Request, given: dict[str, str]) -> tuple[str, str]:
    """Read which page or field is meant; 404 for what this visitor does not see."""
    of, field = given.get("of", ""), given.get("field", "")
    if of not in places(req):
        raise falcon.HTTPNotFound
    if field:
        here = visit(req)
        resource = resource_at(here, of)
        if resource is None or field not in resource.form:
            raise falcon.HTTPNotFound
        if not resource.may_see(here.visitor, field):
            raise falcon.HTTPNotFound
    return of, field


def _field_label(here: Visit, of: str, field: str) -> str:
    resource = resource_at(here, of)
    return _(resource.form[field].label) if resource and field else ""


def _own(session: Session, of: str, field: str) -> PageHelp | FieldHelp | None:
    if not field:
        return session.scalar(select(PageHelp).where(PageHelp.page == of))
    return session.scalar(select(FieldHelp).where(FieldHelp.page == of, FieldHelp.field == field))


def _keep(session: Session, of: str, field: str, text: str, url: str) -> None:
    own = _own(session, of, field)
    if not text and not url:
        if own is not None:
            session.delete(own)
        return
    if own is None:
        own = FieldHelp(page=of, field=field) if field else PageHelp(page=of)
        session.add(own)
    own.text = text
    if isinstance(own, PageHelp):
        own.url = url
