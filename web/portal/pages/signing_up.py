# SPDX-License-Identifier: Apache-2.0
"""Signing up: who one is, and what one agrees to; all else is done by the mail that follows."""

from collections.abc import Mapping

import falcon

from poser.db import transaction
from poser.errors import PoserError
from poser.portal.details import YES, wrong
from poser.portal.doing import Deed
from poser.portal.signing_up import Application, normal_address, sign_up
from web.language import LANGUAGE, _, languages, mark
from web.portal.boxes import Box, choice_boxes, name_boxes, sent, with_problems
from web.portal.calls import Route, call, caller
from web.portal.pages.door import too_many
from web.portal.showing import see_other, show
from web.portal.site import Portal

_FIELDS = (
    "given_name",
    "family_name",
    "phone",
    "home_store",
    "language",
    "news",
    "address",
    "card",
)
_CONSENT = mark("please agree, or we may keep nothing about you")
_MAILED = mark(
    "A mail is on its way to {address}. Follow its link within two days to choose your password."
)
_LONGEST_CARD = 40


class SignUp:
    """Falcon resource: the form to sign up."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Show it, unless the guest has an account already."""
        if call(req).guest.is_signed_in:
            see_other(resp, "/")
            return
        _show(req, resp, {"language": LANGUAGE.get()}, {})

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Keep it and mail the link; what is said then is the same for every address."""
        form: Mapping[str, str] = req.context.form
        said = sent(form, _FIELDS)
        problems = _wrong(req, said, agrees=form.get("agrees") == YES)
        if problems:
            resp.status = falcon.HTTP_UNPROCESSABLE_ENTITY
            _show(req, resp, said, problems)
            return
        call(req).close()
        with transaction(call(req).site.engines["poser"]) as session:
            is_done = sign_up(session, _application(said), caller(req))
        if not is_done:
            _show(req, resp, said, {}, problem=too_many(resp))
            return
        what = _(_MAILED).format(address=said["address"])
        show(req, resp, "mailed.pt", title=_("Look into your mail"), what=what)


def routes(site: Portal) -> list[Route]:  # noqa: ARG001 - as of every module of pages
    """One address, open to everybody."""
    return [Route(path="/sign-up", page=SignUp(), deed=Deed.COME_IN)]


def _application(said: Mapping[str, str]) -> Application:
    return Application(
        address=said["address"],
        given_name=said["given_name"],
        family_name=said["family_name"],
        phone=said["phone"],
        card=said["card"],
        home_store_id=said["home_store"],
        language=said["language"],
        wants_news=said["news"] == YES,
    )


def _wrong(req: falcon.Request, said: Mapping[str, str], *, agrees: bool) -> dict[str, str]:
    problems = wrong(call(req).read(), said, languages=languages())
    try:
        normal_address(said["address"])
    except PoserError as error:
        problems["address"] = str(error)
    if len(said["card"]) > _LONGEST_CARD:
        problems["card"] = "this is too long"
    if not agrees:
        problems["agrees"] = _CONSENT
    return problems


def _show(
    req: falcon.Request,
    resp: falcon.Response,
    said: Mapping[str, str],
    problems: Mapping[str, str],
    *,
    problem: str = "",
) -> None:
    who = [
        Box(
            "address",
            _("Email"),
            said.get("address", ""),
            kind="email",
            autocomplete="email",
            is_required=True,
        ),
        *name_boxes(said),
    ]
    card = Box(
        "card",
        _("Number of your customer card"),
        said.get("card", ""),
        help=_("If you have one already, and we know your email address: your purchases go on it."),
        longest=_LONGEST_CARD,
    )
    choices = [*choice_boxes(call(req).read(), said), card]
    show(
        req,
        resp,
        "sign_up.pt",
        title=_("Sign up"),
        who=with_problems(who, problems),
        choices=with_problems(choices, problems),
        agrees_problem=_(problems.get("agrees", "")),
        problem=problem,
    )
