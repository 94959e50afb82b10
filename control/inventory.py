# SPDX-License-Identifier: Apache-2.0
"""Who there is: the machines of an inventory file, and what is particular to each."""

import hashlib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from control import inventory_checks as checks
from control.paths import CHECKOUT, shown
from control.selectors import select
from control.toml_reader import Mistake, TomlReader
from poser.errors import ConfigError
from roles.values import AptMirror

DEFAULT = CHECKOUT / "inventory" / "lab.toml"
ENVIRONMENT = "POSER_INVENTORY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One machine of the inventory.

    `address` is a name or an IP address; a machine of the lab has "" until the lab has given it
    one (`at`). `settings` are strings, keyed as in poser.conf ("web.workers"). `examples` are
    POSLog files that a new machine of the lab is filled with; `extensions` the folders of what
    its software is extended with. `stores` are the numbers of the shops that a store is for.
    `line` is where the file names it.
    """

    name: str
    role: str
    address: str = ""
    user: str = "root"
    port: int = 22
    site: str = ""
    processor: str = "x86_64"
    settings: Mapping[str, str] = field(default_factory=dict)
    examples: tuple[Path, ...] = ()
    extensions: tuple[Path, ...] = ()
    stores: tuple[str, ...] = ()
    in_lab: bool = False
    line: int = 0

    def at(self, address: str) -> "Machine":
        """Return the same machine with the address that the lab gave it."""
        return replace(self, address=address)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """What the inventory says of the lab; `network` is a CIDR text, or "" for the first free."""

    network: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """A whole inventory file, checked; machines are in the order of the file."""

    path: Path
    domain: str
    mirror: AptMirror | None
    lab: Lab | None
    machines: tuple[Machine, ...]

    @property
    def id(self) -> str:
        """Six hexadecimal digits that tell the labs of several inventories apart."""
        return hashlib.sha256(str(self.path).encode()).hexdigest()[:6]

    @property
    def host(self) -> Machine | None:
        """The machine that all other nodes dial; None when each stands alone."""
        return next((machine for machine in self.machines if machine.role == "host"), None)

    @property
    def secrets(self) -> Path:
        """The folder of the secrets that belong to this inventory."""
        return self.path.parent / "secrets"

    def select(self, selector: str) -> tuple[Machine, ...]:
        """Return the machines that `selector` names, such as "role=store,site=north" or "all".

        Raises ConfigError for an unknown name (with the nearest ones) or when no machine fits.
        """
        return select(self.machines, selector, file=shown(self.path))

    def one(self, selector: str) -> Machine:
        """Return the only machine that `selector` names; raises ConfigError when several fit."""
        machines = self.select(selector)
        if len(machines) > 1:
            names = ", ".join(machine.name for machine in machines)
            raise ConfigError(
                f"{selector!r} names {len(machines)} machines ({names}), one is needed",
                hint=f"name one of them: host={machines[0].name}",
            )
        return machines[0]


def path_in_use() -> Path:
    """Return the inventory file in use: POSER_INVENTORY, or the lab on this computer."""
    named = os.environ.get(ENVIRONMENT, "")
    return Path(named).resolve() if named else DEFAULT


def load(path: Path | None = None) -> Inventory:
    """Read and check a whole inventory file, by default the one in use.

    Raises ConfigError that names every mistake with its file, line and a hint.
    """
    path = path_in_use() if path is None else path.resolve()
    text = _text(path)
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"{shown(path)} is not valid TOML: {error}",
            hint='values are written as in: role = "store"; inventory/example.toml shows every key',
        ) from None
    reader = TomlReader(text, values)
    inventory = _inventory(path, reader)
    if reader.mistakes:
        raise _all_mistakes(path, reader.mistakes)
    return inventory


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        hint = f"{ENVIRONMENT} names it; unset that for the lab on this computer"
        raise ConfigError(f"there is no inventory {shown(path)}", hint=hint) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"the inventory {shown(path)} cannot be read: {error}",
            hint="it must be a UTF-8 text file that you may read",
        ) from None


def _inventory(path: Path, reader: TomlReader) -> Inventory:
    reader.known_keys((), reader.values, checks.TOP)
    network, mirror = checks.lab(reader), checks.mirror(reader)
    machines = checks.machines(reader, in_lab=network is not None)
    return Inventory(
        path=path,
        domain=checks.domain(reader),
        mirror=AptMirror(**mirror) if mirror is not None else None,
        lab=Lab(network=network) if network is not None else None,
        machines=tuple(Machine(**each) for each in machines),
    )


def _all_mistakes(path: Path, mistakes: list[Mistake]) -> ConfigError:
    """Put all mistakes into one error, in the order of their lines."""
    ordered = sorted(mistakes, key=lambda mistake: mistake.line)
    where = shown(path)
    if len(ordered) == 1:
        only = ordered[0]
        return ConfigError(f"{where}:{only.line}: {only.text}", hint=only.hint)
    listed = "".join(f"\n  {where}:{each.line}: {each.text} ({each.hint})" for each in ordered)
    return ConfigError(
        f"{len(ordered)} mistakes in {where}{listed}",
        hint="mend them all; nothing was started. inventory/example.toml shows every key",
    )
