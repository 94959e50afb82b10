# SPDX-License-Identifier: Apache-2.0
"""What every web app of a node has around it, whoever its pages are for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from poser.clock import Clock, utc_now
from poser.config import Config
from poser.shown import TIME_ZONE

if TYPE_CHECKING:
    from web.assets import Assets
    from web.rendering import Templates

DATABASES = ("poser", "trainwreck")
"""Those of the node's databases that pages show something of."""

PAGE_TIMEOUT_MS = 3_000
"""How long PostgreSQL may work on one statement of a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """The machine an app runs on, as pages name it."""

    name: str
    role: str
    release: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Made once, before the workers start.

    `config` changes while they run: each worker follows the settings of the database.
    """

    config: Config
    node: Node
    engines: Mapping[str, Engine]
    templates: "Templates"
    assets: "Assets"
    secret: bytes
    is_secure: bool
    clock: Clock = utc_now

    @property
    def zone(self) -> ZoneInfo:
        """The time zone that times are shown in now."""
        return TIME_ZONE(self.config)

    @property
    def urls(self) -> dict[str, str]:
        """The addresses of the databases, by name; they hold passwords."""
        return {
            name: each.url.render_as_string(hide_password=False)
            for name, each in self.engines.items()
        }

    def close(self) -> None:
        """Close the connections to the databases; they open again when needed."""
        for each in self.engines.values():
            each.dispose()
