# SPDX-License-Identifier: Apache-2.0
"""Host keys: what is pinned, how it is called, and that nothing else is accepted."""

import base64
import io
import socket
import subprocess
from pathlib import Path

import paramiko
import pytest

from control import host_keys, shell, trust
from control.connections import HostKeyRefused, _explained, _RefuseUnknown
from control.inventory import Machine
from control.secrets import Secrets
from control.ssh_keys import new_private_key, public_line
from poser.errors import PoserError

MACHINE = Machine(name="store-1", role="store", address="192.0.2.11", port=2222, user="debian")


@pytest.fixture
def secrets(tmp_path: Path) -> Secrets:
    return Secrets(tmp_path / "secrets")


def new_key() -> str:
    return " ".join(public_line(new_private_key()).split()[:2])


def test_one_key_is_pinned_for_each_address_and_port(secrets: Secrets) -> None:
    first, second, other = new_key(), new_key(), new_key()
    host_keys.pin(secrets, "192.0.2.1", first)
    host_keys.pin(secrets, "192.0.2.1", second + " root@store-1")
    host_keys.pin(secrets, "192.0.2.1", other, 2222)
    assert host_keys.pinned(secrets, "192.0.2.1") == (second,)
    assert host_keys.pinned(secrets, "192.0.2.1", 2222) == (other,)
    host_keys.forget(secrets, "192.0.2.1")
    assert host_keys.pinned(secrets, "192.0.2.1") == ()
    assert host_keys.pinned(secrets, "192.0.2.1", 2222) == (other,)


def test_openssh_finds_the_pinned_keys(secrets: Secrets) -> None:
    host_keys.pin(secrets, "192.0.2.1", new_key(), 2222)
    found = subprocess.run(
        ["ssh-keygen", "-F", "[192.0.2.1]:2222", "-f", host_keys.path(secrets)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "found: line 1" in found.stdout


def test_fingerprints_are_those_that_ssh_shows(tmp_path: Path) -> None:
    key = new_key()
    (tmp_path / "key.pub").write_text(key)
    shown = subprocess.run(
        ["ssh-keygen", "-lf", tmp_path / "key.pub"], capture_output=True, text=True, check=True
    )
    assert host_keys.fingerprint(key) in shown.stdout.split()


def paramiko_key(text: str) -> paramiko.PKey:
    return paramiko.Ed25519Key(data=base64.b64decode(text.split()[1]))


def test_an_unknown_key_is_refused_with_its_fingerprint() -> None:
    key = new_key()
    with pytest.raises(HostKeyRefused, match=r"store-1 \(\[192.0.2.11\]:2222\) is not known") as e:
        _RefuseUnknown(MACHINE).missing_host_key(
            paramiko.SSHClient(), "192.0.2.11", paramiko_key(key)
        )
    assert host_keys.fingerprint(key) in e.value.message
    assert e.value.hint.endswith("fab trust host=store-1")


def test_another_key_than_the_pinned_one_is_a_hard_error(secrets: Secrets) -> None:
    shown, pinned = new_key(), new_key()
    wrong = paramiko.BadHostKeyException("x", paramiko_key(shown), paramiko_key(pinned))
    error = _explained(wrong, MACHINE, secrets)
    assert isinstance(error, HostKeyRefused)
    assert host_keys.fingerprint(shown) in error.message
    assert host_keys.fingerprint(pinned) in error.message
    assert "somebody may stand between" in error.hint


@pytest.mark.parametrize(
    ("raised", "message", "hint"),
    [
        (TimeoutError("timed out"), "does not answer within 10 s", "switched on"),
        (ConnectionRefusedError(111, "refused"), "no SSH server listens", "openssh-server"),
        (
            paramiko.ssh_exception.NoValidConnectionsError(
                {("192.0.2.11", 2222): ConnectionRefusedError(111, "refused")}
            ),
            "no SSH server listens",
            "openssh-server",
        ),
        (socket.gaierror(-2, "unknown"), "no address for the name", "IP address"),
        (OSError(113, "No route to host"), "No route to host", "fab ssh host=store-1"),
        (EOFError(), "EOFError", "fab ssh host=store-1"),
        (paramiko.AuthenticationException("no"), "does not let 'debian' sign in", "ssh-copy-id"),
        (paramiko.SSHException("Error reading banner"), "Error reading banner", "fab ssh"),
    ],
)
def test_each_way_not_to_connect_has_its_own_words(
    secrets: Secrets, raised: Exception, message: str, hint: str
) -> None:
    error = _explained(raised, MACHINE, secrets)
    assert "store-1" in error.message
    assert message in error.message
    assert hint in error.hint


@pytest.fixture
def machine_shows(monkeypatch: pytest.MonkeyPatch) -> str:
    key = new_key()
    monkeypatch.setattr(trust, "shown_host_key", lambda _: key)
    return key


def test_a_key_that_the_user_names_is_pinned(secrets: Secrets, machine_shows: str) -> None:
    trust.trust(MACHINE, secrets, host_keys.fingerprint(machine_shows))
    assert host_keys.pinned(secrets, MACHINE.address, 2222) == (machine_shows,)
    assert "shows the pinned key" in trust.trust(MACHINE, secrets)


def test_a_key_that_the_user_did_not_name_is_not_pinned(
    secrets: Secrets, machine_shows: str
) -> None:
    with pytest.raises(PoserError, match="not SHA256:other"):
        trust.trust(MACHINE, secrets, "SHA256:other")
    assert machine_shows not in host_keys.pinned(secrets, MACHINE.address, 2222)


def test_nothing_is_pinned_when_nobody_can_be_asked(
    secrets: Secrets, machine_shows: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    with pytest.raises(PoserError, match="nobody is here to compare") as raised:
        trust.trust(MACHINE, secrets)
    assert host_keys.fingerprint(machine_shows) in raised.value.hint
    assert host_keys.pinned(secrets, MACHINE.address, 2222) == ()


def test_ssh_is_given_the_pinned_keys_and_nothing_else(secrets: Secrets) -> None:
    words = shell.ssh_command(MACHINE, secrets, ("uname", "-a"))
    assert words[-4:] == ["debian@192.0.2.11", "--", "uname", "-a"]
    assert f'UserKnownHostsFile="{secrets.folder}/known_hosts"' in words
    assert "StrictHostKeyChecking=yes" in words
    assert words[words.index("-p") + 1] == "2222"
    assert shell.ssh_command(MACHINE, secrets, ())[-1] == "debian@192.0.2.11"


def test_ssh_to_a_machine_that_is_not_known_says_how_to_pin_it(secrets: Secrets) -> None:
    with pytest.raises(PoserError, match="host key of store-1") as raised:
        shell.become_ssh(MACHINE, secrets, ())
    assert raised.value.hint == "pin it: fab trust host=store-1"
