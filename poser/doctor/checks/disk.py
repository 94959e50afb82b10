# SPDX-License-Identifier: Apache-2.0
"""Whether there is room on the file systems that a node writes to."""

import os

from poser.config import Setting
from poser.doctor.check import Check, Finding, ok, warning, wrong
from poser.doctor.subject import Subject

FREE = Setting(
    "doctor.disk_free_percent",
    int,
    default=10,
    low=0,
    high=100,
    doc="Free space below which poser doctor warns, percent; below half of it something is wrong.",
    file_only=True,  # a database that does not answer must not be in the way
)
PLACES = ("/", "/var", "/var/lib/postgresql", "/var/lib/poser", "/tmp")  # noqa: S108 - asked only


def _look(subject: Subject) -> Finding:
    limit = FREE(subject.node.config)
    rooms: dict[int, tuple[str, int, int]] = {}
    for place in PLACES:
        path = subject.at(place)
        if path.exists():
            rooms.setdefault(path.stat().st_dev, (place, *_room(str(path))))
    full = [room for room in rooms.values() if _percent(room) < limit]
    if not full:
        return ok("; ".join(_said(room) for room in rooms.values()))
    tightest = min(full, key=_percent)
    others = [_said(room) for room in full if room is not tightest]
    end = wrong if _percent(tightest) < limit / 2 else warning
    return end(
        f"{_said(tightest)}, less than {limit} %",
        details=others,
        hint=f"du -xh {tightest[0]} | sort -h | tail; journalctl --vacuum-size=200M",
    )


def _room(path: str) -> tuple[int, int]:
    """Return bytes that may still be written, and bytes in all."""
    seen = os.statvfs(path)
    return seen.f_bavail * seen.f_frsize, seen.f_blocks * seen.f_frsize


def _percent(room: tuple[str, int, int]) -> float:
    _, free, whole = room
    return 100 * free / whole if whole else 100.0


def _said(room: tuple[str, int, int]) -> str:
    place, free, _ = room
    return f"{place} has {free / 2**30:.1f} GiB free ({_percent(room):.0f} %)"


CHECK = Check(
    name="disk",
    means="A full disk stops the databases.",
    mend="Make room, or archive old months: sudo poser db archive.",
    look=_look,
)
