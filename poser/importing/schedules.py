# SPDX-License-Identifier: Apache-2.0
"""Import runs at their hours, as the settings name them; the role makes timers from them.

    [import]
    schedules =
        prices at 03:30: csv Product --from /srv/incoming/prices.csv
        vendors at Mon..Sat 06,18:00 Europe/Berlin with network: northwind Vendor

A line is `NAME at WHEN: WORDS`, the words being those behind `poser import`. WHEN is a time of
systemd's calendar, UTC unless it names a zone. `with network` in front of the colon lets the
run reach other machines; without it, it can read files and this machine's databases only.

Light: roles read the same lines from the inventory.
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from poser.addresses import without_passwords
from poser.config import Config, Setting
from poser.errors import ConfigError
from poser.services import CURRENT, Timed

SCHEDULES = Setting(
    "import.schedules",
    str,
    default="",
    doc="Import runs at their hours, one a line: NAME at WHEN: WORDS as behind `poser import`.",
    file_only=True,  # the timers are made with the file
)

POSER = f"{CURRENT}/bin/poser"
LONGEST_S = 6 * 3600
SPREAD_S = 60
_FINE = (3, 5)
"""Exit codes of a run that is no failure: it found changes, or kept records aside."""

_LINE = re.compile(
    r"(?P<name>\S+)\s+at\s+(?P<when>\S.*?)(?P<network>\s+with\s+network)?\s*:\s+(?P<words>\S.*)"
)
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST_NAME = 40

_DAY = r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*"
_NUMBER = r"\d+(\.\.\d+)?(/\d+)?"
_PART = rf"(\*(/\d+)?|{_NUMBER}(,{_NUMBER})*)"
_HOUR = r"(?!(2[4-9]|[3-9]\d))"
_CALENDAR = re.compile(
    r"(minutely|hourly|daily|weekly|monthly|quarterly|semiannually|yearly"
    rf"|({_DAY}(\.\.{_DAY})?(,{_DAY}(\.\.{_DAY})?)*\s+)?"
    rf"(({_PART}-)?{_PART}[-~]{_PART}\s+)?"
    rf"{_HOUR}{_PART}:(?![6-9]\d){_PART}(:(?![6-9]\d){_PART})?)"
    r"(\s+(?P<zone>[A-Z][A-Za-z_+-]*(/[A-Za-z0-9_+-]+)*))?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """One import run at its hours: `words` are those behind `poser import`."""

    name: str
    when: str
    words: tuple[str, ...]
    network: bool = False

    @property
    def command(self) -> str:
        """The command line for people; passwords in addresses are out."""
        return without_passwords(shlex.join(("poser", "import", *self.words)))

    @property
    def job(self) -> Timed:
        """What systemd does for it. Also a run that is killed is mailed, by what runs after."""
        scheduled = (POSER, "import", "scheduled", self.name)
        return Timed(
            name=f"import-{self.name}",
            what=f"Import {self.name}",
            command=scheduled,
            afterwards=(*scheduled, "--ended"),
            when=self.when,
            needs=("postgresql.service",),
            timeout_s=LONGEST_S,
            spread_s=SPREAD_S,
            network=self.network,
            fine=_FINE,
        )


WATCH = Timed(
    name="import-watch",
    what="Missed import runs mailed",
    command=(POSER, "import", "schedules", "--mail"),
    when="*:10",
    needs=("postgresql.service",),
)
"""Looks every hour whether a run was missed."""


def jobs(text: str, place: str) -> tuple[Timed, ...]:
    """Return what systemd does for the schedules in a setting; nothing where there are none."""
    found = schedules(text, place)
    return (*(one.job for one in found), WATCH) if found else ()


def configured(config: Config) -> tuple[Schedule, ...]:
    """Return the schedules of this node. Raises ConfigError for a line that is none."""
    entry = config.get(SCHEDULES.name)
    return schedules(SCHEDULES(config), entry.place if entry else SCHEDULES.name)


def named(config: Config, name: str) -> Schedule:
    """Return one schedule of this node. Raises ConfigError for a name that none has."""
    found = configured(config)
    for one in found:
        if one.name == name:
            return one
    raise ConfigError(
        f"no import run is scheduled by the name {name!r}",
        hint=f"scheduled are {', '.join(one.name for one in found)}"
        if found
        else f"the setting {SCHEDULES.name} names them",
    )


def schedules(text: str, place: str) -> tuple[Schedule, ...]:
    """Read the lines of the setting; `place` is where it stands, for messages."""
    found: dict[str, Schedule] = {}
    for one in _read(text, place):
        if one.name in found:
            raise ConfigError(
                f"{place}: two import runs have the name {one.name}", hint="rename one of them"
            )
        found[one.name] = one
    return tuple(found.values())


def _read(text: str, place: str) -> Iterator[Schedule]:
    lines = (line.strip() for line in text.splitlines())
    for line in (one for one in lines if one and not one.startswith("#")):
        match = _LINE.fullmatch(line)
        if match is None:
            raise ConfigError(
                f"{place}: {line!r} schedules no import run",
                hint="write NAME at WHEN: WORDS, as in prices at 03:30: csv Product --from /x.csv",
            )
        name, when = match["name"], match["when"]
        if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME or name == "watch":
            raise ConfigError(
                f"{place}: an import run cannot be called {name!r}",
                hint=f"small letters, digits, and hyphens between, at most {_LONGEST_NAME}",
            )
        if not _CALENDAR.fullmatch(when):
            raise ConfigError(
                f"{place}: import run {name}: {when!r} is no time of systemd's calendar",
                hint="such as 03:30, Mon..Fri 18:00 Europe/Berlin, *-*-01 04:00, hourly",
            )
        yield Schedule(
            name=name,
            when=when,
            words=_words(match["words"], f"{place}: import run {name}"),
            network=bool(match["network"]),
        )


def _words(text: str, place: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        raise ConfigError(
            f"{place}: {text}: {error}", hint="close the quotation marks, as in a shell"
        ) from None
