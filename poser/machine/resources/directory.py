# SPDX-License-Identifier: Apache-2.0
"""Directories."""

from __future__ import annotations

from poser.machine.resource import Drift, Resource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from poser.machine.facts import Changes, Facts, Query
    from poser.machine.system import System


class Directory(Resource):
    """A directory with this mode and owner; what is in it is left alone."""

    path: str
    mode: int = 0o755
    owner: str = "root"
    group: str = "root"

    @property
    def key(self) -> str:
        """The path."""
        return f"directory {self.path}"

    def queries(self) -> tuple[Query, ...]:
        """Ask for the path."""
        return (("path", self.path),)

    def wrong(self, facts: Facts) -> Drift | None:
        """Compare kind, owner and mode."""
        fact = facts.get("path", self.path)
        if fact is None:
            return Drift(reason="is missing")
        if fact["type"] != "directory":
            return Drift(reason=f"is a {fact['type']}, should be a directory")
        belongs, should = f"{fact['owner']}:{fact['group']}", f"{self.owner}:{self.group}"
        if belongs != should:
            return Drift(reason=f"belongs to {belongs}, should be {should}")
        if fact["mode"] != self.mode:
            return Drift(reason=f"has mode {fact['mode']:04o}, should be {self.mode:04o}")
        return None

    def predict(self, facts: Facts) -> Changes:
        """Expect the directory."""
        del facts
        fact = {"type": "directory", "mode": self.mode, "owner": self.owner, "group": self.group}
        return {("path", self.path): fact}

    def mend(self, system: System, facts: Facts) -> None:
        """Make it, or set its owner and mode."""
        del facts
        system.disk.directory(self.path, mode=self.mode, owner=self.owner, group=self.group)
