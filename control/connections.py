# SPDX-License-Identifier: Apache-2.0
"""Connections to machines by Fabric: pinned host keys, one key to sign in, clear errors."""

import socket
from typing import TYPE_CHECKING, NoReturn

import paramiko
from fabric import Connection  # type: ignore[import-untyped]  # Fabric ships no types

from control import host_keys
from control.inventory import Machine
from control.paths import shown
from control.secrets import Secrets
from control.ssh_keys import sign_in_key
from poser.errors import PoserError, Unavailable

if TYPE_CHECKING:
    from paramiko.pkey import PKey

CONNECT_S = 10
SIGN_IN_S = 20
SILENT_S = 30
"""A machine that acknowledges nothing for this long is given up."""


class HostKeyRefused(PoserError):  # noqa: N818 - says what happened, as the sentence would
    """A machine showed a host key that is not the pinned one, or none is pinned."""


class _RefuseUnknown(paramiko.MissingHostKeyPolicy):
    """Refuses machines whose host key is not pinned, and says how to pin it."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: "PKey") -> NoReturn:
        """Raise HostKeyRefused with the fingerprint."""
        del client, hostname
        name = self._machine.name
        raise HostKeyRefused(
            f"{_where(self._machine)} is not known yet:"
            f" its {key.get_name()} host key is {key.fingerprint}",
            hint=f"compare that with the machine itself, then pin it: fab trust host={name}",
        )


def connect(machine: Machine, secrets: Secrets) -> Connection:
    """Return an open connection to `machine`; close it when done.

    Raises HostKeyRefused, PoserError when the key to sign in is refused, and Unavailable when
    the machine cannot be reached.
    """
    key = sign_in_key(secrets)
    connection = Connection(
        machine.address,
        user=machine.user,
        port=machine.port,
        connect_timeout=CONNECT_S,
        connect_kwargs={
            "key_filename": str(key.path),
            "allow_agent": False,
            "look_for_keys": False,
            "banner_timeout": SIGN_IN_S,
            "auth_timeout": SIGN_IN_S,
        },
    )
    connection.client.set_missing_host_key_policy(_RefuseUnknown(machine))
    if host_keys.pinned(secrets, machine.address, machine.port):
        connection.client.load_system_host_keys(str(host_keys.path(secrets)))
    try:
        connection.open()
    except (paramiko.SSHException, OSError, EOFError) as error:
        connection.client.close()
        raise _explained(error, machine, secrets) from error
    _give_up_when_silent(connection)
    return connection


def shown_host_key(machine: Machine) -> str:
    """Return the host key "TYPE BASE64" that a machine shows, before any is pinned."""
    try:
        with socket.create_connection((machine.address, machine.port), CONNECT_S) as plain:
            transport = paramiko.Transport(plain)
            try:
                transport.start_client(timeout=CONNECT_S)
                key = transport.get_remote_server_key()
            finally:
                transport.close()
    except (paramiko.SSHException, OSError, EOFError) as error:
        raise _unreachable(error, machine) from error
    return f"{key.get_name()} {key.get_base64()}"


def _explained(error: Exception, machine: Machine, secrets: Secrets) -> PoserError:
    """Return the error that says what happened, where, and what to do."""
    where = _where(machine)
    if isinstance(error, paramiko.BadHostKeyException):
        return HostKeyRefused(
            f"{where} showed another host key than the pinned one:"
            f" {error.key.fingerprint} instead of {error.expected_key.fingerprint}",
            hint="somebody may stand between you and the machine. Only if it was installed anew:"
            f" fab trust host={machine.name}",
        )
    if isinstance(error, paramiko.AuthenticationException):
        public = shown(secrets.folder / "ssh" / "id_ed25519.pub")
        return PoserError(
            f"{where} does not let {machine.user!r} sign in with the key {public}",
            hint=f"give it the key: ssh-copy-id -f -i {public} -p {machine.port}"
            f" {machine.user}@{machine.address}",
        )
    return _unreachable(error, machine)


def _unreachable(error: Exception, machine: Machine) -> Unavailable:
    where = _where(machine)
    if isinstance(error, paramiko.ssh_exception.NoValidConnectionsError):
        error = next(iter(error.errors.values()))
    if isinstance(error, TimeoutError):
        return Unavailable(
            f"{where} does not answer within {CONNECT_S} s",
            hint="is it switched on, and is the line to it there? fab status asks every machine",
        )
    if isinstance(error, ConnectionRefusedError):
        return Unavailable(
            f"{where} refuses connections: no SSH server listens there",
            hint="is openssh-server installed and running, and is the port right?",
        )
    if isinstance(error, socket.gaierror):
        return Unavailable(
            f"there is no address for the name {machine.address!r} of {machine.name}",
            hint="write an IP address into the inventory, or mend the name",
        )
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return Unavailable(
        f"no SSH connection to {where}: {reason}",
        hint="see what ssh itself says: fab ssh host=" + machine.name,
    )


def _where(machine: Machine) -> str:
    return f"{machine.name} ({host_keys.name(machine.address, machine.port)})"


def _give_up_when_silent(connection: Connection) -> None:
    """Let the kernel end a connection whose other side is gone, instead of waiting for ever."""
    plain = getattr(connection.transport, "sock", None)
    if not isinstance(plain, socket.socket):
        return  # reached through another machine, whose connection is watched
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, SILENT_S // 3)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, SILENT_S // 6)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 4)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENT_S * 1000)
