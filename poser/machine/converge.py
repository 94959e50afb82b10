# SPDX-License-Identifier: Apache-2.0
"""Look, plan, mend step by step, look again: how a machine comes to be what it should be."""

from __future__ import annotations

from time import monotonic, sleep

from poser.errors import NotConverged
from poser.machine import state
from poser.machine.guard import SECONDS, Guard
from poser.machine.look import answers, look
from poser.machine.plan import plan
from poser.machine.resources.service import Service

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from poser.machine.facts import Facts
    from poser.machine.peer import Peer
    from poser.machine.plan import Step
    from poser.machine.resource import Drift, Resource
    from poser.machine.state import State
    from poser.machine.system import System


# What systemd calls a unit that is on its way; one that fails again and again is not.
_STARTING = ("start", "start-pre", "start-post", "condition")
_BOOT_S = 60.0


def check(peer: Peer, resources: Sequence[Resource], *, root: str = "") -> None:
    """Say what would be done, and do nothing."""
    began = monotonic()
    facts = look(resources, root)
    looked = monotonic()
    peer.emit("look", count=len(resources))
    steps = plan(resources, facts).steps
    _tell_plan(peer, steps, show_diff=True)
    peer.emit(
        "done",
        changed=0,
        drift=len(steps),
        resources=len(resources),
        seconds=round(monotonic() - began, 3),
        verified_sha256=state.read(root).get("verified_sha256", ""),
        timings={"look": round(looked - began, 3), "mend": 0, "second_look": 0},
    )


class Convergence:
    """One run that brings a machine to its role. `converge` ends with the event "done".

    It raises PoserError when a resource cannot be mended; `key` then names it.
    """

    def __init__(self, system: System, resources: Sequence[Resource], job: State) -> None:
        self._system = system
        self._peer = system.peer
        self._resources = resources
        self._job = job
        self._show_diff = bool(job.get("show_diff"))
        self._guard = Guard(system, resources)
        self._changed = 0
        system.tick = self._guard.tick
        self.key = ""

    def converge(self) -> None:
        """Do it."""
        began = monotonic()
        facts = self._settled()
        looked = monotonic()
        self._peer.emit("look", count=len(self._resources))
        steps = plan(self._resources, facts).steps
        _tell_plan(self._peer, steps, show_diff=self._show_diff)
        self._guard.resume()
        if steps:
            state.unverified(self._system.root)
            self._mend_all(facts, len(steps))
        mended = monotonic()
        if self._changed:
            self._look_again()
        self.ask_to_confirm()
        self._done(began, looked, mended)

    def ask_to_confirm(self) -> None:
        """Tell control that a guarded change waits for a new connection."""
        if self._guard.is_armed:
            self._peer.emit("confirm-needed", seconds=SECONDS)

    def _settled(self) -> Facts:
        """Look, and while units are just starting (the machine boots) look again, for a minute."""
        ends = monotonic() + _BOOT_S
        while True:
            facts = look(self._resources, self._system.root)
            units = facts.tables.get("unit", {})
            starting = [n for n, fact in units.items() if fact and fact["sub"] in _STARTING]
            if not starting or monotonic() > ends:
                return facts
            self._peer.check()
            self._peer.progress("look", f"waiting for {', '.join(starting)} to start")
            sleep(0.3)

    def _mend_all(self, facts: Facts, steps: int) -> None:
        """Walk through all resources; each is judged by what is known when its turn comes."""
        for place, resource in enumerate(self._resources):
            if facts.unknown(resource.queries()):
                facts.update(_changes(answers(resource.queries(), self._system.root)))
            drift = resource.wrong(facts)
            if drift is None:
                continue
            self._mend(resource, facts, drift, max(steps, self._changed + 1))
            if resource.disturbs:
                rest = self._resources[place + 1 :]
                facts = look(rest, self._system.root)
                steps = self._changed + len(plan(rest, facts).steps)
            else:
                facts.update(resource.predict(facts))
        self.key = "systemd"
        self._system.systemd_reads()
        self._system.disk.settle()

    def _mend(self, resource: Resource, facts: Facts, drift: Drift, of: int) -> None:
        self.key = self._system.key = resource.key
        self._peer.emit("start", key=resource.key, n=self._changed + 1, of=of)
        self._peer.check()
        began = monotonic()
        self._guard.before(resource)
        resource.mend(self._system, facts)
        self._changed += 1
        fields = {"diff": drift.diff} if self._show_diff and drift.diff else {}
        seconds = round(monotonic() - began, 3)
        self._peer.emit("changed", key=resource.key, seconds=seconds, reason=drift.reason, **fields)

    def _look_again(self) -> None:
        """Judge everything by fresh facts; NotConverged names what is still wrong."""
        self.key = ""
        facts = look(self._resources, self._system.root)
        wrong = [(one, one.wrong(facts)) for one in self._resources]
        still = [f"{one.key}: {drift.reason}" for one, drift in wrong if drift]
        if still:
            self.key = next(one.key for one, drift in wrong if drift)
            raise NotConverged(
                f"after mending, still wrong: {'; '.join(still)}",
                hint="does a later resource change what an earlier one reads, do two of them "
                "contradict each other, or does something else change it?",
            )

    def _done(self, began: float, looked: float, mended: float) -> None:
        if self._job.get("mode") == "amend":  # the machine is what it was, but for a little
            verified = str(state.read(self._system.root).get("verified_sha256", ""))
        else:
            services = [one.unit for one in self._resources if isinstance(one, Service)]
            verified = state.converged(self._job, services=services, root=self._system.root)
        ended = monotonic()
        self._peer.emit(
            "done",
            changed=self._changed,
            resources=len(self._resources),
            seconds=round(ended - began, 3),
            verified_sha256=verified,
            timings={
                "look": round(looked - began, 3),
                "mend": round(mended - looked, 3),
                "second_look": round(ended - mended, 3),
            },
        )


def _changes(facts: Facts) -> dict[tuple[str, str], dict[str, object] | None]:
    return {
        (table, name): fact for table, rows in facts.tables.items() for name, fact in rows.items()
    }


def _tell_plan(peer: Peer, steps: Sequence[Step], *, show_diff: bool) -> None:
    told = [
        {"key": step.key, "reason": step.reason, **({"diff": step.diff} if show_diff else {})}
        for step in steps
    ]
    peer.emit("plan", steps=told)
