# SPDX-License-Identifier: Apache-2.0
"""Documents in JSON as records: their values have names, those inside others names with points.

What values there are is learned from the first documents; a field that has a default may be
missing in all of them. Numbers are exact.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import chain, islice
from typing import Any, NoReturn

from poser.importing.compiling import is_normalized
from poser.importing.fields import UNSET
from poser.importing.importer import Importer
from poser.importing.source import Bad, Item, Place, Rows

_LEARN = 1000

Document = dict[str, Any]
AnyDocument = tuple[Place, Document] | Bad


def first_of(documents: Iterator[AnyDocument]) -> list[AnyDocument]:
    """Take the documents from which the names of values are learned."""
    return list(islice(documents, _LEARN))


def rows_of(first: Sequence[AnyDocument], rest: Iterable[AnyDocument], importer: Importer) -> Rows:
    """Make rows of documents, the first of which are taken already."""
    names = learned_names(first, importer)
    items = _items(chain(first, rest), names, every=is_normalized(importer))
    return Rows(names=names, items=items)


def learned_names(first: Iterable[AnyDocument], importer: Importer) -> tuple[str, ...]:
    """Name the values that documents have, and those that fields have a default for."""
    names: dict[str, None] = {}
    for one in first:
        if not isinstance(one, Bad):
            names.update(dict.fromkeys(_names(one[1])))
    optional = (field.said for field in importer.fields if field.default is not UNSET)
    names.update(dict.fromkeys(optional))
    return tuple(names)


def decoded(text: str) -> object:
    """Read JSON, numbers exactly. Raises ValueError with a reason."""
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"is no JSON: {error.msg} at {error.pos + 1}") from None
    except RecursionError:
        raise ValueError("is nested too deeply") from None


def at(document: Mapping[str, Any], name: str) -> object:
    """Give the value of a name, which may lead into objects by points."""
    if name in document:
        return document[name]
    found: object = document
    for part in name.split("."):
        if not isinstance(found, dict):
            return None
        found = found.get(part)
    return found


def _names(document: Mapping[str, Any], before: str = "") -> Iterator[str]:
    """Name all values of a document, those of inner objects, too."""
    for name, value in document.items():
        yield before + name
        if isinstance(value, dict):
            yield from _names(value, f"{before}{name}.")


def _items(
    documents: Iterable[AnyDocument], names: Sequence[str], *, every: bool
) -> Iterator[Item]:
    """Give the values of documents; with `every`, one that has others than `names` is bad."""
    inner = any("." in name for name in names)
    known = frozenset(names)
    for one in documents:
        if isinstance(one, Bad):
            yield one
            continue
        place, document = one
        if every and not known >= document.keys():
            new = ", ".join(sorted(document.keys() - known))
            yield Bad(place, f"has {new}, which none of the first {_LEARN} records has")
        elif inner:
            yield place, [at(document, name) for name in names]
        else:
            yield place, [document.get(name) for name in names]


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"has {name}, which is no number in JSON")


def _object(pairs: list[tuple[str, Any]]) -> Document:
    """Make an object; which of two values of one name is meant is not guessed."""
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"has {twice!r} more than once")
    return made


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=Decimal, parse_constant=_no_constant
)
