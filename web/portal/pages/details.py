# SPDX-License-Identifier: Apache-2.0
"""My details and preferences, the email address to sign in with, and the password."""

from collections.abc import Callable, Mapping, Sequence

import falcon
from sqlalchemy.orm import Session

from poser.auth.choosing import check_chosen
from poser.db import transaction
from poser.errors import PoserError
from poser.model import PortalTokenKind
from poser.portal import emails
from poser.portal.details import YES, ChangedMeanwhile, Self, Unfit, change, move_address, read_self
from poser.portal.doing import Deed
from poser.portal.links import find_link, send, use_up
from poser.portal.signing_in import Refused, ask_for_address, is_really, set_password
from poser.portal.signing_up import language_of, normal_address
from web.flash import flash
from web.language import _, languages, mark
from web.portal.boxes import Box, choice_boxes, name_boxes, sent, with_problems, with_was
from web.portal.calls import Route, call, caller, reading_self, writing_self
from web.portal.pages.door import checked, refusal, sentence
from web.portal.showing import see_other, show
from web.portal.site import Portal
from web.users.passwords import translated

PATH = "/details"
_FORMS = {
    "who": ("given_name", "family_name", "phone"),
    "wishes": ("home_store", "language", "news"),
}
_CHANGED = mark("somebody changed this meanwhile; it is now: {value}")
_WRONG = mark("That password is not right.")


class Details:
    """Falcon resource: what the customer says about themselves."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Show it."""
        _show(req, resp)

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Write one of the two forms, unless somebody else changed the same meanwhile."""
        form: Mapping[str, str] = req.context.form
        names = _FORMS.get(form.get("form", ""))
        if names is None:
            raise falcon.HTTPBadRequest(description=_("There is no such choice."))
        said = sent(form, names)
        was = {name: form[f"was.{name}"] for name in names if f"was.{name}" in form}
        try:
            with writing_self(req) as (session, mine):
                changed = change(session, mine, said, was, languages=languages())
        except Unfit as error:
            resp.status = falcon.HTTP_UNPROCESSABLE_ENTITY
            _show(req, resp, said=said, problems=error.problems)
            return
        except ChangedMeanwhile as error:
            resp.status = falcon.HTTP_CONFLICT
            text = _(_CHANGED)
            told = {n: text.format(value=_shown(req, n, value)) for n, value in error.now.items()}
            _show(req, resp, said=said, problems=told)
            return
        flash(resp, _("Saved.") if changed else _("Nothing was changed."))
        see_other(resp, PATH)


class Address:
    """Falcon resource: another email address to sign in with."""

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Mail a link to the new address; until it is followed the old one holds."""
        asked = req.context.form.get("address", "")
        who = caller(req)
        done = _with_proof(
            req, resp, lambda s, mine: ask_for_address(s, mine.account, normal_address(asked), who)
        )
        if done:
            flash(resp, _("A mail with a link is on its way to the new address."))
            see_other(resp, PATH)


class NewAddress:
    """Falcon resource: where the link in the mail to the new address leads."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Ask once more, since programs follow links, too."""
        here = call(req)
        token = req.get_param("token") or ""
        found = find_link(here.read(), token, now=here.site.clock())
        if found is None or found.kind != PortalTokenKind.ADDRESS:
            _show_over(req, resp)
            return
        title = _("Confirm your new email address")
        show(req, resp, "new_address.pt", title=title, token=token, address=found.address)

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Let the account have the address; its old one is told."""
        here = call(req)
        here.close()
        try:
            with transaction(here.site.engines["poser"]) as session:
                token = req.context.form.get("token", "")
                found = find_link(session, token, now=here.site.clock(), lock=True)
                is_right = found is not None and found.kind == PortalTokenKind.ADDRESS
                if found is not None and is_right:
                    account, old = found.account, found.account.address
                    address = found.address
                    language = language_of(session, account)
                    use_up(session, account)
                    move_address(session, account, address)
                    send(session, emails.PORTAL_CHANGED, old, language=language, what="address")
        except PoserError as error:
            raise falcon.HTTPConflict(
                title=_("That failed"), description=sentence(error)
            ) from error
        if not is_right:
            _show_over(req, resp)
            return
        flash(resp, _("Your email address is changed."))
        see_other(resp, PATH if here.guest.is_signed_in else "/sign-in")


class Password:
    """Falcon resource: another password."""

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Take it, and sign all other devices out."""
        password = req.context.form.get("password", "")
        here = call(req)

        def choose(session: Session, mine: Self) -> None:
            names = (mine.account.address, mine.person.display_name)
            with translated(password):
                check_chosen(here.site.config, password, names=names)
                kept = here.guest.session_id
                set_password(session, mine.account, password, caller(req), kept=kept)

        if _with_proof(req, resp, choose):
            flash(resp, _("Your password is changed. All other devices were signed out."))
            see_other(resp, PATH)


def routes(site: Portal) -> list[Route]:  # noqa: ARG001 - as of every module of pages
    """List the addresses."""
    return [
        Route(path=PATH, page=Details(), deed=Deed.SEE_SELF, writes=Deed.CHANGE_SELF),
        Route(path=f"{PATH}/address", page=Address(), deed=Deed.CHANGE_SELF),
        Route(path=f"{PATH}/password", page=Password(), deed=Deed.CHANGE_SELF),
        Route(path="/new-address", page=NewAddress(), deed=Deed.COME_IN),
    ]


def _with_proof(
    req: falcon.Request, resp: falcon.Response, do: Callable[[Session, Self], None]
) -> bool:
    """Do something if it is really the customer who sits there; shows why not otherwise."""
    proof, who = req.context.form.get("proof", ""), caller(req)

    def attempt(session: Session) -> Refused | None:
        key = call(req).guest.account_id
        mine = key and read_self(session, key, lock=True)
        if not mine:
            raise falcon.HTTPNotFound
        if no := is_really(session, mine.account, proof, who):
            return no
        do(session, mine)
        return None

    try:
        answer = checked(req, attempt)
    except PoserError as error:
        resp.status = falcon.HTTP_UNPROCESSABLE_ENTITY
        _show(req, resp, problem=sentence(error))
        return False
    if answer is not None:
        _show(req, resp, problem=refusal(resp, answer, _(_WRONG)))
    return answer is None


def _show(
    req: falcon.Request,
    resp: falcon.Response,
    *,
    said: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
    problem: str = "",
) -> None:
    session = call(req).read()
    mine = reading_self(req)
    now = mine.fields()
    values = {**now, **(said or {})}

    def drawn(boxes: Sequence[Box]) -> list[Box]:
        return with_was(with_problems(boxes, problems or {}), now)

    show(
        req,
        resp,
        "details.pt",
        title=_("My details"),
        address=mine.account.address,
        who=drawn(name_boxes(values)),
        wishes=drawn(choice_boxes(session, values)),
        problem=problem,
    )


def _show_over(req: falcon.Request, resp: falcon.Response) -> None:
    resp.status = falcon.HTTP_GONE
    show(req, resp, "link_over.pt", title=_("This link does not hold any more"), is_new=False)


def _shown(req: falcon.Request, name: str, value: str) -> str:
    """Write what a field is now as people read it."""
    boxes = {one.name: one for one in choice_boxes(call(req).read(), {name: value})}
    if name in boxes and boxes[name].kind == "tick":
        return _("yes") if value == YES else _("no")
    options = dict(boxes[name].options) if name in boxes else {}
    return options.get(value, value) or _("empty")
