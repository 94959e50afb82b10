# SPDX-License-Identifier: Apache-2.0
"""Users and groups of the system.

Table `user`, by name: None, or `uid`, `gid`, `group` (name of the first group, "" when that group
does not exist), `home`, `shell`, `groups` (further ones, sorted), `in_shadow`.
Table `group`, by name: None, or `gid`.
"""

from __future__ import annotations

from poser.machine.accounts import Accounts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from poser.machine.facts import Changes, Fact

TABLES = ("user", "group")


def look(asked: Mapping[str, Sequence[str]], root: str) -> Callable[[], Changes]:
    """Return a function that reads passwd, group and shadow."""

    def answer() -> Changes:
        accounts = Accounts(root)
        shadow = accounts.in_shadow()
        found: dict[tuple[str, str], Fact] = {}
        for name in asked.get("group", ()):
            row = accounts.groups.get(name)
            found["group", name] = {"gid": row[0]} if row else None
        for name in asked.get("user", ()):
            found["user", name] = _user(accounts, name, in_shadow=name in shadow)
        return found

    return answer


def _user(accounts: Accounts, name: str, *, in_shadow: bool) -> Fact:
    user = accounts.users.get(name)
    if user is None:
        return None
    group = accounts.group_name(user.gid)
    return {
        "uid": user.uid,
        "gid": user.gid,
        "group": group if group in accounts.groups else "",
        "home": user.home,
        "shell": user.shell,
        "groups": sorted(one for one, (_, members) in accounts.groups.items() if name in members),
        "in_shadow": in_shadow,
    }
