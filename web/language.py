# SPDX-License-Identifier: Apache-2.0
"""The language of the page that is being made: `_` translates now, `mark` only marks.

English stands in the source. `_("Add {one}")` inside a request gives the visitor's language;
values made once at the start say `mark("Vendors")` and are translated when shown.
"""

from collections.abc import Callable
from contextvars import ContextVar

Translate = Callable[[str], str]


def _as_it_is(text: str) -> str:
    return text


LANGUAGE: ContextVar[str] = ContextVar("language", default="en")
"""The language of the request that this thread answers, as a code of BCP 47."""

TRANSLATE: ContextVar[Translate] = ContextVar("translate", default=_as_it_is)
"""Looks a sentence up in that language's catalogue."""


def _(text: str) -> str:
    """Translate a sentence into the language of the request."""
    return TRANSLATE.get()(text)


def mark(text: str) -> str:
    """Mark a sentence for translators; it is translated where it is shown."""
    return text
