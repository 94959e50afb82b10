# SPDX-License-Identifier: Apache-2.0
"""Text files as resources want them: what differs, shown as a diff, and how it is put right."""

from __future__ import annotations

from poser.machine import started
from poser.machine.disk import Content
from poser.machine.resource import Drift
from poser.machine.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from poser.machine.facts import Changes, Fact, Facts
    from poser.machine.system import System

_LONGEST_DIFF = 400  # lines


class Text(Value):
    """A whole text file as it should be. The text of a `secret` one is never shown."""

    path: str
    text: str
    mode: int = 0o644
    owner: str = "root"
    group: str = "root"
    secret: bool = False

    def wrong(self, facts: Facts) -> Drift | None:
        """Return how the file differs: its text first, then its owner and mode."""
        fact = facts.get("path", self.path)
        if fact is None or fact["type"] != "file":
            reason = "is missing" if fact is None else f"is a {fact['type']}, should be a file"
            return Drift(reason=reason, diff=self._diff("", absent=True))
        if fact.get("content") != self.text:
            if fact.get("content") is None:
                return Drift(reason="is not this text (very long, or not UTF-8)")
            return Drift(reason="differs", diff=self._diff(fact["content"]))
        return self._metadata(fact)

    def predict(self, facts: Facts) -> Changes:
        """Return the file as it will be, and which services will not have started with it."""
        fact: Fact = {
            "type": "file",
            "mode": self.mode,
            "owner": self.owner,
            "group": self.group,
            "content": self.text,
        }
        return {("path", self.path): fact, **started.forgotten(facts, self.path)}

    @property
    def content(self) -> Content:
        """The file in bytes, ready to be written."""
        return Content(
            path=self.path,
            data=self.text.encode(),
            mode=self.mode,
            owner=self.owner,
            group=self.group,
        )

    def put(self, system: System) -> None:
        """Write the file."""
        system.write(self.content)

    def _metadata(self, fact: dict[str, object]) -> Drift | None:
        is_mode, is_owner = fact["mode"], f"{fact['owner']}:{fact['group']}"
        if is_owner != f"{self.owner}:{self.group}":
            return Drift(reason=f"belongs to {is_owner}, should be {self.owner}:{self.group}")
        if is_mode != self.mode:
            return Drift(reason=f"has mode {is_mode:04o}, should be {self.mode:04o}")
        return None

    def _diff(self, old: str, *, absent: bool = False) -> str:
        if self.secret:
            return "(secret changed)"
        return difference(old, self.text, "/dev/null" if absent else self.path, self.path)


def difference(old: str, new: str, old_name: str, new_name: str) -> str:
    """Return a unified diff of two texts, cut off when it is very long."""
    import difflib

    pair = (old.splitlines(), new.splitlines())
    lines = list(difflib.unified_diff(*pair, old_name, new_name, lineterm=""))
    if len(lines) > _LONGEST_DIFF:
        rest = len(lines) - _LONGEST_DIFF
        lines = [*lines[:_LONGEST_DIFF], f"... and {rest} more lines"]
    return "\n".join(lines)
