# SPDX-License-Identifier: Apache-2.0
"""The machine's own certificate from the internal authority, for every server that runs on it."""

from poser.machine.resources.file import File
from poser.machine.resources.packages import Packages
from roles.values import Host, Part

AUTHORITY = "/etc/ssl/certs/poser-authority.pem"
CERTIFICATE = "/etc/ssl/certs/poser.pem"
KEY = "/etc/ssl/private/poser.key"


def tls(host: Host) -> Part:
    """Return certificate, key and authority; the group ssl-cert (PostgreSQL) reads the key."""
    return Part(
        name="tls",
        what=__doc__ or "",
        resources=(
            Packages(names=("ssl-cert",)),
            File(path=AUTHORITY, content=host.authority_pem),
            File(path=CERTIFICATE, content=host.certificate_pem + host.authority_pem),
            File(
                path=KEY,
                content=host.key_pem,
                mode=0o640,
                group="ssl-cert",
                secret=True,
            ),
        ),
        promises=(
            "no secret is readable by other users or found in any log, process list or environment",
        ),
    )
