# SPDX-License-Identifier: Apache-2.0
"""How the services of this node are, as systemd tells everybody who asks."""

import logging
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from poser import services
from web.remembering import Remembered

log = logging.getLogger(__name__)

KEPT_S = 15.0
_PATIENCE_S = 5.0
OF_DEBIAN = ("postgresql@17-main.service", "nginx.service", "postfix.service")
"""Those of the distribution that ours work with."""

UNITS = tuple(dict.fromkeys((*services.watched_units(), *OF_DEBIAN)))
_ASK = ("Id", "Description", "LoadState", "ActiveState", "SubState", "NRestarts", "Result")
_UP = frozenset({"active", "reloading", "refreshing", "activating"})


class Unit(NamedTuple):
    """One service: what it is, how it is in systemd's words, how often it was started anew."""

    name: str
    what: str
    active: str
    sub: str
    restarts: int
    result: str

    @property
    def is_up(self) -> bool:
        """Tell whether it does its work."""
        return self.active in _UP and self.sub != "auto-restart"


class Units(NamedTuple):
    """The services that are installed, those that are down first; or why nobody knows."""

    found: tuple[Unit, ...]
    trouble: str = ""

    @property
    def down(self) -> tuple[Unit, ...]:
        """Those that do not run."""
        return tuple(unit for unit in self.found if not unit.is_up)


Ask = Callable[[Sequence[str]], str]


@dataclass(slots=True)
class Systemd:
    """Asks systemd, and remembers the answer for some seconds; without rights of its own."""

    ask: Ask = field(default_factory=lambda: show)
    _remembered: Remembered[Units] = field(default_factory=lambda: Remembered(KEPT_S))

    def units(self) -> Units:
        """Give the newest answer."""
        return self._remembered.answer(lambda: _look(self.ask))[0]


def show(units: Sequence[str]) -> str:
    """Run `systemctl show`. Raises OSError and SubprocessError."""
    command = ("systemctl", "show", f"--property={','.join(_ASK)}", "--", *units)
    done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE_S, check=True)
    return done.stdout


def _look(ask: Ask) -> Units:
    try:
        found = list(_read(ask(UNITS)))
    except subprocess.CalledProcessError as error:
        return _unknown((error.stderr or "").strip().partition("\n")[0] or str(error))
    except (OSError, subprocess.SubprocessError, ValueError, KeyError) as error:
        return _unknown(str(error))
    return Units(tuple(sorted(found, key=lambda unit: (unit.is_up, unit.name))))


def _unknown(reason: str) -> Units:
    log.warning("systemd gave no answer", extra={"reason": reason})
    return Units((), reason)


def _read(said: str) -> Iterator[Unit]:
    """Read what systemctl writes: a block of KEY=VALUE for each unit, a blank line between."""
    for block in said.strip().split("\n\n"):
        known = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        if known and known["LoadState"] != "not-found":
            yield Unit(
                name=known["Id"],
                what=known["Description"].removeprefix("Poser: "),
                active=known["ActiveState"],
                sub=known["SubState"],
                restarts=int(known.get("NRestarts") or 0),
                result=known.get("Result", ""),
            )
