# SPDX-License-Identifier: Apache-2.0
"""Files that only their owner may read, written whole or not at all."""

import os
import secrets
import stat
from pathlib import Path

from control.paths import shown
from poser.errors import ConfigError

FOLDER_MODE, FILE_MODE = 0o700, 0o600
_OTHERS = 0o077


def folder(path: Path) -> Path:
    """Make the private folder `path` if it is missing, and return it.

    Raises ConfigError when people other than its owner may look into it.
    """
    try:
        path.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        _refuse_others(path, path.stat(), FOLDER_MODE)
    except (PermissionError, NotADirectoryError, FileExistsError) as error:
        raise _unusable(path, error) from None
    return path


def read(path: Path) -> str | None:
    """Return the text of a private file; None when there is none.

    Raises ConfigError when people other than its owner may read or change it.
    """
    try:
        with path.open(encoding="utf-8") as file:
            _refuse_others(path, os.fstat(file.fileno()), FILE_MODE)
            return file.read()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise _unusable(path, error) from None


def replace(path: Path, text: str) -> None:
    """Write a private file, in place of the old one; a reader sees the old or the new whole."""
    temporary = _write_beside(path, text)
    temporary.replace(path)


def write_once(path: Path, text: str) -> str:
    """Write a private file unless there is one, and return what the file says after that.

    Two runs at the same time get the same text: the first one's.
    """
    temporary = _write_beside(path, text)
    try:
        os.link(temporary, path)
    except FileExistsError:
        kept = read(path)
        return text if kept is None else kept
    finally:
        temporary.unlink()
    return text


def _write_beside(path: Path, text: str) -> Path:
    folder(path.parent)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
        with open(handle, "w", encoding="utf-8") as file:  # noqa: PTH123
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise _unusable(path, error) from None
    return temporary


def _refuse_others(path: Path, status: os.stat_result, mode: int) -> None:
    if stat.S_IMODE(status.st_mode) & _OTHERS:
        raise ConfigError(
            f"{shown(path)} can be read or changed by others"
            f" (mode {stat.S_IMODE(status.st_mode):o})",
            hint=f"if nobody has read it: chmod {mode:o} {shown(path)};"
            " otherwise delete it, and a new one is made",
        )


def _unusable(path: Path, error: OSError | UnicodeDecodeError) -> ConfigError:
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return ConfigError(
        f"{shown(path)} cannot be used: {reason}",
        hint="secrets are private files of the user who runs fab, beside the inventory",
    )
