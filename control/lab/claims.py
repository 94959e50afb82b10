# SPDX-License-Identifier: Apache-2.0
"""What a lab has a claim to on this computer: one network, and a number in it per machine."""

from collections.abc import Sequence
from dataclasses import replace

from control.lab.addresses import Taken, choose_network, next_number
from control.lab.book import LabBook, LabFolder, other_labs
from control.lab.launch import launcher
from control.lab.network import LabNetwork, link_of, taken_networks
from control.lab.values import LabSpec
from poser.errors import ConfigError


def claim(spec: LabSpec, names: Sequence[str]) -> LabBook:
    """Return the lab's book, with a network and with a number for each of `names`.

    Numbers, and so addresses, stay for ever. Raises ConfigError when the network is taken.
    The caller keeps other labs from choosing at the same time.
    """
    folder = LabFolder(path=spec.folder)
    book = folder.load()
    if book is None:
        book = LabBook(network=choose_network(spec.network, _taken(spec)))
    elif not _is_up(spec, book):
        # This computer may have moved to where another has the network, or the inventory changed.
        wanted = choose_network(spec.network or str(book.network), _taken(spec))
        if wanted != book.network:
            LabNetwork(id=spec.id, network=book.network).unmake()
            book = replace(book, network=wanted)
    elif spec.network not in {"", str(book.network)}:
        raise ConfigError(
            f"the lab is up in {book.network}, but the inventory wants {spec.network}",
            hint="`fab lab down` first: then it can move",
        )
    for name in names:
        if name not in book.numbers:
            book = book.with_number(name, next_number(book.network, book.numbers.values()))
    folder.save(book)
    return book


def _taken(spec: LabSpec) -> list[Taken]:
    folder = LabFolder(path=spec.folder)
    return [*other_labs(folder), *taken_networks(but_not=link_of(spec.id))]


def _is_up(spec: LabSpec, book: LabBook) -> bool:
    runs = launcher(spec.folder, LabNetwork(id=spec.id, network=book.network))
    return any(runs.pid(name) for name in book.numbers)
