# SPDX-License-Identifier: Apache-2.0
"""What the form of an import asks besides its file: the options that only its handler has."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from poser.importing.found import Found
from web.language import _

if TYPE_CHECKING:
    from poser.importing.handler import Option

LONGEST = 500


class Box(NamedTuple):
    """One option as the form shows it."""

    name: str
    label: str
    help: str
    value: str
    usual: str
    is_flag: bool


def boxes_of(found: Found, form: Mapping[str, str]) -> list[Box]:
    """Give a box for each option of a handler, with what was typed."""
    return [
        Box(
            name=f"option.{one.name}",
            label=_(label_of(one)),
            help=_(one.help),
            value=form.get(f"option.{one.name}", ""),
            usual=one.default,
            is_flag=one.is_flag,
        )
        for one in options_of(found)
    ]


def options_of(found: Found) -> Sequence["Option"]:
    """Load a handler and give its options. Raises PoserError for one that cannot be loaded."""
    options: Sequence[Option] = found.load().options
    return options


def label_of(option: "Option") -> str:
    """Write the word of an option as a label, such as "Time zone" of time-zone."""
    return option.name.replace("-", " ").capitalize()


def said_in(form: Mapping[str, str], options: Sequence["Option"]) -> tuple[tuple[str, str], ...]:
    """Read the options of a form as the command line would say them."""
    return tuple((one.name, _typed(form, one) or one.default) for one in options)


def _typed(form: Mapping[str, str], option: "Option") -> str:
    typed = form.get(f"option.{option.name}", "")[:LONGEST]
    return typed if typed == " " else typed.strip()
