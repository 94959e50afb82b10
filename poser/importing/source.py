# SPDX-License-Identifier: Apache-2.0
"""What a source of records is: it opens, gives rows for each importer, and says how far it is."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple, Self

from poser.importing.importer import Importer

Place = int | str
"""Where a record is in its source: a line, or words such as `sheet Products, row 7`."""

CHUNK = 5_000


class Bad(NamedTuple):
    """Something in a source that is no record, with the reason; it is kept aside."""

    place: Place
    reason: str
    field: str = ""
    value: str = ""


Item = tuple[Place, Sequence[object]] | Bad
"""One record: its place, and its values in the order of `Rows.names`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What a source has for one importer, read once from begin to end.

    `total` is how many there are, where that is known before they are read.
    """

    names: tuple[str, ...]
    items: Iterable[Item]
    total: int | None = None


class Chunk(NamedTuple):
    """Some rows for one importer; chunks of several may come in turn."""

    importer: Importer
    names: tuple[str, ...]
    items: Sequence[Item]


@dataclass(slots=True)
class Reached:
    """How far a source is read: of `total` (None: not known), in `unit` (bytes, rows)."""

    done: int = 0
    total: int | None = None
    unit: str = "rows"


class Source(ABC):
    """Where records come from. A context manager: what it opens is closed at the end.

    `name` is for messages and for the record of runs: a path or an address, never a secret.
    Opening and reading raise ImportFailed for what cannot be read, naming what and where.
    """

    name: str

    def __enter__(self) -> Self:
        """Open it."""
        return self

    def __exit__(self, *_error: object) -> None:  # noqa: B027 - many have nothing to close
        """Close it."""

    @abstractmethod
    def rows(self, importer: Importer) -> Rows | None:
        """Give the rows for one importer; None if the source has nothing of the kind at all."""

    def chunks(self, importers: Sequence[Importer]) -> Iterator[Chunk]:
        """Give all rows for some importers, in chunks; parents come before children.

        A source that reads one stream for all of them says this itself. An importer that the
        source knows nothing of gets no chunk; one that it knows and has no rows of gets an
        empty one.
        """
        for importer in importers:
            rows = self.rows(importer)
            if rows is None:
                continue
            items = iter(rows.items)
            yield Chunk(importer, rows.names, ())
            while some := tuple(islice(items, CHUNK)):
                yield Chunk(importer, rows.names, some)

    def reached(self) -> Reached:
        """Say how far it is read, for people who wait."""
        return Reached()

    def notes(self) -> Sequence[str]:
        """Say what was found out about it, such as a file's encoding, for people."""
        return ()
