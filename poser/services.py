# SPDX-License-Identifier: Apache-2.0
"""The long-running programs of a node, declared once: the role makes systemd units from them."""

from dataclasses import dataclass, field

CURRENT = "/opt/poser/current"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One program that systemd keeps running as the user poser.

    `command` is an absolute path and its arguments. `needs` are units that start before it.
    The program says READY=1 and feeds the watchdog within `watchdog_s` seconds, or is killed
    and started anew. `memory_mib` is where the kernel stops it. `credentials` are names of files
    in /etc/poser/credentials, which it finds under $CREDENTIALS_DIRECTORY. It may write to folders
    of its own in /run, /var/cache and /tmp, and nowhere else.
    """

    name: str
    what: str
    command: tuple[str, ...]
    needs: tuple[str, ...] = ()
    memory_mib: int = 512
    watchdog_s: int = 10
    credentials: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = field(default=())

    @property
    def unit(self) -> str:
        """The name of its systemd unit."""
        return f"poser-{self.name}.service"

    @property
    def runtime_directory(self) -> str:
        """The folder below /run that is its own; sockets live there."""
        return f"poser-{self.name}"


WEB = Service(
    name="web",
    what="The web app of this node",
    command=(f"{CURRENT}/bin/python", "-m", "web.serve"),
    needs=("postgresql.service",),
    memory_mib=768,
    watchdog_s=10,
    credentials=("web-secret",),
)
