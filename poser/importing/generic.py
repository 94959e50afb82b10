# SPDX-License-Identifier: Apache-2.0
"""Handlers that need no mapping: columns of a source are called as the fields of a model are."""

from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Protocol, runtime_checkable

from poser.errors import ImportFailed
from poser.importing.asked import Asked
from poser.importing.by_columns import (
    Columns,
    Shapes,
    all_fields,
    importer_of,
    models_named,
    shapes,
)
from poser.importing.exporting import ExportHandler
from poser.importing.formats.csv_reading import CsvOptions
from poser.importing.formats.files import STANDARD_INPUT
from poser.importing.formats.folders import FolderSource, Opens
from poser.importing.formats.writers import Writer
from poser.importing.handler import ImportHandler, Option
from poser.importing.importer import Importer, Made
from poser.importing.kinds import as_flag
from poser.importing.source import Source

IGNORE = Option(name="ignore", help="Columns that nobody reads, with commas between.")
NUMBERS = Option(name="numbers", help="How numbers are written, if not 1234.56: 1.234,56 for one.")
DAYS = Option(
    name="days", help="How days are written, if not 2026-11-22: DD.MM.YYYY, or several with commas."
)
ZONE = Option(name="zone", help="The zone of times that name none, such as America/Chicago.")
ENCODING = Option(name="encoding", help="The file's encoding, such as cp1252; else it is found.")
SHAPES = (IGNORE, NUMBERS, DAYS, ZONE)
CSV_OPTIONS = (
    ENCODING,
    Option(name="delimiter", help="What stands between values; else it is found: ; or tab."),
    Option(name="columns", help="Names for the columns of a file that has no such line."),
    Option(name="trim", help="Take blanks off around values.", is_flag=True),
    Option(name="raw", help="Keep apostrophes before signs of formulas.", is_flag=True),
)


@runtime_checkable
class Named(Protocol):
    """A source that can say the names of values before any is read."""

    name: str

    def names_of(self, importer: Importer) -> Sequence[str] | None:
        """Give the names that the rows of an importer have; None if there are no such rows."""


class ByColumns(ImportHandler):
    """A handler whose importers are made of the columns that its source has.

    `one_model` says whether the source has one kind of rows, so that a model must be named.
    """

    options: ClassVar[tuple[Option, ...]] = SHAPES

    @abstractmethod
    def source(self, asked: Asked) -> Source:
        """Return where records come from."""

    def chosen(self, asked: Asked, source: Source) -> Sequence[Importer]:
        """Make an importer for each model that is asked for and that the source has."""
        assert isinstance(source, Named)  # noqa: S101 - of handlers in this package
        if asked.since or asked.until:
            raise ImportFailed(
                f"{self.key} does not know which of its records are of which day",
                hint="leave --since, --until and --year out",
            )
        said = self._shapes(asked)
        made = [self._importer(model, asked, source, said) for model in self._models(asked)]
        found = [one for one in made if one is not None]
        if not found:
            raise ImportFailed(
                f"{source.name}: has nothing that is called as a table of ours",
                hint="such as products or departments; see docs/schema.md",
            )
        return found

    def is_one_kind(self, asked: Asked) -> bool:
        """Say whether all rows of the source are of one model, which must be named."""
        return not _is_folder(asked.where)

    def _models(self, asked: Asked) -> Sequence[type]:
        if not asked.where:
            raise ImportFailed("nothing says where to read", hint=f"--from PLACE: {self.where}")
        if self.is_one_kind(asked) and len(asked.models) != 1:
            raise ImportFailed(
                f"{asked.where} has rows of one model: name it, and no other",
                hint=f"poser import {self.key} Product --from {asked.where}",
            )
        return models_named(asked.models)

    def _importer(self, model: type, asked: Asked, source: Named, said: Shapes) -> Importer | None:
        names = source.names_of(Made(model=model, key=(), fields=()).importer())
        if names is None and asked.models:
            raise ImportFailed(
                f"{source.name}: has nothing called {model.__tablename__}",  # type: ignore[attr-defined]
                hint=source.near(model.__tablename__) if isinstance(source, FolderSource) else "",  # type: ignore[attr-defined]
            )
        if names is None:
            return None
        return importer_of(
            Columns(
                model=model,
                where=source.name,
                names=names,
                key=asked.key,
                only=asked.fields,
                ignore=listed(asked.option("ignore")),
                shapes=said,
            )
        )

    def _shapes(self, asked: Asked) -> Shapes:
        return shapes(
            numbers=asked.option("numbers"), days=asked.option("days"), zone=asked.option("zone")
        )


class AllFields(ExportHandler):
    """A handler that writes all fields of the models that are asked for."""

    @abstractmethod
    def writer(self, asked: Asked) -> Writer:
        """Return what writes the rows."""

    def chosen(self, asked: Asked) -> Sequence[Importer]:
        """Make an importer for each model that is named."""
        if not asked.models:
            raise ImportFailed(
                "no model is named", hint=f"poser export {self.key} Product --to {asked.where}"
            )
        return [all_fields(model) for model in models_named(asked.models)]


def listed(text: str) -> tuple[str, ...]:
    """Take words with commas between."""
    return tuple(each.strip() for each in text.split(",") if each.strip())


def is_said(asked: Asked, name: str) -> bool:
    """Read an option that is yes or no. Raises ImportFailed for anything else."""
    try:
        return as_flag(asked.option(name) or "no")
    except ValueError as error:
        raise ImportFailed(
            f"--{name} {asked.option(name)}: {error}", hint="say yes or no"
        ) from error


def csv_options(asked: Asked) -> CsvOptions:
    """Take what was said about CSV files."""
    return CsvOptions(
        encoding=asked.option("encoding"),
        delimiter=asked.option("delimiter"),
        columns=listed(asked.option("columns")),
        raw=is_said(asked, "raw"),
        trim=is_said(asked, "trim"),
    )


def file_or_folder(asked: Asked, opens: Opens, *endings: str) -> Source:
    """Open a file, or the files with these endings in a folder."""
    if _is_folder(asked.where):
        return FolderSource(asked.where, dict.fromkeys(endings, opens))
    return opens(asked.where)


def _is_folder(where: str) -> bool:
    """Tell whether a place is a folder; what may not be looked at is told when it is read."""
    try:
        return where != STANDARD_INPUT and Path(where).is_dir()
    except PermissionError:
        return False
