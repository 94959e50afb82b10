# SPDX-License-Identifier: Apache-2.0
"""Pins the host keys of machines that the lab did not make."""

import sys

from control import host_keys
from control.connections import shown_host_key
from control.inventory import Machine
from control.paths import shown
from control.secrets import Secrets
from control.ssh_keys import sign_in_key
from poser.errors import PoserError


def trust(machine: Machine, secrets: Secrets, expected: str = "") -> str:
    """Pin the host key that `machine` shows now, and return a sentence about it.

    With `expected`, a fingerprint as ssh shows it ("SHA256:..."), only that key is pinned;
    without, the user is shown the fingerprint and asked. Raises PoserError when the key is
    another one, when nobody says yes, or when nobody can be asked.
    """
    key = shown_host_key(machine)
    print_of = host_keys.fingerprint(key)
    known = host_keys.pinned(secrets, machine.address, machine.port)
    if key in known:
        return f"{machine.name} shows the pinned key {print_of}"
    if expected and expected != print_of:
        raise PoserError(
            f"{machine.name} shows the key {print_of}, not {expected}",
            hint="ask the machine itself: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub",
        )
    if not expected:
        _ask(machine, key, print_of, was_known=bool(known))
    host_keys.pin(secrets, machine.address, key, machine.port)
    sign_in = sign_in_key(secrets).path.with_suffix(".pub")
    return (
        f"{machine.name}: pinned {print_of}\n"
        f"{machine.user} must let the key {shown(sign_in)} in, too:"
        f" ssh-copy-id -f -i {shown(sign_in)} -p {machine.port} {machine.user}@{machine.address}"
    )


def _ask(machine: Machine, key: str, print_of: str, *, was_known: bool) -> None:
    """Return when the user says yes; raise PoserError otherwise."""
    if not sys.stdin.isatty():
        raise PoserError(
            f"{machine.name} shows the key {print_of}, and nobody is here to compare it",
            hint=f"fab trust host={machine.name} --fingerprint {print_of}",
        )
    what = "ANOTHER key than the pinned one" if was_known else "a key that is not known yet"
    sys.stdout.write(
        f"{machine.name} ({machine.address}) shows {what}:\n"
        f"  {key.split(maxsplit=1)[0]}  {print_of}\n"
        "Compare it with the machine's own: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub\n"
        "Pin it? [y/N] "
    )
    sys.stdout.flush()
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise PoserError("nothing was pinned", hint="without a pinned key nothing is sent to it")
