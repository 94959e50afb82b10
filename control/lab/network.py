# SPDX-License-Identifier: Apache-2.0
"""The lab's network: a bridge in a namespace of its own, one more namespace for each machine.

The only interface that other programs of this computer see is `pl-ID`, the link into the lab.
No packet of a machine is forwarded anywhere else: the lab has no way out.
"""

import contextlib
import ctypes
import json
import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from control.lab.addresses import Taken, cache_address, control_address
from control.lab.layers import is_mounted
from control.lab.programs import run
from poser.errors import PoserError

_NAMESPACES = Path("/run/netns")
_CLONE_NEWNET = 0x40000000


@dataclass(frozen=True, slots=True, kw_only=True)
class LabNetwork:
    """The network of the lab `id`; every method may be called again and mends what is missing."""

    id: str
    network: IPv4Network

    @property
    def link(self) -> str:
        """The interface through which this computer reaches the lab."""
        return link_of(self.id)

    @property
    def bridge_space(self) -> str:
        """The namespace that holds the bridge."""
        return f"poser-{self.id}"

    def machine_space(self, name: str) -> str:
        """Return the namespace of one machine."""
        return f"poser-{self.id}-{name}"

    def machine_space_path(self, name: str) -> Path:
        """Return the file that stands for the namespace of one machine."""
        return _NAMESPACES / self.machine_space(name)

    def make(self) -> None:
        """Make the bridge and the link of this computer to it."""
        space = self.bridge_space
        if not _has_space(space):
            _remove_link(self.link)
            _add_space(space)
        if not _has_link("br0", space):
            cache = cache_address(self.network)
            _ip(
                f"link add br0 address {_hardware(cache)} type bridge\n"
                f"addr add {cache}/{self.network.prefixlen} dev br0\n"
                "link set br0 up",
                space,
            )
        if not (_has_link(self.link) and _has_link("control", space)):
            _remove_link(self.link)
            hardware = _hardware(control_address(self.network))
            _ip(
                f"link add {self.link} address {hardware} type veth peer name control netns {space}"
            )
            _ip("link set control master br0 up", space)
        address = f"{control_address(self.network)}/{self.network.prefixlen}"
        _ip(f"addr replace {address} dev {self.link}\nlink set {self.link} up")

    def attach(self, name: str, number: int, *, is_cut: bool) -> None:
        """Give a machine its namespace and its line to the bridge."""
        space = self.machine_space(name)
        port = _port(number)
        if not _has_space(space):
            _add_space(space)
        if not (_has_link("eth0", space) and _has_link(port, self.bridge_space)):
            _remove_link("eth0", space)
            _remove_link(port, self.bridge_space)
            hardware = _hardware(self.network[number])
            _ip(
                f"link add {port} type veth peer name eth0 address {hardware} netns {space}\n"
                f"link set {port} master br0",
                self.bridge_space,
            )
        address = f"{self.network[number]}/{self.network.prefixlen}"
        _ip(f"addr replace {address} dev eth0\nlink set eth0 up", space)
        self.set_line(number, is_cut=is_cut)

    def set_line(self, number: int, *, is_cut: bool) -> None:
        """Cut or mend the line of a machine, as if its plug were pulled at the switch."""
        _ip(f"link set {_port(number)} {'down' if is_cut else 'up'}", self.bridge_space)

    def detach(self, name: str, number: int) -> None:
        """Take away the namespace and the line of a machine."""
        if _has_space(self.bridge_space):
            _remove_link(_port(number), self.bridge_space)
        _delete_space(self.machine_space(name))

    def unmake(self) -> None:
        """Take away the whole network of the lab, and nothing else of this computer's."""
        _remove_link(self.link)
        for path in sorted(_NAMESPACES.glob(f"{self.bridge_space}-*")):
            _delete_space(path.name)
        _delete_space(self.bridge_space)

    def listen(self, port: int) -> socket.socket:
        """Return a socket that listens inside the lab only, whatever this computer's firewall.

        The process that accepts from it stays outside, where it reaches the Debian mirror.
        """
        with _inside(_NAMESPACES / self.bridge_space):
            listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((str(cache_address(self.network)), port))
        listener.listen(64)
        return listener


def link_of(lab: str) -> str:
    """Return the name of the interface that leads into a lab, at most 15 characters."""
    return f"pl-{lab}"


def _hardware(address: IPv4Address) -> str:
    """Return the hardware address that goes with an address for ever.

    Those that the kernel makes up change: that of a bridge whenever a port comes or goes. Whoever
    had learned the old one would talk to nobody for ten seconds.
    """
    return ":".join(f"{each:02x}" for each in (0x02, 0x50, *address.packed))


def _port(number: int) -> str:
    return f"m{number}"


@contextlib.contextmanager
def _inside(space: Path) -> Iterator[None]:
    """Let this process make sockets inside a network namespace while the block runs."""
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("namespaces are entered by the main thread of a process of its own")
    libc = ctypes.CDLL(None, use_errno=True)
    home = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    there = os.open(space, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _set_space(libc, there)
        try:
            yield
        finally:
            _set_space(libc, home)
    finally:
        os.close(there)
        os.close(home)


def _set_space(libc: ctypes.CDLL, descriptor: int) -> None:
    if libc.setns(descriptor, _CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"setns: {os.strerror(number)}")


def _ip(commands: str, space: str = "") -> str:
    """Run `ip` commands, one a line, in a namespace or in this computer's own."""
    where = ("-n", space) if space else ()
    return run("ip", *where, "-batch", "-", text=commands + "\n")


def _has_link(link: str, space: str = "") -> bool:
    where = ("-n", space) if space else ()
    try:
        run("ip", *where, "link", "show", "dev", link)
    except PoserError:
        return False
    return True


def _remove_link(link: str, space: str = "") -> None:
    if _has_link(link, space):
        _ip(f"link delete {link}", space)


def _has_space(space: str) -> bool:
    """Say whether the namespace is real: where /run outlives a restart, its name may linger."""
    return is_mounted(_NAMESPACES / space)


def _add_space(space: str) -> None:
    (_NAMESPACES / space).unlink(missing_ok=True)
    run("ip", "netns", "add", space)
    _ip("link set lo up", space)


def _delete_space(space: str) -> None:
    path = _NAMESPACES / space
    for _ in range(8):
        if not is_mounted(path):
            break
        run("umount", str(path))
    path.unlink(missing_ok=True)


def taken_networks(but_not: str) -> list[Taken]:
    """Return the networks this computer has addresses in or routes to, but not by link `but_not`.

    Only IPv4; routes of all tables, so that those of a VPN count.
    """
    found: list[Taken] = []
    for route in json.loads(run("ip", "-4", "-j", "route", "show", "table", "all") or "[]"):
        target, device = route.get("dst", "default"), route.get("dev", "a route")
        if target == "default" or device == but_not or route.get("type") in {"broadcast", "local"}:
            continue
        found.append(Taken(network=IPv4Network(target, strict=False), by=device))
    for interface in json.loads(run("ip", "-4", "-j", "addr") or "[]"):
        if interface.get("ifname") in {but_not, None}:
            continue
        for each in interface.get("addr_info", []):
            network = IPv4Network(f"{each['local']}/{each['prefixlen']}", strict=False)
            found.append(Taken(network=network, by=interface["ifname"]))
    return found
