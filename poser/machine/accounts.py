# SPDX-License-Identifier: Apache-2.0
"""Users and groups as /etc/passwd and /etc/group have them, read in one go."""

from __future__ import annotations

from poser.errors import PoserError
from poser.machine.value import Value


class Account(Value):
    """One line of /etc/passwd."""

    name: str
    uid: int
    gid: int
    home: str
    shell: str


class Accounts:
    """Names and numbers of the users and groups of the machine below `root`.

    Lines that do not fit are left out: one broken line must not hide the others.
    """

    def __init__(self, root: str = "") -> None:
        self._root = root
        self.read()

    def read(self) -> None:
        """Read the files again."""
        self.users: dict[str, Account] = {}
        self.groups: dict[str, tuple[int, tuple[str, ...]]] = {}
        for line in _lines(self._root + "/etc/passwd"):
            match line.split(":"):
                case [name, _, uid, gid, _, home, shell] if uid.isdecimal() and gid.isdecimal():
                    self.users[name] = Account(
                        name=name, uid=int(uid), gid=int(gid), home=home, shell=shell
                    )
        for line in _lines(self._root + "/etc/group"):
            match line.split(":"):
                case [name, _, gid, members] if gid.isdecimal():
                    self.groups[name] = (int(gid), tuple(filter(None, members.split(","))))
        self._user_names = {user.uid: name for name, user in reversed(self.users.items())}
        self._group_names = {row[0]: name for name, row in reversed(self.groups.items())}

    def uid(self, name: str) -> int:
        """Return the number of a user; PoserError when there is none."""
        if name not in self.users:
            raise PoserError(
                f"there is no user {name!r} on this machine",
                hint="is it made by a package or a User that comes later in the role?",
            )
        return self.users[name].uid

    def gid(self, name: str) -> int:
        """Return the number of a group; PoserError when there is none."""
        if name not in self.groups:
            raise PoserError(
                f"there is no group {name!r} on this machine",
                hint="is it made by a package or a Group that comes later in the role?",
            )
        return self.groups[name][0]

    def user_name(self, uid: int) -> str:
        """Return the name of a user, or the number in digits."""
        return self._user_names.get(uid, str(uid))

    def group_name(self, gid: int) -> str:
        """Return the name of a group, or the number in digits."""
        return self._group_names.get(gid, str(gid))

    def in_shadow(self) -> set[str]:
        """Return the users that /etc/shadow knows."""
        return {line.split(":", 1)[0] for line in _lines(self._root + "/etc/shadow")}


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().splitlines()
    except FileNotFoundError:
        return []
