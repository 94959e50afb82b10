# SPDX-License-Identifier: Apache-2.0
"""Who types a command: kept with every change that it makes."""

import os
import pwd
import shlex
from collections.abc import Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING

from poser.addresses import without_passwords

if TYPE_CHECKING:
    from poser.db.authors import Author

_TYPED: ContextVar[Sequence[str]] = ContextVar("_TYPED", default=())
_LONGEST = 500
_NOBODY_SIGNED_IN = 0xFFFFFFFF
_LOGIN = Path("/proc/self/loginuid")


def command_author(via: str, comment: str = "") -> "Author":
    """Name the author of what a command changes; `via` are its words, without any secret."""
    from poser.db.authors import Author, Source  # noqa: PLC0415 - slow

    return Author(source=Source.COMMAND, user_name=who_types(), via=via, comment=comment)


def typed(arguments: Sequence[str]) -> None:
    """Remember the words of the command that runs, for `write_as_command`.

    Passwords are asked for or piped in; the address of a database may have one all the same.
    """
    _TYPED.set(arguments)


def write_as_command() -> None:
    """Name who types the command as the author of every transaction that it opens."""
    from poser.db.authors import AUTHOR  # noqa: PLC0415 - slow

    if AUTHOR.get() is None and _TYPED.get():
        AUTHOR.set(command_author(command_line()))


def command_line() -> str:
    """Return the command that runs, cut where it is very long; passwords in addresses are out."""
    line = shlex.join(["poser", *_TYPED.get()])
    return without_passwords(line)[:_LONGEST]


def who_types() -> str:
    """Name the person on this machine: who used sudo, or signed in, or runs this."""
    return os.environ.get("SUDO_USER") or _name(_signed_in()) or _name(os.getuid())


def _signed_in() -> int:
    """Return the user that signed in to this machine, whoever they have become since."""
    try:
        return int(_LOGIN.read_text())
    except (OSError, ValueError):
        return _NOBODY_SIGNED_IN


def _name(uid: int) -> str:
    if uid == _NOBODY_SIGNED_IN:
        return ""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
