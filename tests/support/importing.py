# SPDX-License-Identifier: Apache-2.0
"""Import handlers for tests: their sources are lists that a test writes down."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from poser.importing.asked import Asked
from poser.importing.handler import ImportHandler
from poser.importing.importer import Importer
from poser.importing.source import Bad, Item, Rows, Source

Record = Mapping[str, object]


@dataclass(kw_only=True)
class Lists(Source):
    """A source of records by what they are called; `breaks` says after which it dies."""

    records: Mapping[str, Sequence[Record | Bad]]
    name: str = "lists of a test"
    breaks: BaseException | None = None
    opened: int = 0

    def __enter__(self) -> Self:
        self.opened += 1
        return self

    def rows(self, importer: Importer) -> Rows | None:
        """Give the records for one importer, each with its line."""
        if importer.said not in self.records:
            return None
        records = self.records[importer.said]
        names = tuple(dict.fromkeys(n for one in records if not isinstance(one, Bad) for n in one))
        return Rows(names=names, items=self._items(records, names))

    def _items(self, records: Sequence[Record | Bad], names: Sequence[str]) -> Iterator[Item]:
        for line, one in enumerate(records, 2):
            yield one if isinstance(one, Bad) else (line, [one.get(name, "") for name in names])
        if self.breaks is not None:
            raise self.breaks


class Handler(ImportHandler):
    """A handler whose importers and source a test gives."""

    key = "test"

    def __init__(self, source: Source, *importers: type[Importer]) -> None:
        self._source = source
        self._importers = importers

    def source(self, asked: Asked) -> Source:  # noqa: ARG002 - the same whatever is asked
        return self._source

    def chosen(self, asked: Asked, source: Source) -> Sequence[Importer]:  # noqa: ARG002
        return [one() for one in self._importers]


def handler(
    records: Mapping[str, Sequence[Record | Bad]],
    *importers: type[Importer],
    breaks: BaseException | None = None,
) -> Handler:
    """Make a handler that reads these records."""
    return Handler(Lists(records=records, breaks=breaks), *importers)
