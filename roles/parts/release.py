# SPDX-License-Identifier: Apache-2.0
"""The node's own software: a release, its databases brought up to date, its settings, services."""

from collections.abc import Iterator, Mapping, Sequence

from poser.machine.resource import Resource
from poser.machine.resources.command import Command
from poser.machine.resources.directory import Directory
from poser.machine.resources.file import File
from poser.machine.resources.packages import Packages
from poser.machine.resources.release import Migrated, Release, ReleaseLink
from poser.machine.resources.service import Service as Running
from poser.machine.resources.unit import Unit
from poser.machine.resources.users import Group
from poser.services import CURRENT, Service, Timed
from roles.files import shipped
from roles.parts.postgresql import OWNER
from roles.parts.service import CREDENTIALS, socket_group, timed_unit, timer, unit
from roles.poser_conf import PATH as CONFIG
from roles.poser_conf import poser_conf
from roles.values import Host, Part

ROOT = "/opt/poser"
FIRST_USER = "admin"
EXTENDED = "what extensions add is there: tables with their history, and commands"


def release(
    host: Host,
    *,
    services: Sequence[Service],
    timed: Sequence[Timed],
    settings: Mapping[str, str],
) -> Part:
    """Return the release `host` runs: unpacked, migrated, then switched to, then started.

    `settings` are the role's lines of poser.conf, keyed "section.key".
    """
    credentials = sorted({name for service in services for name in service.credentials})
    return Part(
        name="release",
        what=__doc__ or "",
        resources=(
            Packages(names=("python3", "python3-venv", "tzdata")),
            Release(
                id=host.release.id,
                bundle_sha256=host.release.sha256,
                root=ROOT,
                # Compiled templates: with them the web app starts in two thirds of the time.
                prepare=("-m", "web.rendering", *host.release.extensions),
            ),
            _config(host, settings),
            *_credentials(host, credentials),
            *_migrated(host),
            ReleaseLink(id=host.release.id, root=ROOT),
            shipped("/usr/local/bin/poser", mode=0o755),
            # Before datasync brings the people of other nodes: it is added where there is nobody.
            _first_user(host),
            *(one for service in services for one in _running(service)),
            *(one for job in timed for one in timed_resources(job)),
        ),
        services=tuple(services),
        timed=tuple(timed),
        promises=(
            "a signed-in person finds a product by its barcode",
            "poser-web comes back after it is killed",
            "poser-web comes back after it hangs",
            "every service of ours is confined",
            "jobs of ours are done at their hours",
            *((EXTENDED,) if host.release.extensions else ()),
        ),
    )


def _config(host: Host, settings: Mapping[str, str]) -> Resource:
    """Return the settings file, which the new release must like before it is put in place."""
    poser = f"{ROOT}/releases/{host.release.id}/bin/poser"
    return File(
        path=CONFIG,
        content=poser_conf(host, settings),
        mode=0o640,
        group="poser",
        check=(poser, "-c", "{}", "config", "check", "--files"),
    )


def _credentials(host: Host, names: Sequence[str]) -> Iterator[Resource]:
    """Yield the files that systemd hands to services, readable by root alone."""
    yield Directory(path=CREDENTIALS, mode=0o700)
    for name in names:
        yield File(path=f"{CREDENTIALS}/{name}", content=host.secret(name), mode=0o600, secret=True)


def _migrated(host: Host) -> Iterator[Resource]:
    """Yield the databases at the newest migrations, made by the release that is not yet in use."""
    upgrade = f"{ROOT}/releases/{host.release.id}/bin/poser"
    for database, heads in sorted(host.release.heads.items()):
        yield Migrated(
            database=database,
            branch_heads=heads,
            command=(upgrade, "db", "upgrade"),
            user=OWNER,
        )


def _running(service: Service) -> Iterator[Resource]:
    """Yield what keeps one service of ours running."""
    unit_file = f"/etc/systemd/system/{service.unit}"
    credentials = (f"{CREDENTIALS}/{name}" for name in service.credentials)
    yield Group(name=socket_group(service))
    yield Unit(name=service.unit, content=unit(service))
    yield Running(unit=service.unit, restart_on=(CURRENT, unit_file, CONFIG, *credentials))


def timed_resources(job: Timed) -> Iterator[Resource]:
    """Yield what does one job of ours at its hours."""
    yield Unit(name=job.unit, content=timed_unit(job))
    yield Unit(name=job.timer, content=timer(job))
    yield Running(unit=job.timer)


def _first_user(host: Host) -> Resource:
    """Return the person who can sign in to a node that knows nobody yet; each node has its own."""
    poser = f"{CURRENT}/bin/poser"
    to_all = ("--user-role", "Administrators", "--local", "--password-stdin", "--if-missing")
    return Command(
        name="first user",
        run=(poser, "user", "add", FIRST_USER, *to_all),
        unless_sql=("poser", "select exists (select from users)"),
        user="poser",
        stdin=host.secret("admin-password"),
    )
