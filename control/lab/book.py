# SPDX-License-Identifier: Apache-2.0
"""What a lab remembers: its network, its machines' numbers, and what each disk is made of."""

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from control.lab.addresses import Taken
from control.lab.layers import Disk
from poser.errors import PoserError


@dataclass(frozen=True, slots=True, kw_only=True)
class LabBook:
    """The network of a lab and the number that each machine has in it, for ever."""

    network: IPv4Network
    numbers: Mapping[str, int] = field(default_factory=dict)

    def with_number(self, name: str, number: int) -> "LabBook":
        """Return the book with one more machine."""
        return replace(self, numbers={**self.numbers, name: number})


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineBook:
    """What the disk of one machine is made of.

    `layers` are read-only root trees, the topmost first. `is_named` says that the disk bears the
    machine's own name and keys. `snapshot` is the name of a snapshot that was begun.
    """

    layers: tuple[Path, ...]
    machine_id: str
    is_named: bool = False
    snapshot: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineFolder:
    """Where one machine of a lab is kept."""

    path: Path

    @property
    def disk(self) -> Disk:
        """The machine's disk."""
        return Disk(folder=self.path / "disk")

    @property
    def host_key(self) -> Path:
        """The private part of the machine's SSH host key; the public part ends in ".pub"."""
        return self.path / "ssh_host_ed25519_key"

    @property
    def supervisor_lock(self) -> Path:
        """Held by the process that runs the machine."""
        return self.path / "supervisor.lock"

    @property
    def console(self) -> Path:
        """What the machine printed while it started."""
        return self.path / "console.log"

    @property
    def cut_mark(self) -> Path:
        """Exists while the machine's line is cut."""
        return self.path / "line-is-cut"

    def host_key_line(self) -> str:
        """Return the public host key as "TYPE KEY", "" when the machine has none yet."""
        try:
            words = self.host_key.with_suffix(".pub").read_text().split()
        except FileNotFoundError:
            return ""
        return " ".join(words[:2])

    def load(self) -> MachineBook | None:
        """Return what the machine is made of; None when it was never built or was reset."""
        keys = ("layers", "machine_id", "is_named", "snapshot")
        values = read_json(self.path / "machine.json", keys)
        if values is None:
            return None
        return MachineBook(
            layers=tuple(Path(layer) for layer in values["layers"]),
            machine_id=values["machine_id"],
            is_named=values["is_named"],
            snapshot=values["snapshot"],
        )

    def save(self, book: MachineBook) -> None:
        """Keep what the machine is made of."""
        values = {
            "layers": [str(layer) for layer in book.layers],
            "machine_id": book.machine_id,
            "is_named": book.is_named,
            "snapshot": book.snapshot,
        }
        write_json(self.path / "machine.json", values)

    def forget(self) -> None:
        """Make the machine one that was never built; its host key and number stay."""
        (self.path / "machine.json").unlink(missing_ok=True)
        self.cut_mark.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabFolder:
    """Where one lab is kept."""

    path: Path

    @property
    def lock(self) -> Path:
        """Taken by whoever changes the lab."""
        return self.path / "lock"

    @property
    def proxy_lock(self) -> Path:
        """Held by the process that serves packages to the lab."""
        return self.path / "aptcache.lock"

    def machine(self, name: str) -> MachineFolder:
        """Return the folder of one machine, which need not exist."""
        return MachineFolder(path=self.path / "machines" / name)

    def snapshot(self, name: str) -> Path:
        """Return the folder of one snapshot, which need not exist."""
        return self.path / "snapshots" / name

    def load(self) -> LabBook | None:
        """Return what the lab remembers; None when it was never up."""
        values = read_json(self.path / "lab.json", ("network", "numbers"))
        if values is None:
            return None
        return LabBook(network=IPv4Network(values["network"]), numbers=values["numbers"])

    def save(self, book: LabBook) -> None:
        """Keep what the lab remembers."""
        values = {"network": str(book.network), "numbers": dict(book.numbers)}
        write_json(self.path / "lab.json", values)


def other_labs(folder: LabFolder) -> list[Taken]:
    """Return the networks that the other labs of this computer were given, up or not."""
    found = []
    for path in sorted(folder.path.parent.glob("*/lab.json")):
        book = LabFolder(path=path.parent).load()
        if book is not None and path.parent != folder.path:
            found.append(Taken(network=book.network, by=f"the lab {path.parent.name}"))
    return found


def layers_in_use(state: Path) -> set[Path]:
    """Return every read-only layer that a machine or snapshot of any lab stands on."""
    found: set[Path] = set()
    # A snapshot is its own first layer, which does not make it one that is in use.
    for pattern, own in (("*/machines/*/machine.json", 0), ("*/snapshots/*/snapshot.json", 1)):
        for path in state.glob(pattern):
            values = read_json(path, ("layers",))
            if values is not None:
                found.update(Path(layer) for layer in values["layers"][own:])
    return found


def read_json(path: Path, keys: Sequence[str]) -> dict[str, Any] | None:
    """Return the object in `path`, None when there is no such file.

    Raises PoserError when it is no object with all of `keys`.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise PoserError(
            f"{path} is damaged: {error}",
            hint="`fab lab reset` builds the lab's machines anew",
        ) from None
    if isinstance(values, dict) and all(key in values for key in keys):
        return values
    raise PoserError(f"{path} is damaged", hint="`fab lab reset` builds the lab's machines anew")


def write_json(path: Path, values: Mapping[str, Any]) -> None:
    """Put `values` into `path` in one step: a reader finds the old or the new, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(values, file, indent=1, sort_keys=True)
        file.flush()
        os.fsync(file.fileno())
    Path(name).chmod(0o644)
    Path(name).replace(path)
