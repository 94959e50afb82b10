# SPDX-License-Identifier: Apache-2.0
"""What all pages of a running portal share."""

from dataclasses import dataclass
from pathlib import Path

from poser.config import Config
from poser.config.load import NODE, RELEASE, ROLE
from poser.db import engine
from poser.db.settings import url
from poser.shown import PORTAL_NAME
from web import assets
from web.assets import Assets
from web.portal import settings
from web.rendering import of_folder
from web.surroundings import DATABASES, PAGE_TIMEOUT_MS, Node, Surroundings

STATIC = Path(__file__).parent / "static"
TEMPLATES = Path(__file__).parent / "templates"
_SHARED = ("tokens.css", "favicon.svg")


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal(Surroundings):
    """The portal's surroundings."""

    @property
    def shop(self) -> str:
        """The name of the shop, as customers know it."""
        return PORTAL_NAME(self.config)


def portal_assets() -> Assets:
    """Give the portal's files: its own style sheet, and the colors and sizes that all share."""
    return Assets(STATIC, shared=[assets.FOLDER / name for name in _SHARED])


def open_portal(config: Config) -> Portal:
    """Make everything from the settings. Opens no page's connection yet. Raises ConfigError."""
    files = portal_assets()
    return Portal(
        config=config,
        node=Node(name=NODE(config) or "poser", role=ROLE(config), release=RELEASE(config)),
        engines={
            name: engine(
                url(config, name),
                application="poser-portal",
                pool_size=settings.THREADS(config),
                statement_timeout_ms=PAGE_TIMEOUT_MS,
            )
            for name in DATABASES
        },
        templates=of_folder(TEMPLATES, files),
        assets=files,
        secret=settings.secret(config),
        is_secure=settings.is_secure(config),
    )
