# SPDX-License-Identifier: Apache-2.0
"""What a check is, and how one ends."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from poser.doctor.subject import Subject


class State(StrEnum):
    """How a check ends."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"
    NOT_KNOWN = "not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a check found: a sentence, further lines where there is a list, what to do next."""

    state: State
    sentence: str
    details: tuple[str, ...] = ()
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One question about a node: its name, what its answer means, how to mend what is wrong.

    `look` changes nothing. It may raise PoserError: the check then ends as not known.
    """

    name: str
    means: str
    mend: str
    look: Callable[["Subject"], Finding]


def ok(sentence: str) -> Finding:
    """End well."""
    return Finding(state=State.OK, sentence=sentence)


def warning(sentence: str, *, details: Sequence[str] = (), hint: str = "") -> Finding:
    """End with something that somebody should look at this week."""
    return Finding(state=State.WARNING, sentence=sentence, details=tuple(details), hint=hint)


def wrong(sentence: str, *, details: Sequence[str] = (), hint: str = "") -> Finding:
    """End with something that is not as it should be."""
    return Finding(state=State.WRONG, sentence=sentence, details=tuple(details), hint=hint)


def not_known(sentence: str, *, hint: str = "") -> Finding:
    """End without an answer."""
    return Finding(state=State.NOT_KNOWN, sentence=sentence, hint=hint)
