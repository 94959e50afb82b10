# SPDX-License-Identifier: Apache-2.0
"""Store node: one shop's own database and web app, which need nobody outside the shop."""

from poser import services
from roles.parts.debian import debian
from roles.parts.imports import imports
from roles.parts.mail import mail
from roles.parts.mail import settings as mail_settings
from roles.parts.nginx import EVENTS_SOCKET, SOCKET, nginx
from roles.parts.postgresql import postgresql
from roles.parts.release import release
from roles.parts.ssh import ssh
from roles.parts.tls import tls
from roles.values import Host, Role


def store(host: Host) -> Role:
    """Return what a store node is."""
    settings = {
        **mail_settings(host),
        "web.bind": f"unix:{SOCKET}",
        "events.bind": f"unix:{EVENTS_SOCKET}",
        "web.workers": "2",
        "web.threads": "4",
        "web.public_url": f"https://{host.address}",
    }
    return Role(
        name="store",
        what=__doc__ or "",
        parts=(
            debian(host),
            ssh(host),
            tls(host),
            postgresql(host),
            mail(host),
            nginx(host),
            release(
                host,
                services=(services.WEB, services.MAIL, services.TASKS, services.EVENTS),
                timed=(services.UPKEEP,),
                settings=settings,
            ),
            imports(host),
        ),
        promises_of_its_own=(
            "poser-tasks waits for work, and comes back after it is killed",
            "open pages are told of changes",
            "nothing but the declared ports listens",
            "poser doctor finds nothing wrong",
        ),
    )
