# SPDX-License-Identifier: Apache-2.0
"""What the words of programs mean for the person who reads them: a hint at the next thing to do."""

from __future__ import annotations

import os
import re

from poser.machine.disk import file_system, in_mib
from poser.machine.value import Value

_NO_PACKAGE = re.compile(
    r"^E: (?:Unable to locate package|Package '?) ?(\S+?)'?(?: has no installation candidate)?$",
    re.MULTILINE,
)
_URL = re.compile(r"(https?://[^\s']+)")
_MIRROR = re.compile(
    r"Failed to fetch|Could not resolve|Could not connect|Connection (?:failed|timed out|refused)"
    r"|does not have a Release file|Unable to fetch|is not valid yet|is not signed|expired"
)
# A full disk, and where: "... to '/usr/x': failed to write (No space left on device)".
_FULL = re.compile(
    r"(?:'(/[^'\n]+)'[^'\n]*)?No space left on device|enough free space in (/\S*?)\.?$",
    re.MULTILINE,
)
_FATAL = re.compile(r"(?:FATAL: +|\[emerg\] |[Ee]rror: )(.+)$", re.MULTILINE)
_IN_USE = "Address already in use"
_PORT = re.compile(r"(?::|port |PORT )\"?(\d{1,5})\b")


class Words(Value):
    """What apt-get's complaint comes down to; `unknown` are names of packages that are none."""

    message: str = ""
    hint: str = ""
    unknown: tuple[str, ...] = ()


def apt_words(said: str) -> Words:
    """Read the complaint of apt-get or dpkg."""
    if unknown := tuple(dict.fromkeys(_NO_PACKAGE.findall(said))):
        return Words(unknown=unknown)
    if room := no_room(said):
        return Words(message=room, hint=FULL_HINT)
    if _MIRROR.search(said):
        url = _URL.search(said)
        where = f" {url[1]}" if url else ""
        return Words(
            message=f"the package mirror{where} does not give what is asked of it",
            hint="is the mirror of the inventory right and up, and can the machine reach it?",
        )
    return Words(hint="the last lines are apt's own; run it again when that is solved")


FULL_HINT = "make room there and run again: df -h; du -xh / | sort -h | tail"


def no_room(said: str) -> str:
    """Return which file system is full, if that is what a program complains of, else ""."""
    match = _FULL.search(said)
    if match is None:
        return ""
    place = match[1] or match[2]
    return full(place) if place else fullest()


def full(path: str) -> str:
    """Say that the file system of a path is full, with numbers."""
    mount, free = file_system(path)
    return f"the file system {mount} is full: {in_mib(free)} are free"


def fullest() -> str:
    """Say which of the file systems that a run writes to has the least room left."""
    places = ("/", "/etc", "/opt", "/run", "/tmp", "/var", "/var/cache", "/var/lib", "/var/tmp")  # noqa: S108 - asked, not written
    rooms = {file_system(place) for place in places}
    mount, _ = min(rooms, key=lambda room: room[1])
    return full(mount)


def service_words(said: str) -> Words:
    """Read the log of a service that failed; a port that is taken is named with its holder."""
    for line in said.splitlines():
        port = _PORT.search(line) if _IN_USE in line else None
        if port:
            number = int(port[1])
            holder = port_holder(number)
            return Words(
                message=f"port {number} is taken" + (f" by {holder}" if holder else ""),
                hint=f"stop what listens there, or give one of the two another port: "
                f"ss -ltnp sport = :{number}",
            )
    if room := no_room(said):
        return Words(message=room, hint=FULL_HINT)
    fatal = _FATAL.search(said)
    return Words(message=fatal[1]) if fatal else Words()


def port_holder(port: int) -> str:
    """Return who listens on a TCP port, as "nginx (process 123)", or "" when nobody is found."""
    sockets = _listening(port)
    for pid in filter(str.isdecimal, os.listdir("/proc")):
        try:
            open_files = os.listdir(f"/proc/{pid}/fd")
            if any(_target(f"/proc/{pid}/fd/{fd}") in sockets for fd in open_files):
                with open(f"/proc/{pid}/comm", encoding="utf-8") as file:
                    return f"{file.read().strip()} (process {pid})"
        except OSError:  # the process ended while we looked
            continue
    return ""


def _target(link: str) -> str:
    try:
        return os.readlink(link)
    except OSError:  # the file was closed while we looked
        return ""


def _listening(port: int) -> set[str]:
    """Return the sockets that listen on a port, as /proc/PID/fd links to them."""
    found = set()
    for name in ("tcp", "tcp6"):
        try:
            with open(f"/proc/net/{name}", encoding="ascii") as file:
                rows = [line.split() for line in file.readlines()[1:]]
        except FileNotFoundError:
            continue
        for row in rows:
            if row[3] == "0A" and int(row[1].rpartition(":")[2], 16) == port:
                found.add(f"socket:[{row[9]}]")
    return found
