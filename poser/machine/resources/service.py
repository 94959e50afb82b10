# SPDX-License-Identifier: Apache-2.0
"""Services that are enabled and run with what is on disk."""

from __future__ import annotations

from poser.machine import started
from poser.machine.resource import Drift, Resource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from poser.machine.facts import Changes, Facts, Query
    from poser.machine.system import System

_ENABLED = ("enabled", "enabled-runtime", "static", "alias", "indirect", "generated", "linked")
_RUNNING = ("active", "reloading", "refreshing")
_UNKNOWN = {
    "load": "not-found", "active": "inactive", "sub": "dead", "file_state": "", "need_reload": False
}  # fmt: skip


class Service(Resource):
    """A unit that is (or is not) enabled and running, started with what is on disk now.

    `restart_on` and `reload_on` are absolute paths of files and links, or names of units or
    drop-ins; its own file below /etc/systemd/system counts as one of `restart_on`.
    """

    unit: str
    enabled: bool = True
    running: bool = True
    restart_on: tuple[str, ...] = ()
    reload_on: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The unit."""
        return f"service {self.unit}"

    @property
    def restarts(self) -> tuple[str, ...]:
        """The paths that it reads only when it starts."""
        named = [started.place(path) for path in (self.unit, *self.restart_on)]
        return tuple(dict.fromkeys(named))

    @property
    def reloads(self) -> tuple[str, ...]:
        """The paths that it also reads when it is told to reload."""
        return tuple(started.place(path) for path in self.reload_on)

    def queries(self) -> tuple[Query, ...]:
        """Ask for the unit, its record of the last start, and the paths it reads."""
        paths = (("path", path) for path in (*self.restarts, *self.reloads))
        return (("unit", self.unit), (started.TABLE, self.unit), *paths)

    def wrong(self, facts: Facts) -> Drift | None:
        """Compare what systemd says, then what it was started with."""
        fact = facts.get("unit", self.unit) or _UNKNOWN
        reasons = []
        if self.enabled != (fact["file_state"] in _ENABLED):
            reasons.append("is not enabled" if self.enabled else "is enabled, should not be")
        if self.running != (fact["active"] in _RUNNING):
            state = f"{fact['active']} ({fact['sub']})"
            reasons.append(f"is {state}, should {'' if self.running else 'not '}run")
        elif self.running:
            reasons += self._old(facts)
        return Drift(reason="; ".join(reasons)) if reasons else None

    def predict(self, facts: Facts) -> Changes:
        """Expect it in its state, started with what is on disk."""
        old = facts.get("unit", self.unit) or _UNKNOWN
        fact = {
            **old,
            "load": "loaded",
            "file_state": _state(str(old["file_state"]), enabled=self.enabled),
            "active": "active" if self.running else "inactive",
            "sub": "running" if self.running else "dead",
        }
        changes: Changes = {("unit", self.unit): fact}
        if self.running:
            paths = (*self.restarts, *self.reloads)
            changes = {**changes, **started.remembered(facts, self.unit, paths)}
        return changes

    def mend(self, system: System, facts: Facts) -> None:
        """Enable and (re)start or reload it, or stop and disable it."""
        from poser.machine.services import Mender

        fact = facts.get("unit", self.unit) or _UNKNOWN
        mender = Mender(system, self.unit)
        if self.enabled != (fact["file_state"] in _ENABLED):
            mender.enable(wanted=self.enabled, masked=fact["load"] == "masked")
        if not self.running:
            mender.stop()
            return
        if fact["active"] not in _RUNNING:
            verb = "start"
        elif started.stale(facts, self.unit, self.restarts):
            verb = "restart"
        elif started.stale(facts, self.unit, self.reloads):
            verb = "reload-or-restart"
        else:
            return
        mender.start(verb, (*self.restarts, *self.reloads))

    def _old(self, facts: Facts) -> list[str]:
        """Say what changed since it started."""
        restart = started.stale(facts, self.unit, self.restarts)
        reload = started.stale(facts, self.unit, self.reloads)
        if not restart and not reload:
            return []
        if facts.get(started.TABLE, self.unit) is None:
            return ["must start anew once: it is not known what it was started with"]
        if restart:
            return [f"must start anew: {', '.join(restart)} changed"]
        return [f"must reload: {', '.join(reload)} changed"]


def _state(old: str, *, enabled: bool) -> str:
    if enabled:
        return old if old in _ENABLED else "enabled"
    return "disabled" if old in _ENABLED else old
