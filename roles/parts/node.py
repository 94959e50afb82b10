# SPDX-License-Identifier: Apache-2.0
"""What every node has: a machine with a database, mail, the web app and jobs at their hours."""

from collections.abc import Mapping, Sequence

from poser import services
from poser.services import Service
from roles.parts.debian import debian
from roles.parts.imports import imports
from roles.parts.links import linking, links
from roles.parts.links import settings as link_settings
from roles.parts.mail import mail
from roles.parts.mail import settings as mail_settings
from roles.parts.nginx import nginx
from roles.parts.postgresql import postgresql
from roles.parts.release import release
from roles.parts.sites import EVENTS_SOCKET, SOCKET, Site
from roles.parts.ssh import ssh
from roles.parts.tls import tls
from roles.values import Host, Part

PROMISES = (
    "poser-tasks waits for work, and comes back after it is killed",
    "open pages are told of changes",
    "nothing but the declared ports listens",
    "poser doctor finds nothing wrong",
)
"""What a node keeps as a whole, whichever role it has."""


def node(
    host: Host,
    *,
    url: str,
    sites: Sequence[Site],
    more: Sequence[Service] = (),
    settings: Mapping[str, str] | None = None,
) -> tuple[Part, ...]:
    """Return the parts of a node whose web app people open at `url`, through `sites`.

    It also runs the services `more`, which read `settings`.
    """
    return (
        debian(host),
        ssh(host),
        tls(host),
        *links(host),
        postgresql(host),
        mail(host),
        nginx(sites),
        release(
            host,
            services=(
                *(services.WEB, services.MAIL, services.TASKS, services.EVENTS),
                *linking(host),
                *more,
            ),
            timed=(services.UPKEEP,),
            settings={**_settings(host, url), **(settings or {})},
        ),
        imports(host),
    )


def _settings(host: Host, url: str) -> Mapping[str, str]:
    return {
        **mail_settings(host),
        "web.bind": f"unix:{SOCKET}",
        "events.bind": f"unix:{EVENTS_SOCKET}",
        "web.workers": "2",
        "web.threads": "4",
        "web.public_url": url,
        **link_settings(host),
    }
