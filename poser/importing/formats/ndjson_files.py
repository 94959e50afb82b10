# SPDX-License-Identifier: Apache-2.0
"""NDJSON files as sources: one JSON object in each line.

A value inside an object has a name with a point: `department.number`. What values there are is
learned from the first records; a field that has a default may be missing in all of them.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from decimal import Decimal
from itertools import chain, islice
from typing import Any, NoReturn, Self

from poser.errors import ImportFailed
from poser.importing.compiling import is_normalized
from poser.importing.fields import UNSET
from poser.importing.formats.files import STANDARD_INPUT, TextFile
from poser.importing.importer import Importer
from poser.importing.opening import Limits
from poser.importing.source import Bad, Item, Place, Reached, Rows, Source

_LEARN = 1000
_SHOWN = 80

Document = dict[str, Any]
_Document = tuple[Place, Document] | Bad


class NdjsonSource(Source):
    """One NDJSON file; every importer gets its records. `-` is standard input, read once."""

    def __init__(self, path: str, *, encoding: str = "", limits: Limits | None = None) -> None:
        self.name = "standard input" if path == STANDARD_INPUT else path
        self._path = path
        self._encoding = encoding
        self._limits = limits
        self._stack = ExitStack()
        self._file: TextFile | None = None
        self._first: list[_Document] | None = None
        self._rest: Iterator[_Document] = iter(())
        self._is_read = False

    def __enter__(self) -> Self:
        """Open it, so that a file that is not there is known at once."""
        self._open()
        return self

    def __exit__(self, *error: object) -> None:
        """Close it."""
        self._stack.close()

    def rows(self, importer: Importer) -> Rows:
        """Read the file from its begin."""
        if self._is_read or self._first is None:
            self._open()
        self._is_read = True
        return _rows(chain(self._first or (), self._rest), self._first or (), importer)

    def names_of(self, importer: Importer) -> tuple[str, ...]:
        """Give the names of the values that the first records have; no record is taken."""
        return _learned_names(self._first or (), importer)

    def reached(self) -> Reached:
        """Say how many bytes of it are read."""
        return self._file.reached() if self._file else Reached(unit="bytes")

    def notes(self) -> Sequence[str]:
        """Say what was found out about it."""
        if self._file is None or self._file.encoding.name == "utf-8":
            return ()
        return (f"{self.name}: encoding {self._file.encoding.name}",)

    def _open(self) -> None:
        if self._is_read and self._path == STANDARD_INPUT:
            raise ImportFailed(
                "standard input can be read only once, for one model",
                hint="write it into a file first, or name one model",
            )
        self._stack.close()
        with ExitStack() as stack:
            file = TextFile(self._path, encoding=self._encoding, limits=self._limits)
            self._file = stack.enter_context(file)
            self._rest = _documents(self._file)
            self._first = list(islice(self._rest, _LEARN))
            self._stack = stack.pop_all()
        self._is_read = False


def learned(documents: Iterable[_Document], importer: Importer) -> Rows:
    """Make rows of documents: the names of values are learned from the first of them."""
    documents = iter(documents)
    first = list(islice(documents, _LEARN))
    return _rows(chain(first, documents), first, importer)


def _rows(documents: Iterable[_Document], first: Sequence[_Document], importer: Importer) -> Rows:
    names = _learned_names(first, importer)
    return Rows(names=names, items=_items(documents, names, every=is_normalized(importer)))


def _learned_names(first: Iterable[_Document], importer: Importer) -> tuple[str, ...]:
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


def _items(documents: Iterable[_Document], names: Sequence[str], *, every: bool) -> Iterator[Item]:
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


def _documents(file: TextFile) -> Iterator[_Document]:
    is_begun = False
    for block in file.lines():
        if isinstance(block, Bad):
            yield block
            continue
        for place, text in enumerate(block.texts, start=block.first):
            if not text or text.isspace():
                continue
            if not is_begun and text.lstrip().startswith("["):
                raise ImportFailed(
                    f"{file.name}, line {place}: is one JSON list, not an object in each line",
                    hint="jq -c '.[]' FILE writes it so",
                )
            is_begun = True
            try:
                found = decoded(text)
            except ValueError as error:
                yield Bad(place, str(error), value=text[:_SHOWN])
                continue
            if isinstance(found, dict):
                yield place, found
            else:
                yield Bad(place, "is no JSON object, such as {...}", value=text[:_SHOWN])


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"has {name}, which is no number in JSON")


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_constant)
