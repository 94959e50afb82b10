# SPDX-License-Identifier: Apache-2.0
"""What a type of email is: a value beside the code that sends it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from poser.mail.subjects import check_subject

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

_KEY = re.compile(r"[a-z][a-z0-9_]*")
_SHORT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfRecord:
    """How a type looks for a record that there is: its table, and what would be queued for it.

    `read` gets a session and the record's id; it returns None for one that is gone.
    """

    table: str
    read: "Callable[[Session, UUID], Mapping[str, object] | None]"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailType:
    """One type of email, such as that an import found changes.

    `key` names it for ever: in settings, in the outbox, and its template `<key>.pt` (with
    `<key>.txt.pt` for the text part, where the one made from the page does not do). `subject`
    is a format string without code: names of `sample` in braces, nothing else. `sample` has
    every value that the template may use, with values that look real; what is queued has the
    same names. `to` are recipients where nobody set others, written as in
    poser.mail.recipients; without any the mail goes to the setting mail.to.

    The first mail goes at once. More about the same within `repeats_within` are held and go
    together as one, and so do all beyond `most_per_hour`. A `hidden` type is not listed. With
    `of_record` people can look at it with a real record instead of the sample. `secret` values
    are for the recipient alone: no page shows them. What `is_for_customers` says nothing of
    nodes and types.
    """

    key: str
    description: str
    subject: str
    sample: Mapping[str, object] = field(hash=False)
    to: tuple[str, ...] = ()
    repeats_within: timedelta = _SHORT
    most_per_hour: int = 30
    hidden: bool = False
    secret: tuple[str, ...] = ()
    is_for_customers: bool = False
    of_record: OfRecord | None = field(default=None, hash=False)

    def __post_init__(self) -> None:
        """Refuse what could never be sent. Raises ValueError."""
        if not _KEY.fullmatch(self.key):
            raise ValueError(f"email type {self.key!r} is not in low_snake_case")
        if not self.description.strip() or self.most_per_hour < 1:
            raise ValueError(f"email type {self.key} needs a description, and may send one an hour")
        check_subject(self.subject, self.sample)
