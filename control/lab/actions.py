# SPDX-License-Identifier: Apache-2.0
"""What root does for a lab. Every action may be run again, and mends what an earlier one left."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from control.lab import base, checks
from control.lab.addresses import choose_network, next_number
from control.lab.book import LabBook, LabFolder, MachineBook, layers_in_use, other_labs
from control.lab.boot import wait_for_ssh
from control.lab.identity import connect, ensure_host_key, give_identity
from control.lab.launch import Launcher, launcher
from control.lab.layers import delete_tree
from control.lab.locks import only_one
from control.lab.network import LabNetwork, link_of, taken_networks
from control.lab.packages import end_cache, ensure_cache, proxy_address
from control.lab.snapshots import finish_snapshot, layers_of, take_snapshot
from control.lab.sources import debian_mirror
from control.lab.status import not_known, status_of
from control.lab.values import LabMachine, LabSpec, Mirror, Say, check_name
from poser.errors import ConfigError, PoserError

_CONSOLE_LINES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Actions:
    """The actions on one lab; they need root."""

    spec: LabSpec
    say: Say

    @property
    def _folder(self) -> LabFolder:
        return LabFolder(path=self.spec.folder)

    def up(self, names: Sequence[str], wait_s: float) -> list[LabMachine]:
        """Build and boot machines, and wait for their SSH servers.

        Raises PoserError that names the machines that did not answer within `wait_s` seconds.
        """
        checks.ready(self.spec)
        for name in names:
            check_name(name)
        with self._locked():
            book = self._book_with(names)
            network = self._network(book)
            network.make()
            mirror = self.spec.mirror or debian_mirror()
            ensure_cache(self.spec, mirror, network)
            self._build(names, mirror, proxy_address(network))
            for name in names:
                self._start(name, book, network)
        self._wait(names, book, network, wait_s)
        return status_of(self.spec, names)

    def down(self, names: Sequence[str]) -> list[LabMachine]:
        """Switch machines off (all when none is named); their disks stay."""
        with self._locked(), _several() as together:
            book = self._book()
            if book is None:
                return []
            chosen = self._known(names, book)
            runs = self._launcher(book)
            list(together(lambda name: self._stop(name, runs), chosen))
            self._take_apart(chosen, book)
        return status_of(self.spec, chosen)

    def power_off(self, names: Sequence[str]) -> list[LabMachine]:
        """Take the power of machines away, without any warning to them."""
        with self._locked():
            book = self._book() or not_known(names[0], ())
            chosen = self._known(names, book)
            for name in chosen:
                self._launcher(book).cut(name)
        return status_of(self.spec, chosen)

    def set_line(self, names: Sequence[str], *, is_cut: bool) -> list[LabMachine]:
        """Cut or mend the lines of machines, up or not, until the opposite is asked for."""
        with self._locked():
            book = self._book() or not_known(names[0], ())
            chosen = self._known(names, book)
            for name in chosen:
                mark = self._folder.machine(name).cut_mark
                if is_cut:
                    mark.touch()
                else:
                    mark.unlink(missing_ok=True)
                if self._launcher(book).pid(name):
                    self._network(book).set_line(book.numbers[name], is_cut=is_cut)
        return status_of(self.spec, chosen)

    def reset(self, names: Sequence[str]) -> list[LabMachine]:
        """Delete the disks of machines (all when none is named); address and host key stay."""
        with self._locked():
            book = self._book()
            if book is None:
                return []
            chosen = self._known(names, book)
            for name in chosen:
                machine = self._folder.machine(name)
                self._launcher(book).cut(name)
                machine.forget()
                machine.disk.delete()
            self._take_apart(chosen, book)
        return status_of(self.spec, chosen)

    def remove(self) -> None:
        """Delete everything of the lab: machines, snapshots, network, addresses and keys."""
        with self._locked():
            book = self._book()
            if book is not None:
                for name in book.numbers:
                    self._launcher(book).cut(name)
                    self._folder.machine(name).disk.unmount()
                end_cache(self.spec)
                self._network(book).unmake()
            delete_tree(self.spec.folder)
            self._lock.unlink(missing_ok=True)

    def snapshot(self, name: str, snapshot: str) -> None:
        """Switch a machine off and keep what is on its disk, for `clone`; it can go on later."""
        check_name(snapshot, "snapshot")
        with self._locked():
            book = self._book() or not_known(name, ())
            self._known([name], book)
            runs = self._launcher(book)
            self._stop(name, runs)
            self._folder.machine(name).disk.unmount()
            take_snapshot(self._folder, name, snapshot)

    def clone(self, snapshot: str, names: Sequence[str]) -> None:
        """Make new machines from a snapshot; `up` boots them, with names and keys of their own."""
        with self._locked():
            layers = layers_of(self._folder, snapshot)
            for name in names:
                check_name(name)
                machine = self._folder.machine(name)
                if machine.load() is not None:
                    raise ConfigError(
                        f"the lab has a machine {name} already",
                        hint=f"`fab lab reset host={name}` first, or choose another name",
                    )
                machine.save(MachineBook(layers=layers, machine_id=uuid.uuid4().hex))
            self._book_with(names)

    # Parts of actions --------------------------------------------------------------------------

    @property
    def _lock(self) -> Path:
        # Outside of the lab's folder, which `remove` deletes.
        return self.spec.state / f"{self.spec.id}.lock"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with only_one(self._lock, f"the lab {self.spec.id}"):
            yield

    def _book(self) -> LabBook | None:
        return self._folder.load()

    def _book_with(self, names: Sequence[str]) -> LabBook:
        """Return the lab's book, with a network and with a number for each of `names`."""
        with only_one(self.spec.state / "networks.lock", "choosing a network for a lab"):
            book = self._folder.load()
            if book is None or (self.spec.network and str(book.network) != self.spec.network):
                book = self._begin(book)
            for name in names:
                if name not in book.numbers:
                    number = next_number(book.network, book.numbers.values())
                    book = book.with_number(name, number)
            self._folder.save(book)
        return book

    def _begin(self, book: LabBook | None) -> LabBook:
        """Choose the network; an existing lab moves only when nothing of it is up."""
        if book is not None and any(self._launcher(book).pid(name) for name in book.numbers):
            raise ConfigError(
                f"the lab is up in {book.network}, but the inventory wants {self.spec.network}",
                hint="`fab lab down` first: then it can move",
            )
        if book is not None:
            end_cache(self.spec)
            self._network(book).unmake()
        taken = [*other_labs(self._folder), *taken_networks(but_not=link_of(self.spec.id))]
        return LabBook(network=choose_network(self.spec.network, taken))

    def _network(self, book: LabBook) -> LabNetwork:
        return LabNetwork(id=self.spec.id, network=book.network)

    def _launcher(self, book: LabBook) -> Launcher:
        return launcher(self.spec.folder, self._network(book))

    def _known(self, names: Sequence[str], book: LabBook) -> list[str]:
        for name in names:
            if name not in book.numbers:
                not_known(name, book.numbers)
        return list(names or book.numbers)

    def _build(self, names: Sequence[str], mirror: Mirror, proxy: str) -> None:
        """Give each machine that has none a disk on the newest base."""
        for name in names:
            finish_snapshot(self._folder, name)
        new = [name for name in names if self._folder.machine(name).load() is None]
        if not new:
            return
        root = base.ensure(
            base.recipe_here(mirror),
            self.spec.cache / "rootfs",
            proxy,
            self.say,
            in_use=layers_in_use(self.spec.state),
        )
        for name in new:
            machine = self._folder.machine(name)
            machine.disk.delete()  # of a reset that was interrupted
            machine.save(MachineBook(layers=(root,), machine_id=uuid.uuid4().hex))

    def _start(self, name: str, lab: LabBook, network: LabNetwork) -> None:
        runs, machine = self._launcher(lab), self._folder.machine(name)
        number, is_cut = lab.numbers[name], machine.cut_mark.exists()
        if runs.pid(name):
            network.attach(name, number, is_cut=is_cut)
            return
        if runs.is_abandoned(name):
            self.say(name, "its supervisor was killed: switching it off and on again")
            runs.stop(name)
        runs.cut(name)
        book = machine.load()
        if book is None:
            raise PoserError(f"{name} was reset meanwhile", hint="run again")
        for layer in book.layers:
            if not layer.is_dir():
                raise PoserError(
                    f"{name} stands on {layer}, which is gone",
                    hint=f"`fab lab reset host={name}` builds the machine anew",
                )
        machine.disk.mount(book.layers)
        ensure_host_key(machine)
        if not book.is_named:
            give_identity(machine, book)
            machine.save(replace(book, is_named=True))
        connect(machine.disk.root, self.spec.authorized_keys, proxy_address(network))
        network.attach(name, number, is_cut=is_cut)
        self.say(name, "booting")
        runs.start(name)

    def _stop(self, name: str, runs: Launcher) -> None:
        if (runs.pid(name) or runs.is_abandoned(name)) and not runs.stop(name):
            self.say(name, "did not switch itself off in time: its power was taken away")
        runs.cut(name)

    def _take_apart(self, names: Sequence[str], book: LabBook) -> None:
        """Take away what machines need only while they are up; the last one takes all."""
        network = self._network(book)
        for name in names:
            self._folder.machine(name).disk.unmount()
            network.detach(name, book.numbers[name])
        if not any(self._launcher(book).pid(name) for name in book.numbers):
            end_cache(self.spec)
            network.unmake()

    def _wait(
        self, names: Sequence[str], book: LabBook, network: LabNetwork, wait_s: float
    ) -> None:
        runs = self._launcher(book)
        silent = wait_for_ssh(
            {
                name: str(network.network[book.numbers[name]])
                for name in names
                if not self._folder.machine(name).cut_mark.exists()
            },
            wait_s,
            answered=lambda name: self.say(name, "answers"),
            is_running=lambda name: bool(runs.pid(name)),
        )
        if silent:
            raise PoserError(
                "; ".join(f"{name} did not boot: {reason}" for name, reason in silent.items())
                + self._console(next(iter(silent))),
                hint="run again; `fab lab reset host=NAME` builds a machine anew",
            )

    def _console(self, name: str) -> str:
        """Return the last lines that a machine printed, to be shown in an error."""
        console = self._folder.machine(name).console
        lines = console.read_text(errors="replace").splitlines() if console.exists() else []
        printed = [line.rstrip() for line in lines if line.strip()][-_CONSOLE_LINES:]
        return "".join(f"\n  {name}: {line}" for line in printed)


@contextmanager
def _several() -> Iterator[Callable[..., Iterator[None]]]:
    """Yield a `map` that works on all machines at the same time."""
    with ThreadPoolExecutor(max_workers=16) as pool:
        yield pool.map
