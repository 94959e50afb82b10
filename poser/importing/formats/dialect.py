# SPDX-License-Identifier: Apache-2.0
"""How a CSV file writes its values, found out from its first lines and shown to people."""

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from poser.errors import ImportFailed

_DELIMITERS = ",;\t|"
_NAMES = {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}
_WORDS = {"\t": "tabs", ",": "commas", ";": "semicolons", "|": "pipes", " ": "spaces"}


class _Arguments(TypedDict):
    """What the reader of the standard library wants to know."""

    delimiter: str
    quotechar: str
    doublequote: bool
    escapechar: str | None
    skipinitialspace: bool
    strict: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What stands between values, what around them, and how a quote in them is written."""

    delimiter: str = ","
    quote: str = '"'
    backslash: bool = False
    blanks: bool = False

    def arguments(self) -> _Arguments:
        """Give it as the standard library's reader wants it: strict, so nothing is guessed."""
        return {
            "delimiter": self.delimiter,
            "quotechar": self.quote,
            "doublequote": not self.backslash,
            "escapechar": "\\" if self.backslash else None,
            "skipinitialspace": self.blanks,
            "strict": True,
        }

    def __str__(self) -> str:
        between = _WORDS.get(self.delimiter, repr(self.delimiter))
        more = " with a blank" if self.blanks else ""
        escaped = ", quotes in them after a backslash" if self.backslash else ""
        return f"{between}{more} between values, {self.quote} around them{escaped}"


def said_delimiter(word: str) -> str:
    """Take a delimiter as people type it: a sign, or a word such as tab."""
    found = _NAMES.get(word.lower(), word)
    if len(found) != 1 or found in '"\r\n':
        raise ImportFailed(
            f"{word!r} cannot stand between values",
            hint=f"one sign, or {', '.join(_NAMES)}",
        )
    return found


def found_dialect(lines: Sequence[str], delimiter: str = "") -> Dialect:
    """Find the dialect in the first lines of a file; `delimiter` where somebody said it."""
    text = "\n".join(lines)
    quote = "'" if '"' not in text and _is_quoted(lines, "'", delimiter) else '"'
    found = [
        Dialect(delimiter=each, quote=quote, backslash=backslash, blanks=f"{each} {quote}" in text)
        for each in (delimiter or _DELIMITERS)
        for backslash in ((False, True) if f"\\{quote}" in text else (False,))
    ]
    return max(found, key=lambda dialect: _fit(lines, dialect))


def _is_quoted(lines: Sequence[str], quote: str, delimiter: str) -> bool:
    """Tell whether at least half of the lines have values that begin and end with a quote."""
    quoted = sum(
        any(
            len(part) > 1 and part.startswith(quote) and part.endswith(quote)
            for each in (delimiter or _DELIMITERS)
            for part in map(str.strip, line.split(each))
        )
        for line in lines
    )
    return quoted * 2 > len(lines)


def _fit(lines: Sequence[str], dialect: Dialect) -> tuple[float, int, int]:
    """Say how well a dialect fits: the share of rows of the usual width, and that width."""
    widths: Counter[int] = Counter()
    reader = csv.reader([f"{line}\n" for line in lines], **dialect.arguments())
    failed = 0
    try:
        widths.update(len(row) for row in reader if row)
    except csv.Error:
        # The last quoted value may be cut off by the end of the sample; others are no CSV so.
        failed = max(len(lines) - reader.line_num + 1, 1)
    if not widths:
        return 0.0, 0, 0
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    share = count / (widths.total() + failed)
    return (share if width > 1 else 0.0), width, -_DELIMITERS.find(dialect.delimiter)
