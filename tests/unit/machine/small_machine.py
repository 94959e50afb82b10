# SPDX-License-Identifier: Apache-2.0
"""A machine that is a folder, with programs that do to it what the real ones do to a machine."""

import json
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from poser.machine.converge import Convergence
from poser.machine.peer import Peer
from poser.machine.resource import Resource
from poser.machine.system import System

SYSTEMCTL = """\
#!/bin/sh
# Units are files in etc/systemd/system; what one runs with is a copy of etc/app.
root=ROOT; units=$root/etc/systemd/system; run=$root/run/units
while [ "${1#--}" != "$1" ]; do shift; done
verb=$1; shift
case $verb in
show)
    while [ "${1#--}" != "$1" ]; do shift; done
    for unit; do
        load=not-found; active=inactive; sub=dead; file=; reload=no
        if [ -e $units/$unit ]; then load=loaded; file=disabled; fi
        if [ -e $run/$unit.active ]; then active=active; sub=running; fi
        if [ -e $run/$unit.enabled ]; then file=enabled; fi
        if [ -e $run/$unit.loaded ]; then cmp -s $units/$unit $run/$unit.loaded || reload=yes; fi
        echo "LoadState=$load"; echo "ActiveState=$active"; echo "SubState=$sub"
        echo "UnitFileState=$file"; echo "NeedDaemonReload=$reload"; echo
    done ;;
daemon-reload)
    for file in $units/*; do [ -f $file ] && cp $file $run/${file##*/}.loaded; done; exit 0 ;;
start|restart|reload-or-restart)
    [ -e $units/$1 ] || { echo "Unit $1 not found." >&2; exit 5; }
    [ -e $run/$1.loaded ] || cp $units/$1 $run/$1.loaded
    [ $verb = start ] && [ -e $run/$1.active ] && exit 0
    rm -rf $run/$1.active; cp -r $root/etc/app $run/$1.active ;;
stop) rm -rf $run/$1.active ;;
enable) touch $run/$1.enabled ;;
disable) rm -f $run/$1.enabled ;;
esac
"""
GROUPADD = """\
#!/bin/sh
for name; do :; done
echo "$name:x:GID:" >> ROOT/etc/group
"""
USERADD = """\
#!/bin/sh
while [ $# -gt 1 ]; do case $1 in --home-dir) home=$2;; --shell) shell=$2;; esac; shift; done
echo "$1:x:UID:GID::$home:$shell" >> ROOT/etc/passwd; echo "$1:!::::::" >> ROOT/etc/shadow
"""
SAYS_NOTHING = "#!/bin/sh\nexit 0\n"


class Killed(BaseException):
    """The run was killed here, by what no code may catch."""


class SmallMachine:
    """The folder `root`, converged by the kit's own code; `events` is what the last run said."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self._kept = folder / "kept"
        self.programs = folder / "programs"
        self.programs.mkdir()
        self.program("systemctl", SYSTEMCTL)
        self.program("groupadd", GROUPADD)
        self.program("useradd", USERADD)
        self.program("journalctl", SAYS_NOTHING)
        self._read_end, self.line = os.pipe()
        self._frames = os.fdopen(self._read_end, "rb")
        self._log = folder / "events"
        self.begin()

    def begin(self) -> None:
        """Start with nothing installed; the person who runs the tests is this machine's root."""
        shutil.rmtree(self.root, ignore_errors=True)
        for name in ("etc/app", "etc/systemd/system", "run/units", "proc", "var/lib"):
            (self.root / name).mkdir(parents=True)
        ids = f"{os.getuid()}:{os.getgid()}"
        (self.root / "etc/passwd").write_text(f"root:x:{ids}:root:/root:/bin/bash\n")
        (self.root / "etc/group").write_text(f"root:x:{os.getgid()}:\n")
        (self.root / "etc/shadow").write_text("root:*::::::\n")
        (self.root / "proc/meminfo").write_text("MemTotal:        4096000 kB\n")

    def keep(self) -> None:
        """Remember the machine as it is now, for `again`."""
        shutil.rmtree(self._kept, ignore_errors=True)
        shutil.copytree(self.root, self._kept, symlinks=True)

    def again(self) -> None:
        """Make the machine what it was at `keep`."""
        shutil.rmtree(self.root)
        shutil.copytree(self._kept, self.root, symlinks=True)

    def converge(
        self, resources: Sequence[Resource], step: Callable[[str], None] | None = None
    ) -> list[dict[str, Any]]:
        """Run once and return the events; `step` may raise to kill the run."""
        with self._log.open("wb") as log:
            peer = Peer(self._frames, log.fileno())
            Convergence(System(peer, root=str(self.root), step=step), resources, {}).converge()
        return self.events

    def system(self) -> System:
        """Return what a resource would get to mend with; events go nowhere."""
        return System(Peer(self._frames, os.open(os.devnull, os.O_WRONLY)), root=str(self.root))

    @property
    def events(self) -> list[dict[str, Any]]:
        """What the last run said, killed or not."""
        return [json.loads(line) for line in self._log.read_text().splitlines()]

    def close(self) -> None:
        """Give back the line."""
        self._frames.close()
        os.close(self.line)

    def leftovers(self) -> list[Path]:
        """Return what a killed run left beside the files it wrote."""
        return list(self.root.rglob("*.poser-kit"))

    def program(self, name: str, text: str) -> None:
        """Give the machine a program; ROOT, UID and GID in its text are filled in."""
        path = self.programs / name
        filled = text.replace("ROOT", str(self.root)).replace("UID", str(os.getuid()))
        path.write_text(filled.replace("GID", str(os.getgid())))
        path.chmod(0o755)


class KillAt:
    """Kills a run before its n-th step; counts steps when n is never reached."""

    def __init__(self, n: int) -> None:
        self.n = n
        self.steps: list[str] = []

    def __call__(self, name: str) -> None:
        self.steps.append(name)
        if len(self.steps) == self.n:
            raise Killed
