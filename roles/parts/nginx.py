# SPDX-License-Identifier: Apache-2.0
"""nginx in front of the programs of a node: TLS from the internal authority."""

from collections.abc import Sequence

from poser.machine.resources.absent import Absent
from poser.machine.resources.file import File
from poser.machine.resources.packages import Packages
from poser.machine.resources.service import Service
from poser.machine.resources.users import Group, User
from roles.files import shipped
from roles.parts import tls
from roles.parts.service import socket_group
from roles.parts.sites import Site
from roles.values import Part

MAIN = "/etc/nginx/nginx.conf"


def nginx(sites: Sequence[Site]) -> Part:
    """Return the web server with its sites and their ports."""
    groups = tuple(dict.fromkeys(socket_group(one) for site in sites for one in site.behind))
    files = dict.fromkeys(file for site in sites for file in site.files)
    read = (*(site.path for site in sites), MAIN, tls.CERTIFICATE, tls.KEY)
    return Part(
        name="nginx",
        what=__doc__ or "",
        resources=(
            Packages(names=("nginx",)),
            *(Group(name=name) for name in groups),
            # nginx may go into the folders of sockets and reads nothing else of the app.
            User(name="www-data", home="/var/www", groups=groups),
            Absent(path="/etc/nginx/sites-enabled/default"),
            *files,
            *(File(path=site.path, content=site.content) for site in sites),
            shipped(MAIN, check=("nginx", "-t", "-c", "{}")),
            Service(unit="nginx.service", reload_on=(*read, *(file.path for file in files))),
        ),
        ports=tuple(port for site in sites for port in site.ports),
        promises=(
            "the sign-in page answers over HTTPS",
            *(promise for site in sites for promise in site.promises),
        ),
    )
