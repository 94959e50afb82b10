# SPDX-License-Identifier: Apache-2.0
"""What runs of ours becomes a systemd unit that may do what it needs and nothing else."""

from collections.abc import Iterable

from poser.services import Service, Timed

CREDENTIALS = "/etc/poser/credentials"

# Exposure at most 1.5 in `systemd-analyze security`; tests/machines/promises observes it.
# Source: systemd.exec(5), systemd.resource-control(5) of systemd 257
HARDENING = """\
AmbientCapabilities=
CapabilityBoundingSet=
DevicePolicy=closed
IPAddressDeny=any
KeyringMode=private
LockPersonality=yes
MemoryDenyWriteExecute=yes
NoNewPrivileges=yes
PrivateDevices=yes
PrivateIPC=yes
PrivateMounts=yes
PrivateNetwork=yes
PrivateTmp=yes
PrivateUsers=yes
ProcSubset=pid
ProtectClock=yes
ProtectControlGroups=yes
ProtectHome=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProtectSystem=strict
RemoveIPC=yes
RestrictAddressFamilies=AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallErrorNumber=EPERM
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
UMask=0027
"""


_NO_NETWORK = ("IPAddressDeny=any\n", "PrivateNetwork=yes\n")
_LOCAL = "RestrictAddressFamilies=AF_UNIX\n"
_ANYWHERE = "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6\n"


def hardening(*, network: bool) -> str:
    """Return what confines a unit; with `network` it reaches other machines, nothing else more."""
    if not network:
        return HARDENING
    lines = (line for line in HARDENING.splitlines(keepends=True) if line not in _NO_NETWORK)
    return "".join(_ANYWHERE if line == _LOCAL else line for line in lines)


def socket_group(service: Service) -> str:
    """Return the group that may reach the sockets in the service's own folder below /run."""
    return service.runtime_directory


def _lines(key: str, values: Iterable[str]) -> str:
    return "".join(f"{key}={value}\n" for value in values)


def unit(service: Service) -> str:
    """Return the text of the systemd unit that runs `service`."""
    return f"""\
# Made by Poser from poser/services.py; changes made here are undone.
[Unit]
Description=Poser: {service.what}
After={" ".join(("network.target", *service.needs))}
{_lines("Wants", service.needs)}\
# A shop has nobody to start it again: it never gives up.
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
ExecStart={" ".join(service.command)}
User=poser
Group={socket_group(service)}
SupplementaryGroups={" ".join(("poser", *service.groups))}
WorkingDirectory=/
{_lines("LoadCredential", (f"{name}:{CREDENTIALS}/{name}" for name in service.credentials))}\
RuntimeDirectory={service.runtime_directory}
RuntimeDirectoryMode=0750
CacheDirectory={service.runtime_directory}
CacheDirectoryMode=0750

# Hung or dead, it is back within seconds.
Restart=always
RestartSec=100ms
TimeoutStartSec=60
TimeoutStopSec=20
WatchdogSec={service.watchdog_s}
WatchdogSignal=SIGKILL
KillMode=mixed
MemoryMax={service.memory_mib}M
TasksMax=256
OOMPolicy=kill

{hardening(network=service.network)}
[Install]
WantedBy=multi-user.target
"""


def timed_unit(job: Timed) -> str:
    """Return the text of the systemd unit that does the work of `job` once."""
    return f"""\
# Made by Poser from poser/services.py; changes made here are undone.
[Unit]
Description=Poser: {job.what}
After={" ".join(("network.target", *job.needs))}
{_lines("Requires", job.needs)}\

[Service]
Type=oneshot
ExecStart={" ".join(job.command)}
{_lines("ExecStopPost", filter(None, (" ".join(job.afterwards),)))}\
{_lines("SuccessExitStatus", filter(None, (" ".join(map(str, job.fine)),)))}\
User={job.user}
SupplementaryGroups=poser
WorkingDirectory=/
TimeoutStartSec={job.timeout_s}
MemoryMax={job.memory_mib}M
TasksMax=64
OOMPolicy=kill
Nice=10

{hardening(network=job.network)}"""


def timer(job: Timed) -> str:
    """Return the text of the systemd unit that says when `job` is done."""
    return f"""\
# Made by Poser from poser/services.py; changes made here are undone.
[Unit]
Description=Poser: when to do: {job.what}

[Timer]
OnCalendar={job.when}
Persistent=yes
RandomizedDelaySec={job.spread_s}
FixedRandomDelay=yes

[Install]
WantedBy=timers.target
"""
