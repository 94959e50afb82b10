# SPDX-License-Identifier: Apache-2.0
"""Files, directories and links: one lstat each, and the content of regular files.

Table `path`, by absolute path: None, or `type` (file, directory, link, other), `mode`, `owner`,
`group` (names); for a link `target`; for a file `content`, or `sha256` in its place when it is
longer than 1 MiB or is not UTF-8 text.
"""

from __future__ import annotations

import os
import stat

from poser.machine.accounts import Accounts
from poser.machine.digest import digest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from poser.machine.facts import Changes, Fact

TABLES = ("path",)
_LONG = 1 << 20


def look(asked: Mapping[str, Sequence[str]], root: str) -> Callable[[], Changes]:
    """Return a function that looks at every path."""

    def answer() -> Changes:
        accounts = Accounts(root)
        return {("path", path): _fact(root + path, accounts) for path in asked["path"]}

    return answer


def _fact(where: str, accounts: Accounts) -> Fact:
    try:
        seen = os.lstat(where)
    except (FileNotFoundError, NotADirectoryError):
        return None
    fact = {
        "mode": stat.S_IMODE(seen.st_mode),
        "owner": accounts.user_name(seen.st_uid),
        "group": accounts.group_name(seen.st_gid),
    }
    if stat.S_ISREG(seen.st_mode):
        return {"type": "file", **fact, **_content(where)}
    if stat.S_ISDIR(seen.st_mode):
        return {"type": "directory", **fact}
    if stat.S_ISLNK(seen.st_mode):
        return {"type": "link", **fact, "target": os.readlink(where)}
    return {"type": "other", **fact}


def _content(where: str) -> dict[str, str]:
    with open(where, "rb") as file:
        data = file.read()
    try:
        if len(data) <= _LONG:
            return {"content": data.decode()}
    except UnicodeDecodeError:
        pass
    return {"sha256": digest(data)}
