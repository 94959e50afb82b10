# SPDX-License-Identifier: Apache-2.0
"""Names of tables and columns, ranges and sentences in the words of people."""

import re
from collections.abc import Mapping

_PLACE = re.compile(r"\{(\w+)(?:\.(from|to))?\}")
_RANGE = re.compile(r"^([\[(])\"?(.*?)\"?,\"?(.*?)\"?([\])])$")
_OTHER = "other"
_ENDINGS = (
    ("ies", "y"),
    ("sses", "ss"),
    ("xes", "x"),
    ("ches", "ch"),
    ("people", "person"),
    ("s", ""),
)
_KEPT = ("ss", "figures", "help")


def plain(name: str) -> str:
    """Write the name of a table or column as words: `unit_cost` is "unit cost"."""
    return name.removesuffix("_id").replace("_", " ")


def one(table: str) -> str:
    """Name one row of a table: `product_prices` is a "product price"."""
    words = plain(table)
    if words.endswith(_KEPT):
        return words
    for ending, instead in _ENDINGS:
        if words.endswith(ending):
            return words.removesuffix(ending) + instead
    return words


def filled(
    sentence: str, values: Mapping[str, str], others: Mapping[str, str], fields: tuple[str, ...]
) -> str:
    """Put values where a sentence names their columns.

    A sentence that names no value gets those of `fields` behind it.
    """

    def value(place: re.Match[str]) -> str:
        name, end = place[1], place[2]
        if not end:
            return values.get(name) or "nothing"
        if name == _OTHER:
            ranges = [each for each in others.values() if _RANGE.match(each)]
            return _end(ranges[-1], end) if ranges else "some time"
        return _end(values.get(name, ""), end)

    if _PLACE.search(sentence):
        return _PLACE.sub(value, sentence)
    told = [f"{plain(name)}: {values[name]}" for name in fields if values.get(name)]
    return f"{sentence} ({', '.join(told)})" if told else sentence


def _end(range_: str, end: str) -> str:
    """Tell where a range begins or ends, in words."""
    found = _RANGE.match(range_)
    if not found:
        return range_ or "some time"
    if end == "from":
        return _moment(found[2]) or "the beginning"
    return _moment(found[3]) or "further notice"


def _moment(text: str) -> str:
    if text in {"", "infinity", "-infinity"}:
        return ""
    at, utc, _rest = text.partition("+00")
    return f"{at.removesuffix(':00')} UTC" if utc else at
