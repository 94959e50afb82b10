# SPDX-License-Identifier: Apache-2.0
"""Debian 13 as every machine has it: packages, updates, clock, journal, kernel settings, users."""

from poser.machine.resource import Resource
from poser.machine.resources.absent import Absent
from poser.machine.resources.apt import AptSource
from poser.machine.resources.command import Command
from poser.machine.resources.directory import Directory
from poser.machine.resources.file import File
from poser.machine.resources.link import Link
from poser.machine.resources.packages import Packages
from poser.machine.resources.service import Service
from poser.machine.resources.sysctl import Sysctl
from poser.machine.resources.users import Group, User
from roles.files import shipped
from roles.settings import check, setting
from roles.values import Host, Part

JOURNALD = "/etc/systemd/journald.conf.d/10-poser.conf"
TIMESYNCD = "/etc/systemd/timesyncd.conf.d/10-poser.conf"
TIMESYNC = "systemd-timesyncd.service"
TIMESYNC_AT = f"/usr/lib/systemd/system/{TIMESYNC}"
# It does not run, or it began after its settings were written.
UP_TO_DATE = (
    f"! systemctl -q is-active {TIMESYNC}"
    f" || [ /proc/$(systemctl show -P MainPID {TIMESYNC}) -nt {TIMESYNCD} ]"
)

# Source: https://www.kernel.org/doc/html/latest/admin-guide/sysctl/
KERNEL = (
    ("fs.protected_fifos", "2"),
    ("fs.protected_hardlinks", "1"),
    ("fs.protected_regular", "2"),
    ("fs.protected_symlinks", "1"),
    ("fs.suid_dumpable", "0"),
    ("kernel.dmesg_restrict", "1"),
    ("kernel.kptr_restrict", "2"),
    ("kernel.sysrq", "0"),
    ("kernel.unprivileged_bpf_disabled", "1"),
    ("kernel.yama.ptrace_scope", "2"),
    ("net.core.bpf_jit_harden", "2"),
    ("net.ipv4.conf.all.accept_redirects", "0"),
    ("net.ipv4.conf.all.accept_source_route", "0"),
    ("net.ipv4.conf.all.log_martians", "1"),
    ("net.ipv4.conf.all.rp_filter", "1"),
    ("net.ipv4.conf.all.secure_redirects", "0"),
    ("net.ipv4.conf.all.send_redirects", "0"),
    ("net.ipv4.conf.default.accept_redirects", "0"),
    ("net.ipv4.conf.default.accept_source_route", "0"),
    ("net.ipv4.conf.default.rp_filter", "1"),
    ("net.ipv4.conf.default.send_redirects", "0"),
    ("net.ipv4.icmp_echo_ignore_broadcasts", "1"),
    ("net.ipv4.tcp_rfc1337", "1"),
    ("net.ipv4.tcp_syncookies", "1"),
    ("net.ipv6.conf.all.accept_redirects", "0"),
    ("net.ipv6.conf.all.accept_source_route", "0"),
    ("net.ipv6.conf.default.accept_redirects", "0"),
    ("net.ipv6.conf.default.accept_source_route", "0"),
    ("vm.swappiness", "10"),
)


def debian(host: Host) -> Part:
    """Return the base of every machine; raises ConfigError for an unknown machine.* setting."""
    check(host.settings, machine=host.name)
    return Part(
        name="debian",
        what=__doc__ or "",
        prepares=(_booted(), *_apt(host)),
        resources=(
            Packages(
                names=(
                    "ca-certificates",
                    "iproute2",
                    "procps",
                    "sudo",
                    "systemd-timesyncd",
                    "unattended-upgrades",
                )
            ),
            *_updates(),
            *_time(host),
            shipped(JOURNALD),
            Service(unit="systemd-journald.service", restart_on=(JOURNALD,)),
            Sysctl(name="60-poser", values=KERNEL),
            Group(name="poser"),
            User(name="poser", home="/var/lib/poser"),
            Directory(path="/var/lib/poser", mode=0o750, owner="poser", group="poser"),
            Directory(path="/etc/poser", mode=0o750, owner="root", group="poser"),
        ),
        promises=("security updates are enabled",),
    )


def _booted() -> Resource:
    """Let a machine that is still booting finish: a start that is under way reads old files."""
    wait = "timeout 120 systemctl is-system-running --wait >/dev/null; :"
    busy = "case $(systemctl is-system-running) in initializing|starting) exit 1; esac"
    return Command(name="wait for the boot", run=("sh", "-c", wait), unless=("sh", "-c", busy))


def _apt(host: Host) -> tuple[Resource, ...]:
    """Say where packages come from: the mirror of the inventory, the security suite always."""
    mirror = host.mirror
    return (
        AptSource(
            name="debian",
            uris=mirror.uris,
            suites=(mirror.suite, f"{mirror.suite}-updates"),
            components=mirror.components,
            signed_by=mirror.signed_by,
        ),
        AptSource(
            name="debian-security",
            uris=mirror.security_uris,
            suites=(f"{mirror.suite}-security",),
            components=mirror.components,
            signed_by=mirror.signed_by,
        ),
        Absent(path="/etc/apt/sources.list"),
    )


def _updates() -> tuple[Resource, ...]:
    return (
        shipped("/etc/apt/apt.conf.d/52poser-upgrades"),
        Service(unit="apt-daily.timer"),
        Service(unit="apt-daily-upgrade.timer"),
        Service(unit="unattended-upgrades.service"),
    )


def _time(host: Host) -> tuple[Resource, ...]:
    """Keep the clock right, on machines that have one of their own to set.

    The package starts it; systemd leaves it out where the clock is somebody else's, so that it
    is held to start at boot, not to run now.
    """
    enabled = Link(path=f"/etc/systemd/system/sysinit.target.wants/{TIMESYNC}", target=TIMESYNC_AT)
    servers = setting(host.settings, "machine.time_servers")
    if not servers:
        return (enabled,)
    text = f"# Made by Poser from machine.time_servers.\n[Time]\nNTP={servers}\nFallbackNTP=\n"
    try_restart = ("systemctl", "try-restart", TIMESYNC)
    return (
        enabled,
        File(path=TIMESYNCD, content=text),
        Command(name="use the time servers", run=try_restart, unless=("sh", "-c", UP_TO_DATE)),
    )
