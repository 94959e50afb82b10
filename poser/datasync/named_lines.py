# SPDX-License-Identifier: Apache-2.0
"""Lines of settings that name other systems: `NAME every INTERVAL ...: WORDS`.

Light: roles read the same lines from the inventory.
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from poser.errors import ConfigError

HEAD = r"(?P<name>[a-z][a-z0-9]*(-[a-z0-9]+)*)\s+every\s+(?P<number>[1-9]\d*)\s*(?P<unit>s|min|h)"
"""How a line begins."""
TAIL = r"(?P<network>\s+with\s+network)?\s*:\s+(?P<words>\S.*)"
"""How a line ends."""
_UNITS = {"s": "seconds", "min": "minutes", "h": "hours"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What all lines say; `said` is the whole match of what the setting allows."""

    name: str
    every: timedelta
    words: tuple[str, ...]
    network: bool
    said: re.Match[str]


def lines(text: str, place: str, pattern: re.Pattern[str], example: str) -> Iterator[Line]:
    """Read the lines of a setting; `place` is where it stands, for messages.

    Raises ConfigError for a line that is none, and for a name that two have.
    """
    names = set()
    for line in filter(None, (line.strip() for line in text.splitlines())):
        said = pattern.fullmatch(line)
        if said is None:
            raise ConfigError(f"{place}: {line!r} cannot be read", hint=f"as in: {example}")
        try:
            words = tuple(shlex.split(said["words"]))
        except ValueError as error:
            raise ConfigError(f"{place}: {line!r}: {error}", hint="close the quotes") from error
        name = said["name"]
        if name in names:
            raise ConfigError(f"{place}: two systems are called {name}", hint="rename one")
        names.add(name)
        yield Line(
            name=name,
            every=timedelta(**{_UNITS[said["unit"]]: int(said["number"])}),
            words=words,
            network=bool(said["network"]),
            said=said,
        )
