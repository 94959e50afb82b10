# SPDX-License-Identifier: Apache-2.0
"""Which systems are watched, as the settings name them.

    [datasync]
    watch =
        wholesaler every 5s by changed_at: northwind Product Vendor --from postgresql:///northwind
        prices every 30s: csv Product --from /srv/incoming/prices.csv
        till every 2s with network: http Customer --from https://till.example/customers

A line is `NAME every INTERVAL: WORDS`, the words being those behind `poser import`: whatever can be
imported can be watched. `by COLUMN` names a column of a database's tables that is newer in rows
that changed, such as a time: then only newer rows are read, and all of them once an hour. `with
network` lets the daemon reach other machines; without it, it can read files and this machine's
databases only.

Light: roles read the same lines from the inventory.
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from poser.config import Config, Setting
from poser.errors import ConfigError

WATCH = Setting(
    "datasync.watch",
    str,
    default="",
    doc="Other systems that are watched, one a line: NAME every 5s: WORDS as behind"
    " `poser import`.",
    file_only=True,
)

_LINE = re.compile(
    r"(?P<name>\S+)\s+every\s+(?P<number>\d+)\s*(?P<unit>s|min|h)(\s+by\s+(?P<by>\w+))?"
    r"(?P<network>\s+with\s+network)?\s*:\s+(?P<words>\S.*)"
)
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_UNITS = {"s": "seconds", "min": "minutes", "h": "hours"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """One system that is watched: `words` are those behind `poser import`.

    `by` is the column that says which rows are new, empty where all are read each time.
    """

    name: str
    every: timedelta
    words: tuple[str, ...]
    by: str = ""
    network: bool = False


def configured(config: Config) -> tuple[Watch, ...]:
    """Return what this node watches. Raises ConfigError for a line that is none."""
    entry = config.get(WATCH.name)
    return watches(WATCH(config), entry.place if entry else WATCH.name)


def named(config: Config, name: str) -> Watch:
    """Return one watched system. Raises ConfigError for a name that none has."""
    found = configured(config)
    for one in found:
        if one.name == name:
            return one
    known = f"watched are {', '.join(one.name for one in found)}"
    raise ConfigError(
        f"no watched system has the name {name!r}",
        hint=known if found else f"the setting {WATCH.name} names them",
    )


def watches(text: str, place: str) -> tuple[Watch, ...]:
    """Read the lines of the setting; `place` is where it stands, for messages."""
    found = list(_read(text, place))
    names = [one.name for one in found]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ConfigError(f"{place}: two watched systems are called {twice}", hint="rename one")
    return tuple(found)


def _read(text: str, place: str) -> Iterator[Watch]:
    for line in filter(None, (line.strip() for line in text.splitlines())):
        said = _LINE.fullmatch(line)
        if said is None or not _NAME.fullmatch(said["name"]) or not int(said["number"]):
            raise ConfigError(
                f"{place}: {line!r} does not say what is watched",
                hint="as in: prices every 30s: csv Product --from /srv/incoming/prices.csv",
            )
        try:
            words = tuple(shlex.split(said["words"]))
        except ValueError as error:
            raise ConfigError(f"{place}: {line!r}: {error}", hint="close the quotes") from error
        yield Watch(
            name=said["name"],
            every=timedelta(**{_UNITS[said["unit"]]: int(said["number"])}),
            words=words,
            by=said["by"] or "",
            network=bool(said["network"]),
        )
