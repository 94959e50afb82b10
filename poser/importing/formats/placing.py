# SPDX-License-Identifier: Apache-2.0
"""Files that are there whole or not at all: written aside, moved into place at the end."""

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from poser.errors import ImportFailed

_USUAL = 0o666


class Placed:
    """Files that belong together. A context manager: an error inside leaves none of them.

    What lay in their places is there until the end, so whoever reads meanwhile reads that.
    """

    def __init__(self) -> None:
        self._open: list[tuple[BinaryIO, Path, Path]] = []

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: object, _where: TracebackType | None
    ) -> None:
        """Move all into place, or delete all after an error."""
        try:
            if kind is None:
                self._place()
        finally:
            for file, aside, _ in self._open:
                file.close()
                with suppress(FileNotFoundError):
                    aside.unlink()
            self._open = []

    def new(self, path: Path) -> BinaryIO:
        """Open a file that shall be at `path`. Raises ImportFailed where that cannot be."""
        try:
            number, name = tempfile.mkstemp(
                prefix=f".{path.name}.", suffix=".part", dir=path.parent
            )
        except OSError as error:
            raise ImportFailed(
                f"cannot write {path}: {error.strerror}",
                hint="check that the folder is there and may be written",
            ) from error
        file = os.fdopen(number, "wb")
        self._open.append((file, Path(name), path))
        os.fchmod(number, _mode(path))
        return file

    def _place(self) -> None:
        for file, _, path in self._open:
            try:
                file.flush()
                os.fsync(file.fileno())
                file.close()
            except OSError as error:
                raise ImportFailed(
                    f"cannot write {path}: {error.strerror}", hint="is the disk full?"
                ) from error
        for _, aside, path in self._open:
            aside.replace(path)
        for folder in {path.parent for _, _, path in self._open}:
            number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(number)
            finally:
                os.close(number)


def _mode(path: Path) -> int:
    """Give the rights of the file that is replaced, or those of any new file."""
    with suppress(OSError):
        return stat.S_IMODE(path.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return _USUAL & ~mask
