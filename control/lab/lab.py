# SPDX-License-Identifier: Apache-2.0
"""One lab, as the control environment and the tests use it."""

import os
from collections.abc import Sequence
from pathlib import Path

from control.lab.elevated import as_root
from control.lab.sources import debian_mirror
from control.lab.status import status_of
from control.lab.values import STATE, LabMachine, LabSpec, Mirror, Say
from control.paths import cache


def _silent(machine: str, sentence: str) -> None:
    """Say nothing."""


class Lab:
    """The machines called `id` on this computer.

    `network` is a CIDR text, "" for the first free one. `mirror` is where Debian packages come
    from, by default where this computer's own come from. `authorized_keys` are public key lines
    that may sign in as root. `say` is told of what happens, with a machine's name or "".

    Everything may be called again at any time, by several processes: one waits for the other.
    What needs root is done by root, through sudo for other people; `status` needs nothing.
    """

    def __init__(
        self,
        id: str,  # noqa: A002 - the word for it everywhere
        *,
        network: str = "",
        mirror: Mirror | None = None,
        authorized_keys: Sequence[str] = (),
        state: Path = STATE,
        cache_folder: Path | None = None,
        say: Say = _silent,
    ) -> None:
        self.spec = LabSpec(
            id=id,
            network=network,
            mirror=mirror,
            authorized_keys=tuple(authorized_keys),
            state=state,
            cache=cache_folder or cache(),
            owner=(os.getuid(), os.getgid()),
        )
        self._say = say

    @property
    def mirror(self) -> Mirror:
        """The mirror that machines are to be told of: what they ask goes through the cache."""
        return (self.spec.mirror or debian_mirror()).over_http()

    def up(self, names: Sequence[str], *, wait_s: float = 60.0) -> list[LabMachine]:
        """Build what is not built, boot what is not up, and wait until SSH answers."""
        return self._machines("up", names=list(names), wait_s=wait_s)

    def down(self, names: Sequence[str] = ()) -> list[LabMachine]:
        """Switch machines off as with their power button, all when none is named."""
        return self._machines("down", names=list(names))

    def reset(self, names: Sequence[str] = ()) -> list[LabMachine]:
        """Delete the disks of machines, all when none is named; address and host key stay."""
        return self._machines("reset", names=list(names))

    def remove(self) -> None:
        """Delete the lab with everything that belongs to it alone."""
        as_root(self.spec, self._say, "remove", {})

    def status(self, names: Sequence[str] = ()) -> list[LabMachine]:
        """Return how the machines are, in the order they came to the lab."""
        return status_of(self.spec, names)

    def cut(self, name: str) -> LabMachine:
        """Cut a machine's line, as if its cable were pulled; it runs on."""
        return self._machines("set_line", names=[name], is_cut=True)[0]

    def mend(self, name: str) -> LabMachine:
        """Mend a line that was cut."""
        return self._machines("set_line", names=[name], is_cut=False)[0]

    def power_off(self, name: str) -> LabMachine:
        """Take a machine's power away at once; `up` boots it again."""
        return self._machines("power_off", names=[name])[0]

    def snapshot(self, name: str, snapshot: str) -> None:
        """Switch a machine off and keep its disk as `snapshot`; `up` lets it go on."""
        as_root(self.spec, self._say, "snapshot", {"name": name, "snapshot": snapshot})

    def clone(
        self, snapshot: str, names: Sequence[str], *, wait_s: float = 60.0
    ) -> list[LabMachine]:
        """Boot new machines that begin as `snapshot`, each with its own name, address and key."""
        as_root(self.spec, self._say, "clone", {"snapshot": snapshot, "names": list(names)})
        return self.up(names, wait_s=wait_s)

    def delete_snapshot(self, snapshot: str) -> None:
        """Delete a snapshot that no machine stands on."""
        as_root(self.spec, self._say, "delete_snapshot", {"snapshot": snapshot})

    def console(self, name: str) -> str:
        """Return what a machine printed since it was last started."""
        path = self.spec.folder / "machines" / name / "console.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def _machines(self, action: str, **arguments: object) -> list[LabMachine]:
        values = as_root(self.spec, self._say, action, arguments)
        return [LabMachine.from_json(each) for each in values]
