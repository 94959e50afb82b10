# SPDX-License-Identifier: Apache-2.0
"""What a machine says of itself in a word: role, release, services, room."""

from __future__ import annotations

import os

from poser.machine import state
from poser.machine.look import answers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from poser.machine.peer import Peer


def status(peer: Peer, root: str = "") -> None:
    """Send the event "status"."""
    known = state.read(root)
    services = [str(unit) for unit in known.get("services", ())]
    facts = answers([*(("unit", unit) for unit in services), ("memory", "")], root)
    units = {unit: (facts.get("unit", unit) or {})["active"] for unit in services}
    room = os.statvfs("/")
    peer.emit(
        "status",
        role=known.get("role", ""),
        release=known.get("release", ""),
        last_converge=known.get("last_converge", ""),
        last_verified=known.get("last_verified", ""),
        values_sha256=known.get("values_sha256", ""),
        verified_sha256=known.get("verified_sha256", ""),
        services=units,
        uptime_s=_uptime_s(root),
        memory_mib=(facts.get("memory", "") or {})["mib"],
        disk_free_mib=room.f_bavail * room.f_frsize >> 20,
        disk_mib=room.f_blocks * room.f_frsize >> 20,
    )


def _uptime_s(root: str) -> int:
    with open(f"{root}/proc/uptime", encoding="ascii") as file:
        return int(float(file.read().split()[0]))
