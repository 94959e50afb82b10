# SPDX-License-Identifier: Apache-2.0
"""Contains-search: every word typed must occur somewhere in the searched text.

The searched column is lower case and has a trigram index, so `LIKE '%word%'` is quick
for words of three letters and more.
"""

from sqlalchemy import ColumnElement

from web.grid.filters import BadQuery
from web.grid.subject import Expression
from web.language import _

LONGEST_SEARCH = 200
MOST_WORDS = 10


def contains_words(column: Expression, text: str) -> list[ColumnElement[bool]]:
    """Make one condition of each word in `text`; raises BadQuery when it is too much."""
    if len(text) > LONGEST_SEARCH:
        raise BadQuery(
            _("The search text is too long"),
            hint=_("Use at most {count} characters.").format(count=LONGEST_SEARCH),
        )
    words = text.lower().replace("\0", " ").split()
    if len(words) > MOST_WORDS:
        raise BadQuery(
            _("{count} words are too many to search for at once").format(count=len(words)),
            hint=_("Use at most {count} words.").format(count=MOST_WORDS),
        )
    return [column.contains(word, autoescape=True, escape="\\") for word in dict.fromkeys(words)]
