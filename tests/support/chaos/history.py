# SPDX-License-Identifier: Apache-2.0
"""What a history of acknowledged writes says must be there, and what of it is not."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ROWS = {"put": True, "renew": True, "delete": False}
"""What an operation leaves: a row, or none."""


@dataclass(frozen=True)
class Write:
    """One transaction of a writer: its number, what it did with which row, and how that ended."""

    n: int
    do: str
    key: int
    is_acknowledged: bool
    rows: int = 0

    @property
    def subject(self) -> str:
        return self.do.rpartition("_")[2]

    @property
    def verb(self) -> str:
        return self.do.rpartition("_")[0]


def read(text: str) -> list[Write]:
    """Read a history, in order; a line that a cut left half is one that was not acknowledged."""
    found: dict[int, Write] = {}
    for line in text.splitlines():
        try:
            said: dict[str, Any] = json.loads(line)
        except ValueError:
            continue
        if said["word"] == "refused":
            found.pop(said["n"])
            continue
        is_acknowledged = said["word"] == "ack"
        found[said["n"]] = Write(
            said["n"], said["do"], said["key"], is_acknowledged, said.get("rows", 0)
        )
    return [found[n] for n in sorted(found)]


def lost(writes: Sequence[Write], subject: str, rows: Mapping[int, str]) -> Iterator[str]:
    """Say which rows are not as the last acknowledged write, or one tried after it, left them.

    `rows` are the names in a database by key, such as `brand 7 1234`; a key without a row is out.
    """
    keys = {one.key for one in writes if one.subject == subject}
    for key in sorted(keys):
        mine = [one for one in writes if (one.subject, one.key) == (subject, key)]
        mine = [one for one in mine if one.verb in ROWS]
        acknowledged = [one.n for one in mine if one.is_acknowledged]
        last = max(acknowledged, default=0)
        allowed = {_left(one, subject) for one in mine if one.n >= last}
        if not acknowledged:
            allowed.add(None)
        if rows.get(key) not in allowed:
            yield f"{subject} {key} is {rows.get(key)!r}, and should be one of {allowed}"


def _left(one: Write, subject: str) -> str | None:
    return f"{subject} {one.key} {one.n}" if ROWS[one.verb] else None


def out_of_order(seen: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Say which rows went back: `seen` are ids and names in the order of writing."""
    before: dict[str, int] = {}
    for row, name in seen:
        n = int(name.rpartition(" ")[2])
        if n < before.get(row, 0):
            yield f"{name} was written after {before[row]}"
        before[row] = n
