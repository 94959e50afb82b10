# SPDX-License-Identifier: Apache-2.0
"""Brings machines to their role: boot, connect, converge, fill, verify."""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import roles
from control import boot, ca, examples, fleet, machines, release
from control.fleet import Outcome
from control.hosts import host
from control.inventory import Inventory, Machine
from control.links import Links
from control.machines import Converged
from control.progress import Progress, new_progress
from control.release import Target
from control.secrets import Secrets
from poser.errors import PoserError
from roles.parts.links import HOST
from roles.values import Host, Role

if TYPE_CHECKING:
    from fabric import Connection  # type: ignore[import-untyped]  # Fabric ships no types

    from control.release import BuiltRelease
    from control.verify import VerifyResult


@dataclass(slots=True, kw_only=True)
class Report:
    """What was done with one machine; `verified` is None when it was not held to its promises.

    `seconds` says how long each part took, in the order of the parts.
    """

    host: Host
    role: Role
    converged: Converged
    verified: "VerifyResult | None" = None
    filled: int = 0
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def was_verified_before(self) -> bool:
        """Whether the machine stood a verification with just these values earlier."""
        return self.converged.verified_sha256 == self.role.values_sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How to provision: only look, show differences, how many machines at the same time."""

    check: bool = False
    diff: bool = False
    jobs: int = 10


def provision(
    inventory: Inventory, chosen: Sequence[Machine], wanted: Wanted, took: dict[str, float]
) -> list[Outcome[Report]]:
    """Bring machines to their role, or with `check` only say what is wrong.

    Machines of the lab that are not up are booted first. The outcomes are in the order of
    `chosen`; `took` is told how many seconds each part took that concerns all of them. Raises
    PoserError when such a part fails: the lab, the release.
    """
    progress = new_progress()
    try:
        with _timed(took, "booting"):
            ready = boot.ready(inventory, chosen, progress)
        with _timed(took, "building the release"):
            releases = _releases(ready, progress)
        run = _Run(inventory=inventory, wanted=wanted, progress=progress, releases=releases)
        first = sorted(ready, key=lambda machine: machine.role != HOST)
        if first[0].role == HOST:
            run.host_is_done.clear()
        outcomes = fleet.run(first, run.one, jobs=wanted.jobs, interrupt=run.interrupt)
        of_name = {outcome.machine.name: _with_promises(outcome) for outcome in outcomes}
        return [of_name[machine.name] for machine in chosen]
    finally:
        progress.close()


def verify(
    inventory: Inventory, chosen: Sequence[Machine], *, jobs: int
) -> "list[Outcome[VerifyResult]]":
    """Hold machines that are up to the promises of their role; change nothing that lasts."""
    progress = new_progress()
    try:
        ready = [boot.reachable(inventory, machine) for machine in chosen]
        releases = _releases(ready, progress)
        wanted = Wanted(jobs=jobs)
        run = _Run(inventory=inventory, wanted=wanted, progress=progress, releases=releases)
        outcomes = fleet.run(ready, run.verify_one, jobs=jobs, interrupt=run.links.close)
        return [
            replace(outcome, error=_broken(outcome.answer)) if outcome.answer else outcome
            for outcome in outcomes
        ]
    finally:
        progress.close()


def _releases(chosen: Sequence[Machine], progress: Progress) -> "dict[Target, BuiltRelease]":
    """Return the release for every kind of machine that is chosen."""
    targets = {target(machine) for machine in chosen}
    for each in targets:
        if not release.is_built(each):
            names = "".join(f" with {folder.name}" for folder in each.extensions)
            progress.say("", f"building the release for {each.processor}{names}")
    return {each: release.build(each) for each in targets}


def target(machine: Machine) -> Target:
    """Return what the release of a machine is built for."""
    return Target(processor=machine.processor, extensions=machine.extensions)


def _happened() -> threading.Event:
    """Return an event that nobody has to wait for."""
    event = threading.Event()
    event.set()
    return event


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """One run of `provision`; `one` is called in a thread for each machine.

    A node promises what only holds once the host is as it should be. So where the host is among
    the machines it goes first, and the others wait for it before they are verified.
    """

    inventory: Inventory
    wanted: Wanted
    progress: Progress
    releases: "Mapping[Target, BuiltRelease]"
    links: Links = field(init=False)
    host_is_done: threading.Event = field(default_factory=_happened)

    def __post_init__(self) -> None:
        object.__setattr__(self, "links", Links(Secrets(self.inventory.secrets)))

    def interrupt(self) -> None:
        """Have all threads end soon."""
        self.host_is_done.set()
        self.links.close()

    def one(self, machine: Machine) -> Report:
        """Do all that is to be done with one machine, over one connection."""
        try:
            return self._one(machine)
        finally:
            if machine.role == HOST:
                self.host_is_done.set()

    def _one(self, machine: Machine) -> Report:
        built = self.releases[target(machine)]
        seconds: dict[str, float] = {}
        with _timed(seconds, "connecting"):
            made = host(self.inventory, machine, built.ref)
            role = roles.build(made)
            connection = self.links.open(machine)
        try:
            with _timed(seconds, "converging"):
                converged = self._converge(machine, connection, role, built)
            if machine.role == HOST:
                self.host_is_done.set()
            report = Report(host=made, role=role, converged=converged, seconds=seconds)
            if not self.wanted.check and not report.was_verified_before:
                self._fill_and_verify(machine, connection, report)
        finally:
            self.links.close_one(connection)
        return report

    def verify_one(self, machine: Machine) -> "VerifyResult":
        """Only hold one machine to its promises."""
        built = self.releases[target(machine)]
        made = host(self.inventory, machine, built.ref)
        role = roles.build(made)
        connection = self.links.open(machine)
        try:
            return self._hold(machine, connection, role, made)
        finally:
            self.links.close_one(connection)

    def _converge(
        self, machine: Machine, connection: "Connection", role: Role, built: "BuiltRelease"
    ) -> Converged:
        wanted = self.wanted
        job = machines.role_job(role, check=wanted.check, diff=wanted.diff, release=built.id)
        return machines.converge(
            connection,
            machine,
            job,
            machines.blobs(built),
            lambda event: self._hear(machine, event),
            confirm=lambda: self._confirm(machine),
        )

    def _hear(self, machine: Machine, event: machines.Event) -> None:
        """Show what happens; the plan of a check is shown whole at the end."""
        if not self.wanted.check:
            self.progress.hear(machine.name, event)

    def _confirm(self, machine: Machine) -> None:
        """Reach the machine anew, and so show that the change did not cut the line."""
        self.progress.say(machine.name, "confirming over a new connection")
        connection = self.links.open(machine)
        try:
            machines.confirm(connection, machine)
        finally:
            self.links.close_one(connection)

    def _fill_and_verify(self, machine: Machine, connection: "Connection", report: Report) -> None:
        if machine.in_lab and machine.examples:
            with _timed(report.seconds, "loading examples"):
                report.filled = examples.fill(connection, machine, self.progress)
        if not self.host_is_done.is_set():
            self.progress.say(machine.name, "waiting for the host")
            with _timed(report.seconds, "waiting for the host"):
                self.host_is_done.wait()
        with _timed(report.seconds, "verifying"):
            report.verified = self._hold(machine, connection, report.role, report.host)

    def _hold(
        self, machine: Machine, connection: "Connection", role: Role, made: Host
    ) -> "VerifyResult":
        """Hold a machine to its promises, showing each check as it is done."""
        from control.verify import verify  # noqa: PLC0415 (an unchanged run needs none)

        self.progress.say(machine.name, "verifying")
        return verify(
            machine,
            connection,
            role,
            made,
            person_pem=self._person_pem(made),
            hear=lambda one: self.progress.hear(
                machine.name,
                {
                    "event": "progress",
                    "key": "verifying",
                    "text": f"{one.n}/{one.of} {one.promise or one.name}",
                },
            ),
        )

    def _person_pem(self, made: Host) -> str:
        """Return what a person shows who may open the web app of a node in the open."""
        if not made.revoked_pem:
            return ""
        return ca.person_certificate(Secrets(self.inventory.secrets), "verify", days=1)


def _with_promises(outcome: Outcome[Report]) -> Outcome[Report]:
    """Return the outcome as failed when the machine does not keep its promises."""
    report = outcome.answer
    if report is None or report.verified is None:
        return outcome
    return replace(outcome, error=_broken(report.verified))


def _broken(result: "VerifyResult") -> PoserError | None:
    """Return the error that names the promises a machine does not keep; None when it does."""
    if not result.failed:
        return None
    listed = "".join(f"\n{failure}" for failure in result.failures)
    return PoserError(
        f"{result.machine}: {result.failed} of {result.passed + result.failed} checks"
        f" failed{listed}",
        hint=f"look at it: fab ssh host={result.machine}; check again: fab verify"
        f" host={result.machine}",
    )


class _timed:  # noqa: N801 - reads as a word
    """Adds the seconds that a block takes to a table."""

    def __init__(self, seconds: dict[str, float], part: str) -> None:
        self._seconds, self._part = seconds, part

    def __enter__(self) -> None:
        self._started = time.monotonic()

    def __exit__(self, *_: object) -> None:
        self._seconds[self._part] = time.monotonic() - self._started
