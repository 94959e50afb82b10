# SPDX-License-Identifier: Apache-2.0
"""Which encoding a file has that does not say it, found out from its bytes.

A byte-order mark says it. Else what is valid UTF-8 is UTF-8: text of another encoding hardly
ever is. Only then is it guessed from the letters, and the guess is shown to people.
"""

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from poser.errors import ImportFailed
from poser.importing.opening import PIECE

EVIDENCE = 64 * 1024
"""How many bytes of lines with other letters than ASCII are looked at."""

_MARKS = (  # the longer ones first: UTF-32's begins with UTF-16's
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WORD = re.compile(r"\w*[^\W\d_a-zA-Z]\w*")
_LIKELIEST = "cp1252"  # Windows' own for western Europe and America
_PLAUSIBLE = [
    _LIKELIEST, "cp1250", "cp1251", "cp1253", "cp1254", "cp1257", "cp850", "cp437", "mac_roman",
    "cp932", "gb18030", "big5", "euc_kr", "koi8_r",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """What a file's encoding is, how long its byte-order mark, and how that is known."""

    name: str
    mark: int = 0
    known: str = ""


def said_encoding(name: str, first: bytes) -> Encoding:
    """Take the encoding that somebody said. Raises ImportFailed for a word that is none."""
    name = known_encoding(name)
    for mark, marked in _MARKS:
        if first.startswith(mark) and marked.startswith(name):
            return Encoding(name=marked, mark=len(mark), known="as was said")
    return Encoding(name=name, known="as was said")


def known_encoding(name: str) -> str:
    """Give the proper name of an encoding of texts. Raises ImportFailed if there is none."""
    try:
        proper = codecs.lookup(name).name
        b"".decode(proper)
    except LookupError as error:
        raise ImportFailed(
            f"there is no encoding {name!r}", hint="such as utf-8, cp1252 or utf-16"
        ) from error
    return proper


def found_encoding(first: bytes, more: Iterable[bytes]) -> Encoding:
    """Find the encoding of a file of its first bytes, and of more where those are all ASCII."""
    for mark, name in _MARKS:
        if first.startswith(mark):
            return Encoding(name=name, mark=len(mark), known="by its byte-order mark")
    if wide := _wide(first):
        return Encoding(name=wide, known="by its zero bytes")
    evidence = _evidence(first, more)
    try:
        evidence.decode("utf-8")
    except UnicodeDecodeError:
        return _guessed(evidence)
    return Encoding(name="utf-8", known="all of it is valid" if evidence else "all of it is ASCII")


def recoded(pieces: Iterable[bytes], encoding: Encoding, name: str) -> Iterator[bytes]:
    """Give pieces in UTF-8 whose line breaks were not single bytes, such as UTF-16.

    Raises ImportFailed where they cannot be read, naming the line.
    """
    decoder = codecs.getincrementaldecoder(encoding.name)()
    line = 1
    try:
        for piece in pieces:
            text = decoder.decode(piece)
            line += text.count("\n")
            yield text.encode("utf-8", "surrogatepass")
        yield decoder.decode(b"", final=True).encode("utf-8")
    except UnicodeError as error:
        raise ImportFailed(
            f"{name}, line {line} or soon after: is not {encoding.name}",
            hint="say another encoding with --encoding, or have the file written again",
        ) from error


def has_ascii_lines(encoding: Encoding) -> bool:
    """Tell whether line breaks, separators and quotes are the single bytes of ASCII."""
    try:
        return '\r\n\t,;|"'.encode(encoding.name) == b'\r\n\t,;|"'
    except UnicodeError:
        return False


def example(text: str) -> str:
    """Give a word that shows whether an encoding is right, "" without any."""
    found = _WORD.search(text)
    return found[0][:30] if found else ""


def _wide(first: bytes) -> str:
    """Tell UTF-16 without its mark: every second byte of text in Latin letters is zero."""
    some = first[:2048]
    if some[1::2].count(0) > len(some) // 4 and not some[::2].count(0):
        return "utf-16-le"
    if some[::2].count(0) > len(some) // 4 and not some[1::2].count(0):
        return "utf-16-be"
    return ""


def _evidence(first: bytes, more: Iterable[bytes]) -> bytes:
    """Collect the lines that have other letters than ASCII, until there are enough."""
    if not first.isascii():
        if len(first) < PIECE:  # the whole file; its last line may have no end
            return first
        return _foreign_lines(first)
    found = b""
    for piece in more:
        if not piece.isascii():
            found += _foreign_lines(piece.partition(b"\n")[2])
        if len(found) >= EVIDENCE:
            break
    return found


def _foreign_lines(piece: bytes) -> bytes:
    """Give the whole lines with other letters: half a letter at a cut proves nothing."""
    whole = piece[: max(piece.rfind(b"\n"), piece.rfind(b"\r")) + 1]
    return b"".join(line for line in whole.splitlines(keepends=True) if not line.isascii())


def _guessed(evidence: bytes) -> Encoding:
    from charset_normalizer import from_bytes  # noqa: PLC0415 - large, and hardly ever needed

    matches = from_bytes(evidence[:EVIDENCE], cp_isolation=_PLAUSIBLE)
    best = matches.best()
    name = _LIKELIEST if best is None else best.encoding
    for match in matches:
        # Where nothing speaks for another one more than for it.
        likely = _LIKELIEST in match.could_be_from_charset
        if best and likely and match.coherence >= best.coherence and match.chaos <= best.chaos:
            name = _LIKELIEST
    return Encoding(name=name, known="guessed from its letters; --encoding says another")
