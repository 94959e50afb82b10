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
from dataclasses import dataclass
from datetime import timedelta

from poser.config import Config, Setting
from poser.datasync.named_lines import HEAD, TAIL, lines
from poser.errors import ConfigError

WATCH = Setting(
    "datasync.watch",
    str,
    default="",
    doc="Other systems that are watched, one a line: NAME every 5s: WORDS as behind"
    " `poser import`.",
    file_only=True,
)

_LINE = re.compile(rf"{HEAD}(\s+by\s+(?P<by>\w+))?{TAIL}")
_EXAMPLE = "prices every 30s: csv Product --from /srv/incoming/prices.csv"


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
    """Read the lines of the setting; `place` is where it stands, for messages.

    Raises ConfigError for a line that is none.
    """
    return tuple(
        Watch(
            name=one.name,
            every=one.every,
            words=one.words,
            by=one.said["by"] or "",
            network=one.network,
        )
        for one in lines(text, place, _LINE, _EXAMPLE)
    )
