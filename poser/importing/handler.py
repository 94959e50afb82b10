# SPDX-License-Identifier: Apache-2.0
"""What an import handler is: one pair of systems and a direction, and its importers.

    class Northwind(ImportHandler):
        \"\"\"A food wholesaler: suppliers, products, customers and orders.\"\"\"

        key = "northwind"
        importers = (Vendors, Products)

        def source(self, asked: Asked) -> Source:
            return DatabaseSource(asked.where)

Every class that says `key = "..."` in a module of `poser/importing/sources/`, or of the folder
`importing/` of an extension, is found by reading the source: nothing keeps a second list.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from poser.importing.asked import Asked
from poser.importing.importer import Importer
from poser.importing.source import Source

if TYPE_CHECKING:
    from poser.importing.target import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A word that only this handler takes: `--zone`, with its help and what it is by default.

    A flag has no word behind it; it is "yes" when it is typed, and else empty.
    """

    name: str
    help: str
    default: str = ""
    is_flag: bool = False


class ImportHandler(ABC):
    """One pair of systems, from another one into Poser.

    `key` is what people type; the first line of the docstring is its title. `where` says what
    `--from` means here, such as "folder with the exports". `importers` are in the order in
    which rows are created: parents first. With `replaces` an extension's handler stands in for
    the one that has the key already.
    """

    key: ClassVar[str]
    importers: ClassVar[tuple[type[Importer], ...]] = ()
    where: ClassVar[str] = "file, folder or address to read"
    options: ClassVar[tuple[Option, ...]] = ()
    replaces: ClassVar[bool] = False

    def chosen(self, asked: Asked, source: Source) -> Sequence[Importer]:  # noqa: ARG002 - some ask the source
        """Return the importers of a run in their order, before `--fields` and the like.

        A handler whose importers depend on what the source has says this itself; the source
        is open.
        """
        return [one() for one in self.importers]

    @abstractmethod
    def source(self, asked: Asked) -> Source:
        """Return where records come from; it is opened by the run."""

    def target(self, asked: Asked) -> "Target | None":  # noqa: ARG002 - others need it
        """Return where changes go; None is this node's own databases."""
        return None
