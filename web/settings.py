# SPDX-License-Identifier: Apache-2.0
"""The web app's settings, and what follows from them."""

import os
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from poser.config import Config, Setting
from poser.config.secret_files import read_secret
from poser.errors import ConfigError
from poser.shown import PUBLIC_URL

CREDENTIAL = "web-secret"
SHORTEST_SECRET = 32

BIND = Setting(
    "web.bind",
    str,
    default="unix:/run/poser-web/web.sock",
    doc="Where the web app listens: unix:PATH, or ADDRESS:PORT of this machine's loopback.",
    file_only=True,
)
WORKERS = Setting("web.workers", int, default=2, low=1, high=64, doc="Processes of the web app.")
THREADS = Setting("web.threads", int, default=4, low=1, high=64, doc="Threads of each process.")
SECRET_FILE = Setting(
    "web.secret_file",
    Path,
    default=Path("-"),
    doc="File with the secret that signs forms, for development; services get a credential.",
    file_only=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """Where to listen: the path of a Unix socket, or an address and port on loopback."""

    path: Path | None = None
    address: str = ""
    port: int = 0


def listen(config: Config, setting: Setting[str] = BIND) -> Listen:
    """Read where to listen. Only loopback may be reached without nginx and TLS in front."""
    text = setting(config)
    if text.startswith("unix:"):
        return Listen(path=Path(text.removeprefix("unix:")))
    address, _, port = text.rpartition(":")
    try:
        is_loopback = ip_address(address.strip("[]")).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback or not port.isdigit() or int(port) >= 1 << 16:
        raise ConfigError(
            f"{setting.name}: {text!r} is neither unix:PATH nor a port of 127.0.0.1 or [::1]",
            hint="people reach the app through nginx, which passes requests to a Unix socket",
        )
    return Listen(address=address.strip("[]"), port=int(port))


def is_secure(config: Config, url: Setting[str] = PUBLIC_URL, bind: Setting[str] = BIND) -> bool:
    """Tell whether people come by HTTPS, so that cookies are sent by HTTPS only.

    Plain HTTP is for development: ConfigError unless the public address and the socket
    are both on loopback.
    """
    address = urlsplit(url(config))
    if address.scheme == "https":
        return True
    is_loopback = (address.hostname or "127.0.0.1") in {"127.0.0.1", "::1", "localhost"}
    if listen(config, bind).path is None and is_loopback and address.scheme in {"", "http"}:
        return False
    raise ConfigError(
        f"{url.name}: {url(config)!r} is no https address",
        hint="passwords travel by HTTPS only; http is for a port on loopback",
    )


def secret(
    config: Config, credential: str = CREDENTIAL, file: Setting[Path] = SECRET_FILE
) -> bytes:
    """Read the secret that signs forms: systemd's credential, or the file of the settings."""
    app = credential.removesuffix("-secret")
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    path = Path(folder) / credential if folder else file(config)
    if path.name in {"", "-"}:
        raise ConfigError(
            f"the {app} app has no secret",
            hint=f"give the unit LoadCredential={credential}, or set {file.name} for development",
        )
    value = read_secret(path, f"the {app} app's secret").encode()
    if len(value) < SHORTEST_SECRET:
        raise ConfigError(
            f"the {app} app's secret is too short: {path}",
            hint=f"it needs at least {SHORTEST_SECRET} characters: openssl rand -hex 32",
        )
    return value
