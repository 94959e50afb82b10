# SPDX-License-Identifier: Apache-2.0
"""Why a new password is refused, in the language of the page."""

from collections.abc import Iterator
from contextlib import contextmanager

from poser.auth import choosing, passwords
from poser.errors import PoserError
from web.language import _

SENTENCES = (
    choosing.EASY,
    choosing.LISTED,
    choosing.HINT,
    passwords.LENGTH,
    passwords.LENGTH_HINT,
)
"""What the node software says, for translators."""


@contextmanager
def translated(password: str) -> Iterator[None]:
    """Let a refusal of this password be told in the visitor's language."""
    try:
        yield
    except PoserError as error:
        if error.hint not in SENTENCES:
            raise
        said = str(error) if str(error) in SENTENCES else passwords.LENGTH
        words = _(said).format(
            shortest=passwords.SHORTEST, longest=passwords.LONGEST, length=len(password)
        )
        raise PoserError(words, hint=_(error.hint)) from error
