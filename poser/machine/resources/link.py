# SPDX-License-Identifier: Apache-2.0
"""Symbolic links."""

from __future__ import annotations

from poser.machine import started
from poser.machine.resource import Drift, Resource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from poser.machine.facts import Changes, Facts, Query
    from poser.machine.system import System


class Link(Resource):
    """A symbolic link that points to `target`, switched in one step."""

    path: str
    target: str

    @property
    def key(self) -> str:
        """The path."""
        return f"link {self.path}"

    def queries(self) -> tuple[Query, ...]:
        """Ask for the path."""
        return (("path", self.path),)

    def wrong(self, facts: Facts) -> Drift | None:
        """Compare the target; whether anything is there is not asked."""
        return link_wrong(facts, self.path, self.target)

    def predict(self, facts: Facts) -> Changes:
        """Expect the link, and services that must start anew."""
        return link_predicted(facts, self.path, self.target)

    def mend(self, system: System, facts: Facts) -> None:
        """Make or switch the link; a file in its place goes."""
        del facts
        system.link(self.path, self.target)


def link_wrong(facts: Facts, path: str, target: str) -> Drift | None:
    """Return how a link differs."""
    fact = facts.get("path", path)
    if fact is None:
        return Drift(reason=f"is missing, should point to {target}")
    if fact["type"] != "link":
        return Drift(reason=f"is a {fact['type']}, should be a link to {target}")
    if fact["target"] != target:
        return Drift(reason=f"points to {fact['target']}, should point to {target}")
    return None


def link_predicted(facts: Facts, path: str, target: str) -> Changes:
    """Return the facts after a link was made."""
    fact = {"type": "link", "mode": 0o777, "owner": "root", "group": "root", "target": target}
    return {("path", path): fact, **started.forgotten(facts, path)}
