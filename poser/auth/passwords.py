# SPDX-License-Identifier: Apache-2.0
"""Passwords: Argon2id hashes, checked in the same time whether the user exists or not.

*Source:* RFC 9106, section 4, second recommended option (64 MiB of memory); NIST SP
800-63B, 5.1.1.2 (length counts, no rules about kinds of characters).
"""

import unicodedata
from functools import cache

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from poser.errors import PoserError

SHORTEST = 12
LONGEST = 256  # a longer one would only make the server work

LENGTH = "a password has {shortest} to {longest} characters; this one has {length}"
LENGTH_HINT = "a few words in a row are easy to remember and hard to guess"

_HASHER = PasswordHasher(
    time_cost=3, memory_cost=64 * 1024, parallelism=4, hash_len=32, salt_len=16, type=Type.ID
)


def hash_password(password: str) -> str:
    """Hash a password for keeping. Raises PoserError if it is too short or too long."""
    length = len(password)
    if not SHORTEST <= length <= LONGEST:
        raise PoserError(
            LENGTH.format(shortest=SHORTEST, longest=LONGEST, length=length), hint=LENGTH_HINT
        )
    return _HASHER.hash(_plain(password))


def is_right(password_hash: str | None, password: str) -> bool:
    """Tell whether a password fits a kept hash; without a hash it takes as long and is wrong."""
    stand_in = _stand_in()  # made even when not needed: the first check must not tell either
    try:
        _HASHER.verify(password_hash or stand_in, _plain(password[: LONGEST + 1]))
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Tell whether a hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(password_hash)


def _plain(password: str) -> bytes:
    """Write letters that look the same in one way, however the keyboard made them."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


@cache
def _stand_in() -> str:
    return _HASHER.hash("nobody has this password")
