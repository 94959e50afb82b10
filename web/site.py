# SPDX-License-Identifier: Apache-2.0
"""What all pages of one running web app share: node, databases, templates, secret."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from poser.config import Config
from poser.config.load import NODE, RELEASE, ROLE
from poser.datasync.settings import HOST_URL, KIND
from poser.db import engine
from poser.db.settings import url
from poser.extensions.configured import extensions
from poser.model import NodeKind
from web import settings
from web.alerts.counting import Alerts
from web.assets import Assets
from web.grid.counting import Counts
from web.node_status.journal import Reader
from web.node_status.units import Systemd
from web.permissions import Permission
from web.rendering import Templates
from web.surroundings import DATABASES, PAGE_TIMEOUT_MS, Node, Surroundings

if TYPE_CHECKING:
    from web.resources import Resource

__all__ = ["DATABASES", "PAGE_TIMEOUT_MS", "Node", "Site", "open_site"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site(Surroundings):
    """The staff's web app's surroundings.

    `resources` are those of the pages by the name of their table, filled in by `find_pages`;
    `permissions` are all that pages and extensions ask for by name, filled in by `create_app`.
    `kept_there` are those that nobody has where there is a head office elsewhere, with what
    they change, as `web.head_office` says; `find_pages` fills them in.
    """

    counts: Counts = field(default_factory=Counts)
    alerts: Alerts = field(default_factory=Alerts)
    systemd: Systemd = field(default_factory=Systemd)
    journal: Reader = field(default_factory=Reader)
    resources: "dict[str, Resource]" = field(default_factory=dict)
    permissions: dict[str, Permission] = field(default_factory=dict)
    kept_there: dict[str, str] = field(default_factory=dict)

    @property
    def has_host(self) -> bool:
        """Tell whether this node is kept in step with a head office that is another node."""
        return bool(HOST_URL(self.config)) and KIND(self.config) != NodeKind.HOST


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
