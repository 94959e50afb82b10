# SPDX-License-Identifier: Apache-2.0
"""What an importer is: one model, its key, its fields, and how to get each of them.

    class Vendors(Importer):
        \"\"\"Suppliers of the wholesaler.\"\"\"

        model = Vendor
        source = "suppliers"
        key = ("number",)
        fields = (
            Field("number", "supplier_id"),
            Field("name", "company_name"),
            Field("category_id", "category", find=Find(Category, "number")),
        )

The same declaration serves import, comparison, batch and sync.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from poser.importing.fields import Field

if TYPE_CHECKING:
    from sqlalchemy.orm import DeclarativeBase

Record = dict[str, object]
"""One record of a source: its own names and values."""


class Importer:
    """One model's rows. A subclass says the rest; an instance is what one run does of it.

    `source` is what the source calls these rows: a table, a sheet, a file, a path, an element;
    without it, the name of the model's table. `key` names the fields by which a record is the
    same as a row; they are unique there, or the run refuses. `creates`, `updates` and `deletes`
    say what a run does unless it is told otherwise. `scope` is a condition in SQL over the
    model's table for the rows that this importer is about: others are neither compared nor
    deleted.
    """

    model: "ClassVar[type[DeclarativeBase]]"
    source: ClassVar[str] = ""
    key: tuple[str, ...]
    fields: tuple[Field, ...]
    creates: ClassVar[bool] = True
    updates: ClassVar[bool] = True
    deletes: ClassVar[bool] = False
    scope: ClassVar[str] = ""

    def __init__(
        self, *, key: tuple[str, ...] | None = None, fields: tuple[Field, ...] | None = None
    ) -> None:
        self.key = self.key if key is None else key
        self.fields = self.fields if fields is None else fields

    def normalize(self, record: Record) -> Record | None:
        """Change a record of the source as a program can, before its fields are read.

        Returns the record, or None to leave it out. Raises ValueError with a reason to refuse
        it. Importers that do not say this pay nothing for it.
        """
        return record

    @property
    def name(self) -> str:
        """What people call it: the name of the model, such as Product."""
        return self.model.__name__

    @property
    def table(self) -> str:
        """The name of the model's table."""
        return str(self.model.__tablename__)

    @property
    def said(self) -> str:
        """What the source calls these rows."""
        return self.source or self.table


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """An importer that is made of what is known only at run time, such as a file's columns."""

    model: "type[DeclarativeBase]"
    key: tuple[str, ...]
    fields: tuple[Field, ...]
    source: str = ""

    def importer(self) -> Importer:
        """Return it as any other importer."""
        said: dict[str, object] = {
            "__doc__": f"Rows of {self.model.__name__} as they come.",
            "model": self.model,
            "source": self.source,
            "key": self.key,
            "fields": self.fields,
        }
        made: type[Importer] = type(f"{self.model.__name__}Rows", (Importer,), said)
        return made()
