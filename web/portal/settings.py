# SPDX-License-Identifier: Apache-2.0
"""The portal's settings; its address and the shop's name are in poser.shown, for mails too."""

from pathlib import Path

from poser.config import Config, Setting
from poser.errors import ConfigError
from poser.shown import PORTAL_URL
from web import settings

CREDENTIAL = "portal-secret"

BIND = Setting(
    "portal.bind",
    str,
    default="unix:/run/poser-portal/portal.sock",
    doc="Where the portal listens: unix:PATH, or ADDRESS:PORT of this machine's loopback.",
    file_only=True,
)
WORKERS = Setting("portal.workers", int, default=2, low=1, high=64, doc="Processes of the portal.")
THREADS = Setting("portal.threads", int, default=4, low=1, high=64, doc="Threads of each process.")
SECRET_FILE = Setting(
    "portal.secret_file",
    Path,
    default=Path("-"),
    doc="File with the secret that signs forms, for development; services get a credential.",
    file_only=True,
)


def is_secure(config: Config) -> bool:
    """Tell whether customers come by HTTPS. Raises ConfigError unless mails can lead to us."""
    if not PORTAL_URL(config):
        raise ConfigError(
            f"{PORTAL_URL.name} is not set",
            hint="mails to customers have links to it; write https://my.example",
        )
    return settings.is_secure(config, PORTAL_URL, BIND)


def secret(config: Config) -> bytes:
    """Read the secret that signs forms."""
    return settings.secret(config, CREDENTIAL, SECRET_FILE)
