# SPDX-License-Identifier: Apache-2.0
"""What the database refused, in the language of the page.

The node software and triggers word a refusal in English, for all who may have asked. Its
sentences are known here in pieces, the parts between colons and full stops, with what changes
from one to the next in braces; what nobody knows stays English.
"""

import re
from functools import cache

from poser.errors import PoserError
from web.language import _, mark

SENTENCES = (
    # poser.db.refused
    mark("there is one already with {values}"),
    mark("change that one, or give this one another"),
    mark("{field} must be given"),
    mark("there is no {what} with {values}"),
    mark("{row} cannot be deleted"),
    mark("it is still used by {table}"),
    mark("cannot be deleted"),
    mark("archive it instead, or change those first"),
    mark("{values} is not allowed ({rule})"),
    mark("it is the one with {values}"),
    mark("a value cannot be kept"),
    # poser.datasync
    mark("no open conflict has the id {id}"),
    mark("somebody may have settled it already"),
    mark("{row} is gone meanwhile"),
    mark("keep it so, and take ours"),
    mark("nothing waits under the id {id}"),
    # Triggers of the migrations
    mark("batch {number} is {status}, which cannot become {wanted}"),
    mark("its work is over; make another batch"),
    mark("it can become {states}"),
    mark("its rows stay as they are"),
    mark("batch {number} is {status}"),
    mark("open it again first"),
    mark("movements of stock are never changed or deleted"),
    mark("add a movement that reverses the wrong one"),
    mark("nobody would be left who may do everything"),
    mark("give an administrators' user role to somebody else first"),
    mark("only somebody with every right may change {table} by an import or a batch"),
    mark("{field} of {table} may be changed only with the permission {permission}"),
    mark("the id and the business date of a POS transaction never change"),
    mark("delete it and write it again with the other date"),
)
"""What comes first is tried first."""

_PIECES = re.compile(r"(: |\. |\.$)")
_PLACE = re.compile(r"\\\{(\w+)\\\}")


def told(error: PoserError) -> str:
    """Say in whole sentences why something was refused, and what to do about it."""
    return translated(f"{error}. {error.hint}".strip().rstrip(".") + ".")


def translated(text: str) -> str:
    """Translate those pieces of a text that are known."""
    return "".join(_piece(piece) for piece in _PIECES.split(text))


def _piece(piece: str) -> str:
    lowered = piece[:1].lower() + piece[1:]
    for sentence in SENTENCES:
        if found := _pattern(sentence).fullmatch(lowered):
            words = _(sentence)
            if words == sentence:
                return piece
            inside = {name: _(value) for name, value in found.groupdict().items()}
            said = words.format(**inside)
            return said if lowered == piece else said[:1].upper() + said[1:]
    return _(piece)


@cache
def _pattern(sentence: str) -> re.Pattern[str]:
    return re.compile(_PLACE.sub(r"(?P<\1>.+?)", re.escape(sentence)), re.DOTALL)
