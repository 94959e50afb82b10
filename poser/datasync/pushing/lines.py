# SPDX-License-Identifier: Apache-2.0
"""Which systems are kept up to date from here, as the settings name them.

    [datasync]
    push =
        labels every 10s after products, product_prices: export csv Product --to /srv/labels
        webshop every 5s after products with network: import webshop Product

A line is `NAME every INTERVAL after TABLES: WORDS`, the words being those behind `poser`: an
export, or an import whose handler writes elsewhere, and compares there what differs.

Light: roles read the same lines from the inventory.
"""

import re
from dataclasses import dataclass
from datetime import timedelta

from poser.config import Config, Setting
from poser.datasync.named_lines import HEAD, TAIL, lines

PUSH = Setting(
    "datasync.push",
    str,
    default="",
    doc="Other systems that are kept up to date, one a line: NAME every 10s after TABLE, TABLE:"
    " WORDS as behind `poser`, an export or an import that writes elsewhere.",
    file_only=True,
)
_LINE = re.compile(rf"{HEAD}\s+after\s+(?P<tables>\w+(\s*,\s*\w+)*){TAIL}")
_EXAMPLE = "labels every 10s after products: export csv Product --to /srv/labels"


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """One system that is kept up to date: `words` are those behind `poser`."""

    name: str
    every: timedelta
    tables: tuple[str, ...]
    words: tuple[str, ...]
    network: bool = False


def configured(config: Config) -> tuple[Push, ...]:
    """Return what this node keeps up to date. Raises ConfigError for a line that is none."""
    entry = config.get(PUSH.name)
    return pushes(PUSH(config), entry.place if entry else PUSH.name)


def pushes(text: str, place: str) -> tuple[Push, ...]:
    """Read the lines of the setting; `place` is where it stands, for messages.

    Raises ConfigError for a line that is none.
    """
    return tuple(
        Push(
            name=one.name,
            every=one.every,
            tables=tuple(table.strip() for table in one.said["tables"].split(",")),
            words=one.words,
            network=one.network,
        )
        for one in lines(text, place, _LINE, _EXAMPLE)
    )
