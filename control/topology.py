# SPDX-License-Identifier: Apache-2.0
"""How the machines of an inventory hang together: each one's state, and that of each line."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from control import boot, machines
from control import status as asking
from control.inventory import Inventory, Machine
from control.links import Links
from control.paint import Ink, paint
from control.secrets import Secrets
from control.status import Status
from poser.errors import PoserError

ASK = "poser datasync status --json"
SILENT_AFTER_S = 90
"""Peers ask the host at least twice a minute; one that has not for so long is cut off."""
_PATIENCE_S = 30
_LAST_WORDS = 200


class Health(StrEnum):
    """How well something is; what is not known is neither well nor wrong."""

    WELL = "well"
    WARNING = "warning"
    WRONG = "wrong"
    UNKNOWN = "unknown"


INKS = {
    Health.WELL: Ink.GREEN,
    Health.WARNING: Ink.YELLOW,
    Health.WRONG: Ink.RED,
    Health.UNKNOWN: Ink.DIM,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The line by which a node dials the host, as the host sees it.

    `says` is its state in a few words, `why` the reason for what is not known; `peer` are the
    fields of `poser datasync status`.
    """

    node: str
    host: str
    health: Health
    says: str
    why: str = ""
    peer: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Topology:
    """All machines of an inventory, the host first, and the lines between them."""

    machines: tuple[Status, ...]
    stores: Mapping[str, tuple[str, ...]]
    lines: tuple[Line, ...]

    def line_of(self, name: str) -> Line | None:
        """Return the line of a machine; None for the host, and for who stands alone."""
        return next((line for line in self.lines if line.node == name), None)

    def to_json(self) -> dict[str, Any]:
        """Return all of it as JSON values."""
        machines = [
            {**each.to_json(), "stores": self.stores.get(each.name, ())} for each in self.machines
        ]
        return {"machines": machines, "lines": [asdict(line) for line in self.lines]}


def topology(inventory: Inventory, *, jobs: int) -> Topology:
    """Ask all machines how they are, and the host how its lines are."""
    found = asking.status(inventory, inventory.machines, jobs=jobs)
    found.sort(key=lambda each: each.role != "host")
    stores = {machine.name: machine.stores for machine in inventory.machines}
    return Topology(machines=tuple(found), stores=stores, lines=_lines(inventory, found))


def _lines(inventory: Inventory, found: Sequence[Status]) -> tuple[Line, ...]:
    host = inventory.host
    if host is None:
        return ()
    peers: Mapping[str, Mapping[str, Any]] = {}
    reason = ""
    try:
        peers = _peers(inventory, host, is_up=any(one.up for one in found if one.name == host.name))
    except PoserError as error:
        reason = error.message
    names = [machine.name for machine in inventory.machines if machine.name != host.name]
    return tuple(_line(name, host.name, peers.get(name), reason) for name in names)


def _line(name: str, host: str, peer: Mapping[str, Any] | None, reason: str) -> Line:
    if peer is None:
        return _unknown(name, host, reason or f"{host} has not heard of {name}")
    try:
        health, says = judge(peer, datetime.now(UTC))
    except (KeyError, TypeError, ValueError) as error:
        return _unknown(name, host, f"{host} runs another release ({error!r})")
    return Line(node=name, host=host, health=health, says=says, peer=peer)


def _unknown(name: str, host: str, why: str) -> Line:
    return Line(node=name, host=host, health=Health.UNKNOWN, says="not known", why=why)


def judge(peer: Mapping[str, Any], now: datetime) -> tuple[Health, str]:
    """Say in a few words how a line is; the worst comes first. `now` is aware.

    `peer` has the fields of `poser datasync status`: state, seen_at (ISO 8601, None when never),
    lag_s (None when not known), behind, parked, dead.
    """
    seen = datetime.fromisoformat(peer["seen_at"]) if peer["seen_at"] else None
    silent_s = (now - seen).total_seconds() if seen else None
    if silent_s is None:
        return Health.WRONG, "never seen"
    if silent_s > SILENT_AFTER_S:
        return Health.WRONG, f"not seen for {_spoken(silent_s)}"
    if peer["dead"]:
        return Health.WRONG, f"{peer['dead']} given up"
    worries = {
        str(peer["state"]): peer["state"] != "active",
        f"{peer['parked']} parked": peer["parked"],
        f"{peer['behind']} behind, {_spoken(peer['lag_s'] or 0)}": peer["behind"],
    }
    worry = next((says for says, holds in worries.items() if holds), "")
    return (Health.WARNING, worry) if worry else (Health.WELL, "in step")


def _spoken(seconds: float) -> str:
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"


def _peers(inventory: Inventory, host: Machine, *, is_up: bool) -> dict[str, Mapping[str, Any]]:
    """Return what the host says of its peers, by name; PoserError says why nobody knows."""
    if not is_up:
        raise PoserError(f"{host.name} is down")
    links = Links(Secrets(inventory.secrets))
    machine = boot.reachable(inventory, host)
    connection = links.open(machine)
    try:
        with machines.session(connection, machines.as_root(machine, ASK)) as channel:
            channel.settimeout(_PATIENCE_S)
            said = b"".join(iter(lambda: channel.recv(1 << 16), b""))
            complaint = b"".join(iter(lambda: channel.recv_stderr(1 << 16), b""))
            code = channel.recv_exit_status()
    except OSError as error:
        raise PoserError(f"{host.name} fell silent: {error}") from error
    finally:
        links.close()
    if code:
        words = " ".join(complaint.decode(errors="replace").split())[:_LAST_WORDS]
        raise PoserError(f"`{ASK}` on {host.name} ended with {code}: {words}")
    return _read(said, host.name)


def _read(said: bytes, host: str) -> dict[str, Mapping[str, Any]]:
    try:
        return {str(peer["name"]): peer for peer in json.loads(said)["peers"]}
    except (ValueError, TypeError, KeyError) as error:
        raise PoserError(f"`{ASK}` on {host} says nothing of its peers: {error!r}") from error


def drawing(found: Topology) -> Iterator[str]:
    """Yield the lines of a drawing for people: the host, and what dials it as its branches."""
    linked = [each for each in found.machines if found.line_of(each.name)]
    rows = [_cells(found, each) for each in found.machines]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for each, row in zip(found.machines, rows, strict=True):
        branch = ""
        if each in linked:
            branch = "└─ " if each is linked[-1] else "├─ "
        yield _drawn(found, each, row, [len(branch), *widths], branch, indented=bool(linked))
        if each.problem:
            yield f"   {paint(each.problem, Ink.DIM)}"
    for why in dict.fromkeys(line.why for line in found.lines if line.why):
        yield paint(f"not known: {why}", Ink.DIM)


def _cells(found: Topology, each: Status) -> tuple[str, str, str, str]:
    stores = "+".join(found.stores.get(each.name, ()))
    kind = f"{each.role} {stores}" if stores else each.role
    return each.name, kind, each.address or "-", "up" if each.up else "down"


def _drawn(
    found: Topology,
    each: Status,
    row: Sequence[str],
    widths: Sequence[int],
    branch: str,
    *,
    indented: bool,
) -> str:
    name, kind, address, state = (
        cell.ljust(width) for cell, width in zip(row, widths[1:], strict=True)
    )
    line = found.line_of(each.name)
    gap = "" if branch or not indented else "   "
    cells = [
        paint(branch, Ink.DIM) + paint(name, Ink.BOLD) + gap,
        kind,
        address,
        paint(state, Ink.GREEN if each.up else Ink.RED),
    ]
    if line:
        cells.append(paint(line.says, INKS[line.health]))
    return "  ".join(cells).rstrip()
