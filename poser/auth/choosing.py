# SPDX-License-Identifier: Apache-2.0
"""New passwords that would be guessed first: refused when somebody chooses one.

Own rules catch what is easy by its shape: the user's or the node's name, the words everybody
takes, keys in a row, few different signs. A node may have a list of passwords that are known
to be stolen, too; none is shipped.
*Source:* NIST SP 800-63B, 5.1.1.2 (what to compare chosen passwords with).
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from poser.config import Config, Setting
from poser.config.load import NODE
from poser.errors import PoserError

STOLEN = Setting(
    "auth.stolen_passwords",
    Path,
    default=Path("-"),
    doc="File with the SHA-1 of stolen passwords, one in each line, ascending; - for none.",
    file_only=True,
)
FEWEST_SIGNS = 5
"""How many different signs a password has beside words and rows that everybody knows."""

_WORDS = (
    "password", "passwort", "kennwort", "passphrase", "welcome", "willkommen", "letmein",
    "changeme", "iloveyou", "administrator", "admin", "secret", "geheim", "login", "master",
    "dragon", "monkey", "football", "sunshine", "princess", "poser",
)  # fmt: skip
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "qwertzuiop", "asdfghjkl",
         "zxcvbnm", "yxcvbnm")  # fmt: skip
_SHORTEST_NAME, _SHORTEST_ROW = 3, 4
_LOOKS_LIKE = str.maketrans("0134578@$!", "oieastbasi")
_SHA1_DIGITS = 40
EASY = "this password is easy to guess"
LISTED = "this password is on a list of stolen ones"
HINT = "take a few words in a row that have nothing to do with each other"


def check_chosen(config: Config, password: str, *, names: Iterable[str]) -> None:
    """Raise PoserError for a password that would be guessed early; `names` are of its user."""
    known = [*names, NODE(config)]
    if is_easy(password, known):
        raise PoserError(EASY, hint=HINT)
    path = STOLEN(config)
    if path != Path("-") and is_listed(password, path):
        raise PoserError(LISTED, hint=HINT)


def is_easy(password: str, names: Iterable[str]) -> bool:
    """Tell whether little is left of a password without what everybody would try."""
    plain = _letters(password)
    parts = {part for name in names for part in re.split(r"[\W_]+", name.casefold())}
    known = {part for part in parts if len(part) >= _SHORTEST_NAME} | set(_WORDS)
    variants = {plain, plain.translate(_LOOKS_LIKE), _letters(password.translate(_LOOKS_LIKE))}
    return min(len(set(_rest(each, known))) for each in variants) < FEWEST_SIGNS


def is_listed(password: str, path: Path) -> bool:
    """Look a password up in a file of ascending SHA-1 sums, by halving: it may be very large.

    Raises PoserError for a file that cannot be read.
    """
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    try:
        with path.open("rb") as lines:
            low, high = 0, path.stat().st_size
            while low < high:  # the line wanted begins at or after low, and before high
                middle = (low + high) // 2
                lines.seek(middle)
                if middle:
                    lines.seek(middle - 1)
                    lines.readline()
                begins, line = lines.tell(), lines.readline()
                if not line or begins >= high or line[:_SHA1_DIGITS].upper() >= wanted:
                    high = middle
                else:
                    low = lines.tell()
            lines.seek(low)
            return lines.readline()[:_SHA1_DIGITS].upper() == wanted
    except OSError as error:
        raise PoserError(
            f"the list of stolen passwords cannot be read: {error.strerror}",
            hint=f"look at {STOLEN.name} in the settings of this node",
        ) from error


def _letters(password: str) -> str:
    plain = unicodedata.normalize("NFKC", password).casefold()
    return "".join(sign for sign in plain if sign.isalnum())


def _rest(plain: str, known: Iterable[str]) -> str:
    """Take out words, and then signs that follow each other on a keyboard or in counting."""
    for word in sorted(known, key=len, reverse=True):
        plain = plain.replace(word, " ")
    for row in (*_ROWS, *(row[::-1] for row in _ROWS)):
        for length in range(len(row), _SHORTEST_ROW - 1, -1):
            for at in range(len(row) - length + 1):
                plain = plain.replace(row[at : at + length], " ")
    return plain.replace(" ", "")
