# SPDX-License-Identifier: Apache-2.0
"""What root does for a lab. Every action may be run again, and mends what an earlier one left."""

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from control.lab import base, checks
from control.lab.book import LabBook, LabFolder, MachineBook, layers_in_use
from control.lab.claims import claim
from control.lab.layers import delete_tree
from control.lab.locks import only_one
from control.lab.packages import end_cache, ensure_cache, proxy_address
from control.lab.power import Power
from control.lab.snapshots import delete_snapshot, finish_snapshot, layers_of, take_snapshot
from control.lab.sources import debian_mirror
from control.lab.status import not_known, status_of
from control.lab.values import LabMachine, LabSpec, Mirror, Say, check_name
from poser.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Actions:
    """The actions on one lab; they need root."""

    spec: LabSpec
    say: Say

    # Power and lines ---------------------------------------------------------------------------

    def up(self, names: Sequence[str], wait_s: float) -> list[LabMachine]:
        """Build and boot machines, and wait for their SSH servers.

        Raises PoserError that names the machines that did not answer within `wait_s` seconds.
        """
        checks.ready(self.spec)
        for name in names:
            check_name(name)
        with self._locked():
            power = self._power(self._claim(names))
            power.network.make()
            mirror = self.spec.mirror or debian_mirror()
            ensure_cache(self.spec, mirror, power.network)
            self._build(names, mirror, proxy_address(power.network))
            _for_each(power.on, names)
        power.wait(names, wait_s)
        return status_of(self.spec, names)

    def down(self, names: Sequence[str]) -> list[LabMachine]:
        """Switch machines off (all when none is named); their disks stay."""
        with self._locked():
            book = self._folder.load()
            if book is not None:
                chosen = [name for name in names or book.numbers if name in book.numbers]
                _for_each(self._power(book).off, chosen)
                self._take_apart(chosen, book)
        return status_of(self.spec, names)

    def power_off(self, names: Sequence[str]) -> list[LabMachine]:
        """Take the power of machines away, without any warning to them."""
        with self._locked():
            for name in names:
                self._power(self._book_that_knows(name)).cut(name)
        return status_of(self.spec, names)

    def set_line(self, names: Sequence[str], *, is_cut: bool) -> list[LabMachine]:
        """Cut or mend the lines of machines, up or not, until the opposite is asked for."""
        with self._locked():
            for name in names:
                book = self._book_that_knows(name)
                mark, power = self._folder.machine(name).cut_mark, self._power(book)
                mark.parent.mkdir(parents=True, exist_ok=True)
                if is_cut:
                    mark.touch()
                else:
                    mark.unlink(missing_ok=True)
                if power.is_on(name):
                    power.network.set_line(book.numbers[name], is_cut=is_cut)
        return status_of(self.spec, names)

    # Disks -------------------------------------------------------------------------------------

    def reset(self, names: Sequence[str]) -> list[LabMachine]:
        """Delete the disks of machines (all when none is named); address and host key stay."""
        with self._locked():
            book = self._folder.load()
            if book is not None:
                chosen = [name for name in names or book.numbers if name in book.numbers]
                for name in chosen:
                    self._power(book).cut(name)
                    self._folder.machine(name).forget()
                    self._folder.machine(name).disk.delete()
                self._take_apart(chosen, book)
        return status_of(self.spec, names)

    def remove(self) -> None:
        """Delete everything of the lab: machines, snapshots, network, addresses and keys."""
        with self._locked():
            book = self._folder.load()
            if book is not None:
                for name in book.numbers:
                    self._power(book).cut(name)
                    self._folder.machine(name).disk.unmount()
                end_cache(self.spec)
                self._power(book).network.unmake()
            delete_tree(self.spec.folder)
            self._lock.unlink(missing_ok=True)

    def snapshot(self, name: str, snapshot: str) -> None:
        """Switch a machine off and keep what is on its disk, for `clone`; it can go on later."""
        check_name(snapshot, "snapshot")
        with self._locked():
            self._power(self._book_that_knows(name)).off(name)
            self._folder.machine(name).disk.unmount()
            take_snapshot(self._folder, name, snapshot)

    def clone(self, snapshot: str, names: Sequence[str]) -> None:
        """Make new machines from a snapshot; `up` boots them, with names and keys of their own."""
        with self._locked():
            layers = layers_of(self._folder, snapshot)
            for name in names:
                check_name(name)
                if self._folder.machine(name).load() is not None:
                    raise ConfigError(
                        f"the lab has a machine {name} already",
                        hint=f"`fab lab reset host={name}` first, or choose another name",
                    )
            self._claim(names)
            for name in names:
                self._begin_disk(name, layers)

    def delete_snapshot(self, snapshot: str) -> None:
        """Delete a snapshot; raises PoserError when a machine stands on it."""
        with self._locked():
            delete_snapshot(self._folder, snapshot, layers_in_use(self.spec.state))

    # Parts of actions --------------------------------------------------------------------------

    @property
    def _folder(self) -> LabFolder:
        return LabFolder(path=self.spec.folder)

    @property
    def _lock(self) -> Path:
        # Outside of the lab's folder, which `remove` deletes.
        return self.spec.state / f"{self.spec.id}.lock"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with only_one(self._lock, f"the lab {self.spec.id}"):
            yield

    def _power(self, book: LabBook) -> Power:
        return Power(spec=self.spec, say=self.say, book=book)

    def _claim(self, names: Sequence[str]) -> LabBook:
        with only_one(self.spec.state / "networks.lock", "choosing a network for a lab"):
            return claim(self.spec, names)

    def _book_that_knows(self, name: str) -> LabBook:
        book = self._folder.load()
        if book is None or name not in book.numbers:
            not_known(name, book.numbers if book else ())
        return book

    def _build(self, names: Sequence[str], mirror: Mirror, proxy: str) -> None:
        """Give each machine that has none a disk on the newest base."""
        for name in names:
            finish_snapshot(self._folder, name)
        new = [name for name in names if self._folder.machine(name).load() is None]
        if new:
            recipe = base.recipe_here(mirror)
            place = self.spec.cache / "rootfs"
            used = layers_in_use(self.spec.state)
            root = base.ensure(recipe, place, proxy, self.say, in_use=used)
            for name in new:
                self._begin_disk(name, (root,))

    def _begin_disk(self, name: str, layers: tuple[Path, ...]) -> None:
        machine = self._folder.machine(name)
        machine.disk.delete()  # what a reset that was interrupted left
        machine.save(MachineBook(layers=layers, machine_id=uuid.uuid4().hex))

    def _take_apart(self, names: Sequence[str], book: LabBook) -> None:
        """Take away what machines need only while they are up; the last one takes all."""
        power = self._power(book)
        for name in names:
            self._folder.machine(name).disk.unmount()
            power.network.detach(name, book.numbers[name])
        if not any(power.is_on(name) for name in book.numbers):
            end_cache(self.spec)
            power.network.unmake()


def _for_each(act: Callable[[str], None], names: Iterable[str]) -> None:
    """Act on all machines at the same time; raises the first error when all have ended."""
    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(act, names))
