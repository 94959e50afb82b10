# SPDX-License-Identifier: Apache-2.0
"""Where a probe keeps what, and what it was told by `/etc/tempmon-client.toml`."""

import hashlib
import os
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from tempmon_client.one_wire import DEVICES

CONFIG = Path("/etc/tempmon-client.toml")
BOARD_SERIAL = Path("/proc/device-tree/serial-number")
MACHINE_ID = Path("/etc/machine-id")


class ConfigError(ValueError):
    """The settings of this probe cannot be used; the words name the file and the line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pins:
    """The pins (GPIO numbers) of what hangs on the board; 0 for what does not."""

    light: int = 17
    buzzer: int = 18
    button: int = 27
    door: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Paths, the node, and pins; all have a default that fits the image."""

    server: str = ""
    authority: Path = Path("/etc/ssl/certs/poser-authority.pem")
    state: Path = Path("/var/lib/tempmon-client")
    run: Path = Path("/run/tempmon-client")
    boot: Path = Path("/boot/firmware")
    devices: Path = DEVICES
    release: Path = Path("/opt/tempmon-client/current")
    pins: Pins = field(default_factory=Pins)

    @property
    def spool(self) -> Path:
        """The database of readings."""
        return self.state / "spool.sqlite"

    @property
    def key(self) -> Path:
        """The probe's own key, which never leaves the card after it is enrolled."""
        return self.state / "key"

    @property
    def settings(self) -> Path:
        """What the node told last."""
        return self.state / "settings.json"

    @property
    def identity(self) -> Path:
        """What a technician wrote."""
        return self.state / "identity.json"

    @property
    def status(self) -> Path:
        """How the probe is, for `tempmon-client status`; in memory."""
        return self.run / "status.json"

    @property
    def sent(self) -> Path:
        """The release from which the node has taken readings since the boot; in memory."""
        return self.run / "sent"

    def release_id(self) -> str:
        """Return the id of the release that runs, "" where it was not installed as one."""
        return self.release.resolve().name if self.release.is_symlink() else ""


def load(path: Path | None = None) -> Places:
    """Read the settings; without the file all are as they come.

    $TEMPMON_CLIENT_CONFIG names another file. Raises ConfigError.
    """
    path = path or Path(os.environ.get("TEMPMON_CLIENT_CONFIG", CONFIG))
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Places()
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: {error}") from error
    pins = said.pop("pins", {})
    known = {"server", "authority", "state", "run", "boot", "devices", "release"}
    wrong = [*(set(said) - known), *(f"pins.{name}" for name in set(pins) - set(Pins.__slots__))]
    if wrong:
        raise ConfigError(f"{path}: {', '.join(sorted(wrong))}: there is no such setting")
    server = str(said.pop("server", ""))
    paths = {name: Path(str(value)) for name, value in said.items()}
    return Places(server=server, **paths, pins=Pins(**pins))


def serial() -> str:
    """Return the serial number of the board, or one that is made from the machine's id."""
    try:
        found = BOARD_SERIAL.read_text().strip("\0\n ")
    except OSError:
        found = ""
    if found:
        return found
    return "m" + hashlib.sha256(b"probe " + MACHINE_ID.read_bytes()).hexdigest()[:15]
