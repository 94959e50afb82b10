# SPDX-License-Identifier: Apache-2.0
"""Debian packages."""

from __future__ import annotations

from poser.machine.resource import Drift, Resource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from poser.machine.facts import Changes, Facts, Query
    from poser.machine.system import System

_FEW = 6


class Packages(Resource):
    """Debian packages that are installed, all in one go, without the recommended ones.

    Configuration files that are there already stay as they are. An installation that was
    interrupted before, of whatever package, is finished first.
    """

    names: tuple[str, ...]

    disturbs = True

    @property
    def key(self) -> str:
        """The names, or how many there are."""
        if len(self.names) <= _FEW:
            return f"packages {' '.join(self.names)}"
        rest = len(self.names) - _FEW
        return f"packages {' '.join(self.names[:_FEW])} and {rest} more"

    def queries(self) -> tuple[Query, ...]:
        """Ask for each package, and for the state of dpkg."""
        return (("dpkg", ""), *(("package", name) for name in self.names))

    def wrong(self, facts: Facts) -> Drift | None:
        """Say what is to be installed, and what was interrupted."""
        dpkg = facts.get("dpkg", "") or {}
        reasons = []
        if missing := self._missing(facts):
            reasons.append(f"not installed: {', '.join(missing)}")
        if dpkg.get("broken"):
            reasons.append(f"interrupted: {', '.join(dpkg['broken'])}")
        elif dpkg.get("interrupted"):
            reasons.append("dpkg was interrupted")
        return Drift(reason="; ".join(reasons)) if reasons else None

    def predict(self, facts: Facts) -> Changes:
        """Expect all of them installed; what they bring along is not known."""
        changes: dict[Query, dict[str, object] | None] = {
            ("dpkg", ""): {"broken": [], "interrupted": False}
        }
        for name in self._missing(facts):
            changes["package", name] = {"status": "installed", "version": ""}
        return changes

    def mend(self, system: System, facts: Facts) -> None:
        """Repair dpkg if needed, fetch the lists, install what is missing."""
        from poser.machine.aptget import AptGet, explained
        from poser.machine.process import CommandFailed

        apt = AptGet(system)
        dpkg = facts.get("dpkg", "") or {}
        try:
            if dpkg.get("broken") or dpkg.get("interrupted"):
                apt.repair()
            if missing := self._missing(facts):
                apt.update()
                apt.install(missing)
        except CommandFailed as error:
            raise explained(error, system) from error
        system.accounts.read()  # packages bring users

    def _missing(self, facts: Facts) -> list[str]:
        found = {name: facts.get("package", name) for name in self.names}
        return [
            name for name, fact in found.items() if fact is None or fact["status"] != "installed"
        ]
