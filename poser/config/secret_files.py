# SPDX-License-Identifier: Apache-2.0
"""Reading a secret from a file of its own, which not everyone may read."""

import os
import stat
from pathlib import Path

from poser.errors import ConfigError

PREFIX = "file:"
"""A secret setting may say `file:PATH` instead of the secret itself."""

_LARGEST = 1 << 16
_OTHERS = stat.S_IROTH | stat.S_IWOTH


def read_secret(path: Path, what: str) -> str:
    """Read the secret called `what` for people; line breaks and blanks around it are dropped.

    Raises ConfigError for a file that is missing, unreadable, empty, too large or no
    file, and for one that everyone on the machine can read or write.
    """
    try:
        # Not to be kept waiting by a pipe that nobody writes to.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise ConfigError(
            f"{what} cannot be read: {error.strerror}: {path}",
            hint=f"make the file, readable by the service alone: chmod 600 {path}",
        ) from error
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise ConfigError(f"{what} cannot be read: {path} is no file", hint="name a file")
        if mode & _OTHERS:
            raise ConfigError(
                f"{what} is no secret: everyone on this machine can read or write {path}",
                hint=f"chmod o-rw {path}, and make a new secret if anyone may have seen it",
            )
        data = os.read(descriptor, _LARGEST + 1)
    finally:
        os.close(descriptor)
    if len(data) > _LARGEST:
        raise ConfigError(f"{what} is longer than {_LARGEST} bytes: {path}", hint="name another")
    try:
        text = data.decode().strip()
    except UnicodeDecodeError:
        raise ConfigError(f"{what} is not UTF-8: {path}", hint="write it as text") from None
    if not text:
        raise ConfigError(f"{what} is empty: {path}", hint="write the secret into the file")
    return text
