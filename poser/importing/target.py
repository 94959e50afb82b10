# SPDX-License-Identifier: Apache-2.0
"""What a target is that is not one of this node's own databases: compared as two sorted streams."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Self

from poser.importing.importer import Importer

Values = tuple[object, ...]


class Target(ABC):
    """Where changes go. A context manager: an error inside undoes everything.

    Values come in the order of the importer's fields.
    """

    name: str

    def __enter__(self) -> Self:
        """Open it, and begin what belongs together."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_error: object) -> None:  # noqa: B027 - many have nothing to close
        """Keep what was written, or undo it after an error."""

    @abstractmethod
    def rows(self, importer: Importer) -> Iterator[Values]:
        """Give the rows that there are, ascending by the importer's key."""

    @abstractmethod
    def create(self, importer: Importer, rows: Sequence[Values]) -> None:
        """Write new rows."""

    @abstractmethod
    def update(
        self, importer: Importer, rows: Sequence[tuple[Values, Mapping[str, object]]]
    ) -> None:
        """Change rows: their keys, each with the fields that change."""

    @abstractmethod
    def delete(self, importer: Importer, keys: Sequence[Values]) -> None:
        """Delete rows by their keys."""
