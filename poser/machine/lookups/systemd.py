# SPDX-License-Identifier: Apache-2.0
"""Units, by one `systemctl show` for all of them, and what each was started with.

Table `unit`, by full name: `load` (loaded, not-found, masked ...), `active`, `sub`, `file_state`
(enabled, disabled, static ...), `need_reload`: its file changed since systemd read it.
Table `started`, by unit: see `poser.machine.started`.
"""

from __future__ import annotations

from poser.machine import started
from poser.machine.process import Child, CommandFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from poser.machine.facts import Changes, Fact

TABLES = ("unit", started.TABLE)
WAITS = True
PROPERTIES = ("LoadState", "ActiveState", "SubState", "UnitFileState", "NeedDaemonReload")


def look(asked: Mapping[str, Sequence[str]], root: str) -> Callable[[], Changes]:
    """Start systemctl, return a function that reads its answer."""
    units = asked.get("unit", ())
    command = ("systemctl", "show", f"--property={','.join(PROPERTIES)}", "--", *units)
    child = Child(command) if units else None

    def answer() -> Changes:
        found: dict[tuple[str, str], Fact] = {
            (started.TABLE, unit): started.look(root, unit) for unit in asked.get(started.TABLE, ())
        }
        if child:
            result = child.end()
            if result.rc:
                raise CommandFailed(result, hint="does systemd run this machine?")
            blocks = result.out.strip("\n").split("\n\n")
            found |= {("unit", unit): _fact(text) for unit, text in zip(units, blocks, strict=True)}
        return found

    return answer


def _fact(text: str) -> Fact:
    values = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    return {
        "load": values["LoadState"],
        "active": values["ActiveState"],
        "sub": values["SubState"],
        "file_state": values["UnitFileState"],
        "need_reload": values["NeedDaemonReload"] == "yes",
    }
