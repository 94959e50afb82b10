# SPDX-License-Identifier: Apache-2.0
"""Paths where nothing may be."""

from __future__ import annotations

from poser.machine import started
from poser.machine.resource import Drift, Resource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from poser.machine.facts import Changes, Facts, Query
    from poser.machine.system import System


class Absent(Resource):
    """A path where nothing is: files and links go, a directory only when it is empty."""

    path: str
    guarded: bool = False

    @property
    def key(self) -> str:
        """The path."""
        return f"no {self.path}"

    def queries(self) -> tuple[Query, ...]:
        """Ask for the path."""
        return (("path", self.path),)

    def wrong(self, facts: Facts) -> Drift | None:
        """Whatever is there is wrong."""
        fact = facts.get("path", self.path)
        return None if fact is None else Drift(reason=f"is there ({fact['type']})")

    def predict(self, facts: Facts) -> Changes:
        """Expect nothing there."""
        return {("path", self.path): None, **started.forgotten(facts, self.path)}

    def mend(self, system: System, facts: Facts) -> None:
        """Remove it."""
        del facts
        system.remove(self.path)

    def guards(self) -> tuple[str, ...]:
        """Guard the path, if wanted."""
        return (self.path,) if self.guarded else ()
