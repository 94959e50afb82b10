# SPDX-License-Identifier: Apache-2.0
"""A made-up tree of 1-Wire devices, as the kernel shows them, with every fault there is."""

import os
from dataclasses import dataclass
from pathlib import Path

from tempmon_client.scratchpad import crc

JUST_ON = "50 05 4b 46 7f ff 0c 10"
HOT = "50 05 4b 46 7f ff 10 10"
WEAK = "ff 07 4b 46 7f ff 0c 10"
ZEROS = "00 00 00 00 00 00 00 00"
ONES = "ff ff ff ff ff ff ff ff"


def eight_bytes(celsius: float) -> str:
    """Return the first eight bytes of a sensor at a temperature, in twelve bits."""
    sixteenths = round(celsius * 16).to_bytes(2, "little", signed=True)
    return f"{sixteenths.hex(' ')} 4b 46 7f ff 10 10"


def text(eight: str, *, checksum: int | None = None, says: int = 0) -> str:
    """Return what the kernel writes for these bytes; `says` are thousandths on its second line."""
    right = crc(bytes.fromhex(eight))
    given = right if checksum is None else checksum
    word = "YES" if given == right else "NO"
    whole = f"{eight} {given:02x}"
    return f"{whole} : crc={given:02x} {word}\n{whole} t={says}\n"


@dataclass(frozen=True)
class Tree:
    """The tree, below a folder."""

    devices: Path

    @classmethod
    def make(cls, folder: Path) -> "Tree":
        """Begin a tree with one bus and nothing on it."""
        master = folder / "w1_bus_master1"
        master.mkdir(parents=True)
        (master / "therm_bulk_read").write_text("0\n")
        return cls(folder)

    def file(self, address: str) -> Path:
        """Return the file that a sensor is read from; its folder is made."""
        folder = self.devices / address
        folder.mkdir(exist_ok=True)
        return folder / "w1_slave"

    def put(self, address: str, celsius: float) -> None:
        """Let a sensor say a temperature."""
        self.file(address).write_text(text(eight_bytes(celsius), says=round(celsius * 1000)))

    def put_text(self, address: str, said: str) -> None:
        """Let a sensor's file hold anything."""
        self.file(address).write_text(said)

    def unplug(self, address: str) -> None:
        """Take a sensor off the bus while its folder is still known."""
        self.file(address).unlink()

    def hang(self, address: str) -> Path:
        """Let a sensor not answer until somebody writes into the file that is returned."""
        file = self.file(address)
        file.unlink(missing_ok=True)
        os.mkfifo(file)
        return file
