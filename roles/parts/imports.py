# SPDX-License-Identifier: Apache-2.0
"""Import runs at their hours, as the machine's own setting `import.schedules` names them."""

from collections.abc import Sequence

from poser.importing.schedules import SCHEDULES, WATCH, jobs
from poser.machine.resources.command import Command
from roles.parts.release import timed_resources
from roles.values import Host, Part

UNITS = "/etc/systemd/system"
_REMOVE = (
    '"$@" -name "*.timer" -printf "%f\\n" | xargs -r systemctl disable --now;'
    ' "$@" -delete; systemctl daemon-reload'
)
PROMISE = "scheduled imports have their hours, are confined, and end well"


def imports(host: Host) -> Part:
    """Return a timer for each schedule, and one that looks whether any was missed.

    The imports themselves are not among the part's jobs: to verify a machine runs those.
    """
    place = f"machine {host.name}: {SCHEDULES.name}"
    found = jobs(host.settings.get(SCHEDULES.name, ""), place)
    return Part(
        name="imports",
        what=__doc__ or "",
        resources=(
            _no_others([unit for job in found for unit in (job.unit, job.timer)]),
            *(one for job in found for one in timed_resources(job)),
        ),
        timed=(WATCH,) if found else (),
        promises=(PROMISE,) if found else (),
    )


def _no_others(units: Sequence[str]) -> Command:
    """Return what takes away the timers of schedules that the setting has no more."""
    found = ("find", UNITS, "-maxdepth", "1", "-name", "poser-import-*")
    find = (*found, *(word for unit in units for word in ("!", "-name", unit)))
    return Command(
        name="no other scheduled imports",
        run=("sh", "-ec", _REMOVE, "sh", *find),
        unless=("sh", "-c", 'test -z "$("$@")"', "sh", *find),
    )
