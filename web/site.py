# SPDX-License-Identifier: Apache-2.0
"""What all pages of one running web app share: node, databases, templates, secret."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from poser.clock import Clock, utc_now
from poser.config import Config
from poser.config.load import NODE, RELEASE, ROLE
from poser.db import engine
from poser.db.settings import url
from poser.extensions.configured import extensions
from poser.shown import TIME_ZONE
from web import settings
from web.alerts.counting import Alerts
from web.assets import Assets
from web.grid.counting import Counts
from web.node_status.journal import Reader
from web.node_status.units import Systemd
from web.permissions import Permission
from web.rendering import Templates

if TYPE_CHECKING:
    from web.resources import Resource

DATABASES = ("poser", "trainwreck")
"""Those of the node's databases that pages show something of."""

PAGE_TIMEOUT_MS = 3_000
"""How long PostgreSQL may work on one statement of a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """The machine this app runs on, as pages name it."""

    name: str
    role: str
    release: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The web app's surroundings, made once before the workers start.

    `config` changes while they run: each worker follows the settings of the database.
    `resources` are those of the pages by the name of their table, filled in by `find_pages`;
    `permissions` are all that pages and extensions ask for by name, filled in by `create_app`.
    """

    config: Config
    node: Node
    engines: Mapping[str, Engine]
    templates: Templates
    assets: Assets
    secret: bytes
    is_secure: bool
    clock: Clock = utc_now
    counts: Counts = field(default_factory=Counts)
    alerts: Alerts = field(default_factory=Alerts)
    systemd: Systemd = field(default_factory=Systemd)
    journal: Reader = field(default_factory=Reader)
    resources: "dict[str, Resource]" = field(default_factory=dict)
    permissions: dict[str, Permission] = field(default_factory=dict)

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


def open_site(config: Config) -> Site:
    """Make everything from the settings. Opens no page's connection yet. Raises ConfigError."""
    found = extensions(config)
    assets = Assets(extensions=found)
    return Site(
        config=config,
        node=Node(name=NODE(config) or "poser", role=ROLE(config), release=RELEASE(config)),
        engines={
            name: engine(
                url(config, name),
                application="poser-web",
                pool_size=settings.THREADS(config),
                statement_timeout_ms=PAGE_TIMEOUT_MS,
            )
            for name in DATABASES
        },
        templates=Templates(assets, extensions=found),
        assets=assets,
        secret=settings.secret(config),
        is_secure=settings.is_secure(config),
    )
