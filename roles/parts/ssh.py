# SPDX-License-Identifier: Apache-2.0
"""Remote access: sshd that takes keys only and speaks modern algorithms only."""

from poser.machine.resource import Resource
from poser.machine.resources.directory import Directory
from poser.machine.resources.file import File
from poser.machine.resources.packages import Packages
from poser.machine.resources.service import Service
from roles.files import shipped
from roles.settings import setting
from roles.values import Host, Part, Port

CONFIG = "/etc/ssh/sshd_config.d/10-poser.conf"
KEYS = "/root/.ssh/authorized_keys"


def ssh(host: Host) -> Part:
    """Return sshd and who may come in; every change to it is undone unless confirmed."""
    return Part(
        name="ssh",
        what=__doc__ or "",
        resources=(
            Packages(names=("nftables", "openssh-server")),
            *_keys(host),
            shipped(CONFIG, guarded=True, check=("sshd", "-t", "-f", "{}")),
            Service(unit="ssh.service", reload_on=(CONFIG,)),
        ),
        ports=(Port(22, serves="ssh", open_to=setting(host.settings, "machine.ssh_open_to")),),
        promises=("sshd refuses passwords and weak algorithms",),
    )


def _keys(host: Host) -> tuple[Resource, ...]:
    """Let the control environment's keys in, and no others, as root."""
    keys = "".join(f"{key.strip()}\n" for key in host.ssh_public_keys)
    return (
        Directory(path="/root/.ssh", mode=0o700, owner="root", group="root"),
        File(path=KEYS, content=keys, mode=0o600, guarded=True),
    )
