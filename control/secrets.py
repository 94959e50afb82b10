# SPDX-License-Identifier: Apache-2.0
"""Secrets: made once, kept beside the inventory, private, given to machines over SSH only."""

import secrets as random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from control import private_files
from poser.machine.resource import Secret

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""What passwords for people are made of: nothing that looks like another letter."""


class Secrets:
    """The folder of the secrets that belong to one inventory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def text(self, name: str, make: Callable[[], str]) -> str:
        """Return the secret `name` (a path below the folder); `make` makes it the first time."""
        path = self.folder / name
        kept = self.read(name)
        return private_files.write_once(path, make()) if kept is None else kept

    def read(self, name: str) -> str | None:
        """Return the secret `name`; None when it has not been made."""
        private_files.folder(self.folder)
        return private_files.read(self.folder / name)

    def replace(self, name: str, text: str) -> None:
        """Write the secret `name` anew."""
        private_files.folder(self.folder)
        private_files.replace(self.folder / name, text)

    def of_machine(self, machine: str) -> "MachineSecrets":
        """Return the secrets of one machine, which are made when they are first asked for."""
        return MachineSecrets(self, machine)


class MachineSecrets(Mapping[str, Secret]):
    """The secrets of one machine by name; one that a role asks for is made the first time.

    Names that end in "-password" are for people to type; the others are long random texts. What
    has a suffix in the same folder (tls.pem) is not one of them.
    """

    def __init__(self, secrets: Secrets, machine: str) -> None:
        self._secrets = secrets
        self._machine = machine

    def __getitem__(self, name: str) -> Secret:
        make = password if name.endswith("-password") else token
        return Secret(self._secrets.text(f"{self._machine}/{name}", make).strip())

    def __contains__(self, name: object) -> bool:
        return self.path(str(name)).is_file()

    def __iter__(self) -> Iterator[str]:
        folder = self._secrets.folder / self._machine
        return iter(sorted(each.name for each in folder.glob("[a-z]*") if not each.suffix))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def path(self, name: str) -> Path:
        """Return the file that a secret is kept in."""
        return self._secrets.folder / self._machine / name


def token() -> str:
    """Return a new random text of 256 bits, for machines."""
    return random.token_urlsafe(32) + "\n"


def password() -> str:
    """Return a new random password of 99 bits, in groups that people can type."""
    groups = ("".join(random.choice(_LETTERS) for _ in range(5)) for _ in range(4))
    return "-".join(groups) + "\n"
