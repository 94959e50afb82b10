# SPDX-License-Identifier: Apache-2.0
"""What writes rows into a file of some format; `poser.importing.exporting` feeds it."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Self


class Wants(StrEnum):
    """How a writer wants its values from the database."""

    TEXTS = "texts"  # each as PostgreSQL writes it
    CELLS = "cells"  # numbers, days and yes or no as they are, the rest as texts
    JSON = "json"  # each as JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What the rows of one model are called, their columns, and which of these are texts."""

    title: str
    names: tuple[str, ...]
    texts: tuple[bool, ...]


class Writer(ABC):
    """Writes the rows of models, one model after the other. A context manager.

    An error inside leaves nothing behind.
    """

    wants: ClassVar[Wants]

    def __enter__(self) -> Self:
        """Begin."""
        return self

    @abstractmethod
    def __exit__(self, kind: type[BaseException] | None, *_error: object) -> None:
        """Put everything into its place, or leave nothing after an error."""

    @abstractmethod
    def begin(self, heading: Heading) -> None:
        """Begin the rows of a model."""

    @abstractmethod
    def write(self, rows: Sequence[Sequence[object]]) -> None:
        """Write rows of the model that was begun."""
