# SPDX-License-Identifier: Apache-2.0
"""A folder of files as a source: each importer has the file, or files, called as its rows are.

`products.csv` and `products-2026-11-22.csv` both belong to what is called products; they are
read in the order of their names. The ending says the format; `.gz` may follow it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from difflib import get_close_matches
from pathlib import Path
from typing import Self

from poser.errors import ImportFailed
from poser.importing.formats.csv_files import CsvSource
from poser.importing.formats.csv_reading import CsvOptions
from poser.importing.formats.ndjson_files import NdjsonSource
from poser.importing.formats.xlsx_files import XlsxSource
from poser.importing.importer import Importer
from poser.importing.source import Bad, Item, Reached, Rows, Source

Opens = Callable[[str], Source]

OPENS: Mapping[str, Opens] = {
    ".csv": CsvSource,
    ".tsv": lambda path: CsvSource(path, CsvOptions(delimiter="tab")),
    ".ndjson": NdjsonSource,
    ".jsonl": NdjsonSource,
    ".xlsx": XlsxSource,
}
"""What opens a file, by the ending of its name."""

_PACKED = ".gz"


class FolderSource(Source):
    """A folder. `opens` says which files are read, by their endings, and how."""

    def __init__(self, folder: str, opens: Mapping[str, Opens] = OPENS) -> None:
        self.name = folder
        self._opens = opens
        self._stack = ExitStack()
        self._files: dict[str, list[Path]] = {}
        self._read: list[Source] = []

    def __enter__(self) -> Self:
        """List the files. Raises ImportFailed for a folder that cannot be read."""
        try:
            paths = sorted(path for path in Path(self.name).iterdir() if path.is_file())
        except OSError as error:
            raise ImportFailed(
                f"cannot read the folder {self.name}: {error.strerror}",
                hint="check the path and its permissions",
            ) from error
        self._files = {}
        for path in paths:
            if _ending(path) in self._opens and not path.name.startswith("."):
                self._files.setdefault(_stem(path), []).append(path)
        return self

    def __exit__(self, *_error: object) -> None:
        """Close what is open."""
        self._stack.close()

    def rows(self, importer: Importer) -> Rows | None:
        """Read the files of an importer one after the other; None if there are none."""
        paths = self.paths(importer)
        if not paths:
            return None
        first = self._opened(paths[0])
        rows = first.rows(importer)
        if rows is None:
            return None
        return Rows(names=rows.names, items=self._items(importer, paths, rows))

    def names_of(self, importer: Importer) -> tuple[str, ...] | None:
        """Give the names of the columns of an importer's files; None if there are none."""
        rows = self.rows(importer)
        return None if rows is None else rows.names

    def paths(self, importer: Importer) -> list[Path]:
        """Name the files of an importer."""
        said = importer.said.lower()
        found = self._files.get(said, [])
        dated = (name for name in sorted(self._files) if name.startswith(f"{said}-"))
        return [*found, *(path for name in dated for path in self._files[name])]

    def near(self, said: str) -> str:
        """Say which files there are, for an importer that has none."""
        near = get_close_matches(said, self._files, n=1)
        if near:
            return f"is {self._files[near[0]][0].name} meant?"
        return f"the folder has {', '.join(sorted(self._files)) or 'no such files'}"

    def reached(self) -> Reached:
        """Say how far the files are read that are begun."""
        each = [source.reached() for source in self._read]
        units = {one.unit for one in each}
        return Reached(done=sum(one.done for one in each), unit=units.pop() if units else "rows")

    def notes(self) -> Sequence[str]:
        """Say what was found out about each file."""
        return [note for source in self._read for note in source.notes()]

    def _opened(self, path: Path) -> Source:
        self._stack.close()  # one file at a time
        source = self._stack.enter_context(self._opens[_ending(path)](str(path)))
        self._read.append(source)
        return source

    def _items(self, importer: Importer, paths: Sequence[Path], first: Rows) -> Iterator[Item]:
        several = len(paths) > 1
        for path in paths:
            rows = first if path == paths[0] else self._opened(path).rows(importer)
            if rows is None:
                continue
            if set(rows.names) != set(first.names):
                raise ImportFailed(
                    f"{path}: has other columns than {paths[0].name}:"
                    f" {', '.join(sorted(set(rows.names) ^ set(first.names)))}",
                    hint="files of one kind of rows have the same columns",
                )
            order = [rows.names.index(name) for name in first.names]
            same = order == list(range(len(order)))
            for item in rows.items:
                place = f"{path.name}, {_where(item[0])}" if several else item[0]
                if isinstance(item, Bad):
                    yield item._replace(place=place)
                else:
                    values = item[1] if same else [item[1][index] for index in order]
                    yield place, values


def _where(place: int | str) -> str:
    return f"line {place}" if isinstance(place, int) else place


def _ending(path: Path) -> str:
    plain = path.with_suffix("") if path.suffix.lower() == _PACKED else path
    return plain.suffix.lower()


def _stem(path: Path) -> str:
    """Give the name without its endings, in small letters."""
    return path.name.lower().removesuffix(_PACKED).removesuffix(_ending(path))
