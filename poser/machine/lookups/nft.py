# SPDX-License-Identifier: Apache-2.0
"""The firewall as the kernel has it now.

Table `nftables`, by "": `tables`, for each table ("inet poser") a fingerprint of its rules without
counters and without the members of sets; {"unknown": why} when nft is not there or is refused.
"""

from __future__ import annotations

import re

from poser.machine.digest import digest
from poser.machine.process import Child, CommandFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from poser.machine.facts import Changes, Fact

TABLES = ("nftables",)
WAITS = True
_TABLE = re.compile(r"^table (\w+ \S+) \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)


def look(asked: Mapping[str, Sequence[str]], root: str) -> Callable[[], Changes]:
    """Start nft, return a function that reads its answer."""
    del asked, root  # there is one ruleset
    try:
        child = Child(("nft", "--stateless", "--terse", "list", "ruleset"))
    except CommandFailed as error:
        absent: Fact = {"unknown": error.message}
        return lambda: {("nftables", ""): absent}

    def answer() -> Changes:
        result = child.end()
        if result.rc:
            return {("nftables", ""): {"unknown": result.last_words}}
        tables = {match[1]: digest(match[2].encode()) for match in _TABLE.finditer(result.out)}
        return {("nftables", ""): {"tables": tables}}

    return answer
