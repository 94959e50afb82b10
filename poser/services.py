# SPDX-License-Identifier: Apache-2.0
"""The programs of a node that systemd runs, declared once: the role makes units from them.

A `Service` runs all the time, a `Timed` job at its hour.
"""

from collections.abc import Iterator
from dataclasses import dataclass

CURRENT = "/opt/poser/current"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One program that systemd keeps running as the user poser.

    `command` is an absolute path and its arguments. `needs` are units that start before it.
    The program says READY=1 and feeds the watchdog within `watchdog_s` seconds, or is killed
    and started anew. `memory_mib` is where the kernel stops it. `credentials` are names of files
    in /etc/poser/credentials, which it finds under $CREDENTIALS_DIRECTORY. It may write to folders
    of its own in /run, /var/cache and /tmp, and nowhere else. `groups` let it reach sockets of
    other programs; with `network` it may reach other machines.
    """

    name: str
    what: str
    command: tuple[str, ...]
    needs: tuple[str, ...] = ()
    memory_mib: int = 512
    watchdog_s: int = 10
    credentials: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    network: bool = False

    @property
    def unit(self) -> str:
        """The name of its systemd unit."""
        return f"poser-{self.name}.service"

    @property
    def runtime_directory(self) -> str:
        """The folder below /run that is its own; sockets live there."""
        return f"poser-{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """One program that systemd runs again and again, each time to its end.

    `when` is a time of systemd's calendar (UTC on our machines), missed ones are made up for
    after a boot, and `spread_s` keeps the machines of a chain from working in step. It runs as
    `user`, confined like a service, for at most `timeout_s` seconds; with `network` it may reach
    other machines. Exit codes in `fine` are no failure. `afterwards` runs when it has ended,
    also when it was killed.
    """

    name: str
    what: str
    command: tuple[str, ...]
    when: str
    user: str = "poser"
    needs: tuple[str, ...] = ()
    memory_mib: int = 512
    timeout_s: int = 3600
    spread_s: int = 600
    network: bool = False
    fine: tuple[int, ...] = ()
    afterwards: tuple[str, ...] = ()

    @property
    def unit(self) -> str:
        """The name of the systemd unit that does the work."""
        return f"poser-{self.name}.service"

    @property
    def timer(self) -> str:
        """The name of the systemd unit that says when."""
        return f"poser-{self.name}.timer"


UPKEEP = Timed(
    name="upkeep",
    what="Partitions made ahead, sums folded",
    command=(f"{CURRENT}/bin/poser", "db", "upkeep"),
    when="*-*-* 03:15:00 UTC",
    user="poser_owner",
    needs=("postgresql.service",),
)

WEB = Service(
    name="web",
    what="The web app of this node",
    command=(f"{CURRENT}/bin/python", "-m", "web.serve"),
    needs=("postgresql.service",),
    memory_mib=768,
    watchdog_s=10,
    credentials=("web-secret",),
    # Its page of the node shows what went wrong on it.
    groups=("systemd-journal",),
)

MAIL = Service(
    name="mail",
    what="Sends the mail of this node",
    command=(f"{CURRENT}/bin/python", "-m", "poser.mail.serve"),
    needs=("postgresql.service", "postfix.service"),
    memory_mib=256,
    # A mail server may take its time over each step of a mail.
    watchdog_s=120,
    groups=("postdrop",),
)

TASKS = Service(
    name="tasks",
    what="Does the long work that people start in the web app",
    command=(f"{CURRENT}/bin/python", "-m", "poser.tasks.serve"),
    needs=("postgresql.service",),
    memory_mib=1024,
    watchdog_s=60,
)

EVENTS = Service(
    name="events",
    what="Tells open pages of the web app what changes",
    command=(f"{CURRENT}/bin/python", "-m", "web.events.serve"),
    needs=("postgresql.service",),
    memory_mib=256,
    watchdog_s=10,
    # It recognizes people as the web app does.
    credentials=("web-secret",),
)

DATASYNC = Service(
    name="datasync",
    what="Keeps this node in step with the others",
    command=(f"{CURRENT}/bin/poser", "datasync", "run"),
    needs=("postgresql.service",),
    memory_mib=512,
    watchdog_s=60,
    credentials=("node-key",),
    network=True,
)

HUB = Service(
    name="hub",
    what="Where stores and cloud nodes dial in to be kept in step",
    command=(f"{CURRENT}/bin/python", "-m", "web.hub.serve"),
    needs=("postgresql.service",),
    memory_mib=512,
    watchdog_s=10,
)


PORTAL = Service(
    name="portal",
    what="The portal for customers",
    command=(f"{CURRENT}/bin/python", "-m", "web.portal.serve"),
    needs=("postgresql.service",),
    memory_mib=512,
    watchdog_s=10,
    credentials=("portal-secret",),
)


def watched_units() -> Iterator[str]:
    """Name the unit of everything declared here: of a timed job, the one that says when."""
    for one in globals().values():
        if isinstance(one, Service):
            yield one.unit
        elif isinstance(one, Timed):
            yield one.timer
