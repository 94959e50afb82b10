# SPDX-License-Identifier: Apache-2.0
"""Changes to the file system that are whole or not at all, at any kill and any power cut."""

from __future__ import annotations

import errno
import os
import stat

from poser.errors import PoserError
from poser.machine.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from poser.machine.accounts import Accounts

_MIB = 1 << 20


class Content(Value):
    """A whole file as it should be; `owner` and `group` are names."""

    path: str
    data: bytes
    mode: int = 0o644
    owner: str = "root"
    group: str = "root"


class Disk:
    """Writes below `root`. `step` is called with a name before each single change.

    A new file is written beside its place, brought to the disk, and renamed over the old one:
    what is at the path is always the old or the new file. `settle` brings the renames to the disk.
    """

    def __init__(
        self, *, root: str = "", step: Callable[[str], None] = lambda _: None, accounts: Accounts
    ) -> None:
        self.root = root
        self._step = step
        self._accounts = accounts
        self._touched: set[str] = set()

    def at(self, path: str) -> str:
        """Return where this path of the machine lies."""
        return self.root + path

    def write(self, file: Content) -> None:
        """Put the file in place. Raises PoserError for a full disk or a directory in the way."""
        where = self.at(file.path)
        self._refuse_directory(where)
        self.make_parents(file.path)
        new = self.stage(file)
        self._step("rename")
        os.rename(new, where)
        self._touch(where)

    def stage(self, file: Content) -> str:
        """Write the file beside its place, durably, and return where."""
        new = beside(self.at(file.path))
        self._drop(new)
        self._step("create")
        try:
            fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            try:
                self._fill(fd, file)
            finally:
                os.close(fd)
        except OSError as error:
            self._drop(new)
            raise explained(error, file.path, len(file.data)) from error
        return new

    def _fill(self, fd: int, file: Content) -> None:
        rest = memoryview(file.data)
        while rest:
            rest = rest[os.write(fd, rest) :]
        self._own(fd, file.owner, file.group)
        os.fchmod(fd, file.mode)
        os.fsync(fd)

    def link(self, path: str, target: str) -> None:
        """Make or switch a symbolic link."""
        where = self.at(path)
        self._refuse_directory(where)
        self.make_parents(path)
        new = beside(where)
        self._drop(new)
        self._step("symlink")
        os.symlink(target, new)
        self._step("rename")
        os.rename(new, where)
        self._touch(where)

    def directory(self, path: str, *, mode: int, owner: str, group: str) -> None:
        """Make a directory or set its mode and owner."""
        where = self.at(path)
        self.make_parents(path)
        self._step("mkdir")
        try:
            os.mkdir(where, 0o700)
        except FileExistsError:
            if not stat.S_ISDIR(os.lstat(where).st_mode):
                raise PoserError(
                    f"{path} should be a directory, but something else is there",
                    hint=f"look at it and move it away: ls -l {path}",
                ) from None
        self._step("chown")
        self._own(where, owner, group)
        self._step("chmod")
        os.chmod(where, mode)
        self._touch(where)

    def make_parents(self, path: str) -> None:
        """Make the folders above a path, for root and readable by all, where they are missing."""
        parent = os.path.dirname(path)
        if parent in ("", "/") or os.path.isdir(self.at(parent)):
            return
        self.make_parents(parent)
        self._step("mkdir")
        try:
            os.mkdir(self.at(parent), 0o755)
        except FileExistsError:
            raise PoserError(
                f"{path} cannot be made: {parent} is no directory",
                hint=f"look at it and move it away: ls -l {parent}",
            ) from None
        self._touch(self.at(parent))

    def remove(self, path: str) -> None:
        """Remove a file or link, or a directory that is empty; nothing there is fine."""
        where = self.at(path)
        self._step("remove")
        try:
            if stat.S_ISDIR(os.lstat(where).st_mode):
                os.rmdir(where)
            else:
                os.unlink(where)
        except FileNotFoundError:
            return
        except OSError as error:
            if error.errno == errno.ENOTEMPTY:
                raise PoserError(
                    f"{path} should not be there, but it is a directory with something in it",
                    hint=f"look at it and empty it: ls -la {path}",
                ) from error
            raise
        self._touch(where)

    def settle(self) -> None:
        """Bring all renames and removals to the disk."""
        for folder in sorted(self._touched):
            try:
                fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            except OSError:  # it went again meanwhile, so there is nothing to keep
                continue
            os.fsync(fd)
            os.close(fd)
        self._touched.clear()

    def _own(self, target: int | str, owner: str, group: str) -> None:
        uid, gid = self._accounts.uid(owner), self._accounts.gid(group)
        try:
            os.chown(target, uid, gid)
        except PermissionError:
            # Without root rights (tests) one may still "give" a file to oneself.
            found = os.stat(target)
            if (found.st_uid, found.st_gid) != (uid, gid):
                raise

    def _refuse_directory(self, where: str) -> None:
        if os.path.isdir(where) and not os.path.islink(where):
            path = where.removeprefix(self.root)
            raise PoserError(
                f"{path} is a directory; a file or link should be there",
                hint=f"look at it and move it away: ls -la {path}",
            )

    def _drop(self, where: str) -> None:
        try:
            os.unlink(where)
        except FileNotFoundError:
            return

    def _touch(self, where: str) -> None:
        self._touched.add(os.path.dirname(where))


def beside(where: str) -> str:
    """Return the name under which a new file grows: hidden, and read by no program."""
    folder, _, name = where.rpartition("/")
    return f"{folder}/.{name}.poser-kit"


def explained(error: OSError, path: str, size: int) -> PoserError:
    """Say a failed write in words: which file system, what was needed, what is free."""
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        return PoserError(f"{path} cannot be written: {error.strerror}")
    mount, free = file_system(path)
    return PoserError(
        f"the file system {mount} is full: {path} needs {size} bytes, {free} are free",
        hint=f"make room on it and run again: df -h {mount}; du -xh {mount} | sort -h | tail",
    )


def file_system(path: str) -> tuple[str, int]:
    """Return the mount point that holds a path, and how many bytes are free there."""
    while not os.path.exists(path):
        path = os.path.dirname(path) or "/"
    found = os.statvfs(path)
    path = os.path.realpath(path)
    while not os.path.ismount(path):
        path = os.path.dirname(path)
    return path, found.f_bavail * found.f_frsize


def in_mib(size: int) -> str:
    """Return a number of bytes for people, in MiB."""
    return f"{size / _MIB:.1f} MiB"
