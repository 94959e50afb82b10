# SPDX-License-Identifier: Apache-2.0
"""Asks machines how they are: up or down, which release, last convergence, services."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from control import boot, fleet, machines
from control.inventory import Inventory, Machine
from control.links import Links
from control.paint import Ink, paint
from control.secrets import Secrets
from poser.errors import PoserError

if TYPE_CHECKING:
    from fabric import Connection  # type: ignore[import-untyped]  # Fabric ships no types

_WELL = frozenset({"active"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One machine as it is now; `problem` says why nothing is known of one that is not up.

    `last_converge` is ISO 8601 in UTC, "" when the machine was never converged. `services` maps
    units to their states.
    """

    name: str
    role: str
    site: str
    address: str
    up: bool
    release: str = ""
    last_converge: str = ""
    verified: bool = False
    services: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the status as JSON values."""
        return asdict(self)


def status(inventory: Inventory, chosen: Sequence[Machine], *, jobs: int) -> list[Status]:
    """Return how each of the machines is, in their order; machines that are down are no error."""
    links = Links(Secrets(inventory.secrets))
    located = boot.located(inventory, chosen)
    outcomes = fleet.run(
        located, lambda machine: _ask(machine, links), jobs=jobs, interrupt=links.close
    )
    found = [
        outcome.answer or _status(outcome.machine, up=False, problem=_reason(outcome.error))
        for outcome in outcomes
    ]
    return [
        each if each.address else replace(each, address=boot.address(inventory, machine))
        for each, machine in zip(found, chosen, strict=True)
    ]


def table(found: Sequence[Status]) -> Iterator[str]:
    """Yield the lines of a table for people."""
    rows = [("machine", "role", "site", "address", "state", "release", "converged")]
    rows += [
        (
            each.name,
            each.role,
            each.site or "-",
            each.address or "-",
            "up" if each.up else "down",
            each.release or "-",
            each.last_converge.partition(".")[0].replace("T", " ") or "-",
        )
        for each in found
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row, each in zip(rows, (None, *found), strict=True):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        if each is None:
            yield paint("  ".join(cells).rstrip(), Ink.DIM)
            continue
        cells[4] = paint(cells[4], Ink.GREEN if each.up else Ink.RED)
        yield "  ".join(cells).rstrip()
        yield from (f"  {line}" for line in _remarks(each))


def _remarks(each: Status) -> Iterator[str]:
    """Yield what is not as it should be."""
    if each.problem:
        yield paint(each.problem, Ink.DIM)
    for unit, state in sorted(each.services.items()):
        if state not in _WELL:
            yield f"{unit}: {paint(state, Ink.RED)}"


def _ask(machine: Machine, links: Links) -> Status:
    if not machine.address:
        return _status(machine, up=False, problem="not booted; fab lab up boots it")
    connection = links.open(machine)
    try:
        event = _answer(connection, machine)
    except PoserError as error:
        return _status(machine, up=True, problem=error.message)
    finally:
        links.close_one(connection)
    values = str(event.get("values_sha256") or "")
    return _status(
        machine,
        up=True,
        release=str(event.get("release") or ""),
        last_converge=str(event.get("last_converge") or ""),
        verified=bool(values) and event.get("verified_sha256") == values,
        services=dict(event.get("services") or {}),
    )


def _answer(connection: "Connection", machine: Machine) -> machines.Event:
    """Return what the kit says of the machine; raises PoserError when it cannot say it."""
    answer: machines.Event = {}
    for event in machines.events(connection, machine, {"mode": "status"}):
        answer = event
    if answer.get("event") != "status":
        raise PoserError(str(answer.get("message") or "the machine did not say how it is"))
    return answer


def _status(machine: Machine, *, up: bool, **rest: Any) -> Status:  # noqa: ANN401 - fields of Status
    return Status(
        name=machine.name,
        role=machine.role,
        site=machine.site,
        address=machine.address,
        up=up,
        **rest,
    )


def _reason(error: PoserError | None) -> str:
    return error.message if error is not None else ""
