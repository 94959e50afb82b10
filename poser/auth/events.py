# SPDX-License-Identifier: Apache-2.0
"""The record of what happens at the door: who came, from where, and what became of it."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from poser.model import SignInEvent, SignInKind, User

NAME_LENGTH = 100
_NOTE_LENGTH = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Where somebody comes from, and when: the browser's address, its own name, the time now.

    An address that is none counts as unknown.
    """

    address: str | None
    now: datetime
    user_agent: str = ""

    @property
    def ip(self) -> str | None:
        """The address as PostgreSQL takes it."""
        try:
            return str(ipaddress.ip_address(self.address or ""))
        except ValueError:
            return None


def record(
    session: Session, who: User | str, kind: SignInKind, caller: Caller, *, note: str = ""
) -> None:
    """Write one event; `who` is the user, or the name that somebody typed."""
    user = who if isinstance(who, User) else None
    session.add(
        SignInEvent(
            user_id=user.id if user else None,
            name=storable(who.name if isinstance(who, User) else who)[:NAME_LENGTH],
            kind=kind.value,
            address=caller.ip,
            at=caller.now,
            note=storable(note)[:_NOTE_LENGTH],
        )
    )
    session.flush()


def storable(words: str) -> str:
    """Leave out what PostgreSQL cannot keep: NUL, and halves of characters."""
    return words.replace("\0", "").encode("utf-8", "ignore").decode()
