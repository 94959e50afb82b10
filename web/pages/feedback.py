# SPDX-License-Identifier: Apache-2.0
"""User feedback: a form that every page leads to, and the list of what was said."""

import falcon
from sqlalchemy import Table

from poser.db import transaction
from poser.errors import PoserError
from poser.feedback import LONGEST, give
from poser.model.feedback import UserFeedback
from web.flash import flash
from web.language import _
from web.permissions import Anyone, Route
from web.resources import Area, Resource, Section, Verb
from web.resources.fields import Field, Input
from web.showing import show
from web.site import Site
from web.urls import next_path

_TABLE = UserFeedback.__table__
assert isinstance(_TABLE, Table)  # noqa: S101 - no model here maps anything else
_C = _TABLE.c
_SAID = ("text", "page", "user_name", "browser")
_LABELS = {"text": "What was said", "page": "Page", "user_name": "Who", "browser": "Browser"}


def _shown(name: str) -> Field:
    """Make a field that shows what was said, and cannot be changed."""
    kind = Input.LONG_TEXT if name == "text" else Input.TEXT
    return Field(
        name=name,
        label=_LABELS[name],
        input=kind,
        column=_C[name],
        is_read_only=True,
    )


RESOURCES = (
    Resource(
        model=UserFeedback,
        path="/feedback",
        title="Feedback",
        one="feedback",
        many="feedback",
        icon="message-square",
        area=Area.SYSTEM,
        about="What people say about the pages they work with. Write down what was done about it.",
        empty="Nobody has said anything yet. Each page's user menu has the form.",
        label="text",
        order="created_at",
        search="text user_name page",
        search_hint="Words or person",
        can=frozenset({Verb.VIEW, Verb.EDIT, Verb.DELETE, Verb.EXPORT}),
        columns=("created_at", "user_name", "text", "page", "answer"),
        sections=(
            Section(title="Said", fields=_SAID),
            Section(title="Answer", fields=("answer",)),
        ),
        fields={name: _shown(name) for name in _SAID},
    ),
)


class Say:
    """Falcon resource: the form in which somebody says something about a page."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Show the form; `page` is what it will be about."""
        _form(req, resp, next_path(req.get_param("page")), "")

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Keep and mail it, and go back to the page."""
        form = req.context.form
        page, text = next_path(form.get("page")), form.get("text", "")
        try:
            with transaction(self._site.engines["poser"]) as session:
                give(session, text, page=page, browser=req.user_agent or "")
        except PoserError:
            resp.status = falcon.HTTP_UNPROCESSABLE_ENTITY
            _form(req, resp, page, text, problem=_("Write a sentence first."))
            return
        flash(resp, _("Thank you. Who looks after this node reads it."))
        resp.status, resp.location = falcon.HTTP_SEE_OTHER, page


def routes(site: Site) -> list[Route]:
    """List the form, for everybody who is signed in."""
    return [Route(path="/say", page=Say(site), need=Anyone.SIGNED_IN)]


def _form(
    req: falcon.Request, resp: falcon.Response, page: str, text: str, *, problem: str = ""
) -> None:
    show(
        req,
        resp,
        "feedback.pt",
        title=_("Say something about this page"),
        page=page,
        text=text,
        longest=LONGEST,
        problem=problem,
    )
