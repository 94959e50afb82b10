# SPDX-License-Identifier: Apache-2.0
"""Keeps what a machine wrote as a read-only layer that new machines can stand on."""

from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from control.lab.book import LabFolder, read_json, write_json
from control.lab.layers import delete_tree
from poser.errors import ConfigError, PoserError


def take_snapshot(folder: LabFolder, name: str, snapshot: str) -> None:
    """Make the written layer of a machine that is down into a snapshot.

    The machine goes on upon it. Cut off at any point, `finish_snapshot` ends the work.
    """
    machine = folder.machine(name)
    finish_snapshot(folder, name)
    if folder.snapshot(snapshot).exists():
        raise ConfigError(
            f"the lab has a snapshot {snapshot} already",
            hint="choose another name",
        )
    book = machine.load()
    if book is None:
        raise ConfigError(f"machine {name} was never built", hint=f"`fab lab up host={name}` first")
    machine.save(replace(book, snapshot=snapshot))
    finish_snapshot(folder, name)


def finish_snapshot(folder: LabFolder, name: str) -> None:
    """Carry out, or end, the snapshot that the machine's book says was begun."""
    machine = folder.machine(name)
    book = machine.load()
    if book is None or not book.snapshot:
        return
    place = folder.snapshot(book.snapshot)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    upper = place / "upper"
    if not upper.exists():
        machine.disk.unmount()
        machine.disk.upper.rename(upper)
    layers = (upper, *book.layers)
    write_json(place / "snapshot.json", {"layers": [str(layer) for layer in layers]})
    machine.save(replace(book, layers=layers, snapshot=""))


def layers_of(folder: LabFolder, snapshot: str) -> tuple[Path, ...]:
    """Return the layers of a snapshot, the topmost first; raises ConfigError."""
    values = read_json(folder.snapshot(snapshot) / "snapshot.json", ("layers",))
    if values is None:
        _not_known(folder, snapshot)
    return tuple(Path(layer) for layer in values["layers"])


def delete_snapshot(folder: LabFolder, snapshot: str, in_use: set[Path]) -> None:
    """Delete a snapshot; raises PoserError when a machine stands on it."""
    layers_of(folder, snapshot)
    if folder.snapshot(snapshot) / "upper" in in_use:
        raise PoserError(
            f"machines stand on the snapshot {snapshot}",
            hint="`fab lab reset` them first",
        )
    delete_tree(folder.snapshot(snapshot))


def _not_known(folder: LabFolder, snapshot: str) -> NoReturn:
    there = sorted(path.name for path in folder.snapshot(".").parent.glob("snapshots/*"))
    raise ConfigError(
        f"the lab has no snapshot {snapshot!r}",
        hint=f"it has {', '.join(there)}" if there else "it has none",
    )
