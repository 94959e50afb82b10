# SPDX-License-Identifier: Apache-2.0
"""Boxes of the portal's forms, as the template `parts.pt` draws them."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy.orm import Session

from poser.portal.customers import open_stores
from poser.portal.details import LONGEST_NAME, LONGEST_PHONE, NO, YES
from web.language import _, languages, mark

PROBLEMS = (
    mark("please fill this in"),
    mark("this is too long"),
    mark("this is no telephone number"),
    mark("there is no such store"),
    mark("there is no such language here"),
    mark("this is no email address"),
    mark("write it as ada@example.com"),
    mark("this membership is not offered"),
    mark("choose one of the list"),
    mark("you have a membership, or asked for one"),
    mark("ask in your store"),
    mark("this address has an account of its own"),
    mark("sign in with that"),
    mark("too many mails were asked for"),
    mark("come again in an hour"),
)
"""What the node software says about the boxes, for translators."""


class Box(NamedTuple):
    """One field of a form. With `options` it is a list, of kind tick a box to tick."""

    name: str
    label: str
    value: str = ""
    kind: str = "text"
    autocomplete: str | None = None
    help: str = ""
    is_required: bool = False
    longest: int = 200
    options: Sequence[tuple[str, str]] = ()
    problem: str = ""
    was: str | None = None


def name_boxes(said: Mapping[str, str]) -> list[Box]:
    """Give the boxes for a name and a telephone number."""
    return [
        Box(
            "given_name",
            _("First name"),
            said.get("given_name", ""),
            autocomplete="given-name",
            is_required=True,
            longest=LONGEST_NAME,
        ),
        Box(
            "family_name",
            _("Last name"),
            said.get("family_name", ""),
            autocomplete="family-name",
            is_required=True,
            longest=LONGEST_NAME,
        ),
        Box(
            "phone",
            _("Telephone"),
            said.get("phone", ""),
            kind="tel",
            autocomplete="tel",
            help=_("If we may call you about an order; it may stay empty."),
            longest=LONGEST_PHONE,
        ),
    ]


def choice_boxes(session: Session, said: Mapping[str, str]) -> list[Box]:
    """Give the boxes for the home store, the language and the news."""
    stores = [(str(one.id), one.name) for one in open_stores(session)]
    language = said.get("language", "")
    spoken = list(languages().items())
    if language not in languages():
        # The staff may write a language down that no page is in.
        spoken.insert(0, (language, language or _("no matter")))
    return [
        Box(
            "home_store",
            _("My store"),
            said.get("home_store", ""),
            options=[("", _("none in particular")), *stores],
        ),
        Box("language", _("Language of mails"), language, options=spoken),
        Box(
            "news",
            _("Write to me about offers and news"),
            YES if said.get("news") == YES else NO,
            kind="tick",
        ),
    ]


def with_problems(boxes: Sequence[Box], problems: Mapping[str, str]) -> list[Box]:
    """Say beside each box what is wrong with it, in the language of the page."""
    return [one._replace(problem=_(problems.get(one.name, ""))) for one in boxes]


def with_was(boxes: Sequence[Box], now: Mapping[str, str]) -> list[Box]:
    """Let each box carry what the field was when its page was made."""
    return [one._replace(was=now.get(one.name, "")) for one in boxes]


def sent(form: Mapping[str, str], boxes: Sequence[str]) -> dict[str, str]:
    """Read what a form has in its boxes; a tick that is not sent is a no."""
    said = {name: form.get(name, "").strip() for name in boxes}
    return {**said, "news": YES if form.get("news") == YES else NO} if "news" in said else said
