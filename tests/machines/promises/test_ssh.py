# SPDX-License-Identifier: Apache-2.0
"""sshd refuses passwords and weak algorithms: what it offers on the line, what it answers."""

import socket
import struct

import pytest
from testinfra.host import Host as Observed

from control.verify import Subject

# What ssh-audit 3.9 has no word against.
STRONG = {
    "key exchange": {
        "mlkem768x25519-sha256",
        "sntrup761x25519-sha512",
        "sntrup761x25519-sha512@openssh.com",
    },
    "host key": {"ssh-ed25519"},
    "cipher": {"chacha20-poly1305@openssh.com", "aes256-gcm@openssh.com"},
    "mac": {"hmac-sha2-512-etm@openssh.com", "hmac-sha2-256-etm@openssh.com"},
}
# Names in the list of key exchanges that say something else (RFC 8308, strict key exchange).
SIGNS = {"ext-info-s", "kex-strict-s-v00@openssh.com"}
LISTS = ("key exchange", "host key", "cipher", "cipher", "mac", "mac")
KEXINIT = 20


def offered(address: str, port: int) -> list[tuple[str, set[str]]]:
    """Return what an SSH server offers, read from its first packet (RFC 4253, 7.1)."""
    with socket.create_connection((address, port), timeout=10) as line, line.makefile("rb") as file:
        line.sendall(b"SSH-2.0-Poser_verify\r\n")
        assert file.readline().startswith(b"SSH-2.0-")
        length, padding = struct.unpack(">IB", file.read(5))
        packet = file.read(length - 1)
        assert packet[0] == KEXINIT
        rest = packet[17 : len(packet) - padding]
    found = []
    for kind in LISTS:
        (size,) = struct.unpack(">I", rest[:4])
        found.append((kind, set(rest[4 : 4 + size].decode("ascii").split(","))))
        rest = rest[4 + size :]
    return found


@pytest.mark.promise("sshd refuses passwords and weak algorithms")
def test_only_strong_algorithms_are_offered(subject: Subject) -> None:
    (port,) = (port.number for port in subject.role.ports if port.serves == "ssh")
    for kind, names in offered(subject.host.address, port):
        assert names - SIGNS, f"no {kind} at all"
        assert names - SIGNS - STRONG[kind] == set(), f"weak {kind}"


@pytest.mark.promise("sshd refuses passwords and weak algorithms")
def test_nobody_gets_in_without_a_key(host: Observed) -> None:
    answer = host.run(
        "ssh -F none -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"
        " -o IdentitiesOnly=yes -o IdentityFile=none -o ConnectTimeout=10 root@localhost true"
    )
    assert answer.rc != 0
    assert "Permission denied (publickey)" in answer.stderr


@pytest.mark.promise("sshd refuses passwords and weak algorithms")
def test_sshd_itself_says_that_passwords_are_off(host: Observed) -> None:
    said = dict(line.split(" ", 1) for line in host.check_output("sshd -T").splitlines())
    assert said["passwordauthentication"] == "no"
    assert said["kbdinteractiveauthentication"] == "no"
    assert said["permitrootlogin"] in {"without-password", "prohibit-password"}
    assert said["authenticationmethods"] == "publickey"
