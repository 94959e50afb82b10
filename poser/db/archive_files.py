# SPDX-License-Identifier: Apache-2.0
"""Archived partitions as files that can be attached again, here or on another node.

A period is a folder: one file for each table (COPY's text format, packed with gzip) and
`manifest.json` with the tables, their columns, their rows and the SHA-256 of each file. The
manifest is written last, so a folder with one is whole.
"""

import gzip
import hashlib
import json
import os
import re
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from poser.db.leaves import ARCHIVE, Leaf, columns_of
from poser.errors import PoserError

_MANIFEST = "manifest.json"
_PIECE = 1 << 20
_COLUMNS = re.compile(r"[a-z_][a-z0-9_]*(, [a-z_][a-z0-9_]*)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """One table of a period in a file."""

    table: str
    file: str
    columns: str
    rows: int
    sha256: str


def write(connection: Connection, leaves: Sequence[Leaf], folder: Path) -> int:
    """Write the archived tables of a period below `folder`; returns how many rows.

    They are on the disk when this returns. What an earlier attempt left is written anew.
    """
    place = folder / leaves[0].name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        place.mkdir(mode=0o750, exist_ok=True)  # what people bought is nobody's business
        (place / _MANIFEST).unlink(missing_ok=True)
        files = [_write_table(connection, leaf, place) for leaf in leaves]
        _write_whole(place / _MANIFEST, _manifest(leaves[0], files))
        for each in (place, folder):
            _sync(each)
    except OSError as error:
        raise PoserError(
            f"cannot write the archive {place}: {error.strerror}",
            hint="nothing was deleted; --to needs a folder that the databases' owner may write to",
        ) from error
    return sum(each.rows for each in files)


def read(connection: Connection, leaves: Sequence[Leaf], folder: Path) -> int:
    """Fill empty tables of a period from its files; returns how many rows.

    Raises PoserError, before anything is read into a table, for files that are missing or
    are not what the manifest says.
    """
    place = folder / leaves[0].name
    files = {each.table: each for each in _read_manifest(place)}
    for leaf in leaves:
        if leaf.table not in files:
            raise PoserError(f"{place / _MANIFEST}: there is nothing of table {leaf.table}")
        _check(place, files[leaf.table])
    rows = 0
    for leaf in leaves:
        each = files[leaf.table]
        today = columns_of(connection, leaf.name).split(", ")
        gone = [name for name in each.columns.split(", ") if name not in today]
        _alter(connection, leaf, [f"ADD COLUMN {name} text" for name in gone])
        with gzip.open(place / each.file) as packed, closing(_cursor(connection)) as cursor:
            cursor.copy_expert(f"COPY {leaf.name} ({each.columns}) FROM STDIN", packed)
            if cursor.rowcount != each.rows:
                raise PoserError(f"{place / each.file}: {cursor.rowcount} rows, not {each.rows}")
            rows += cursor.rowcount
        _alter(connection, leaf, [f"DROP COLUMN {name}" for name in gone])
    return rows


def _alter(connection: Connection, leaf: Leaf, steps: Sequence[str]) -> None:
    """Make room for columns that the table had once, or take it away."""
    if steps:
        connection.execute(text(f"ALTER TABLE {leaf.name} {', '.join(steps)}"))


def _write_table(connection: Connection, leaf: Leaf, place: Path) -> _File:
    columns = columns_of(connection, f"{ARCHIVE}.{leaf.name}")
    path = place / f"{leaf.table}.copy.gz"
    with path.open("wb") as file:
        # No name and no time inside: the same rows give the same file.
        with (
            gzip.GzipFile("", "wb", 6, file, mtime=0) as packed,
            closing(_cursor(connection)) as cursor,
        ):
            cursor.copy_expert(f"COPY {ARCHIVE}.{leaf.name} ({columns}) TO STDOUT", packed)
            rows = cursor.rowcount
        file.flush()
        os.fsync(file.fileno())
    return _File(table=leaf.table, file=path.name, columns=columns, rows=rows, sha256=_sha256(path))


def _manifest(main: Leaf, files: Sequence[_File]) -> str:
    starts, ends = main.bounds or (None, None)
    tables = [{name: getattr(each, name) for name in _File.__slots__} for each in files]
    value = {"table": main.table, "starts": f"{starts}", "ends": f"{ends}", "tables": tables}
    return json.dumps(value, indent=2) + "\n"


def _read_manifest(place: Path) -> list[_File]:
    path = place / _MANIFEST
    try:
        said: dict[str, Any] = json.loads(path.read_text())
        return [_File(**each) for each in said["tables"]]
    except FileNotFoundError:
        raise PoserError(
            f"there is no {path}", hint="--from names the folder that --to named"
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise PoserError(f"{path} is not what poser db archive writes: {error}") from error


def _check(place: Path, each: _File) -> None:
    path = place / each.file
    if path.parent != place or not path.is_file():
        raise PoserError(f"there is no {path}", hint="bring all files of the folder")
    if not _COLUMNS.fullmatch(each.columns):
        raise PoserError(f"{place / _MANIFEST}: these are no columns: {each.columns!r}")
    if _sha256(path) != each.sha256:
        raise PoserError(
            f"{path} was changed since it was written",
            hint="nothing was attached; take the file from a backup",
        )


def _write_whole(path: Path, content: str) -> None:
    new = path.with_suffix(".new")
    with new.open("w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def _sync(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _sha256(path: Path) -> str:
    hashed = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            hashed.update(piece)
    return hashed.hexdigest()


def _cursor(connection: Connection) -> Any:  # noqa: ANN401 - psycopg2's, behind SQLAlchemy's
    connection.execute(text("SET LOCAL timezone = 'UTC'"))
    return connection.connection.cursor()
