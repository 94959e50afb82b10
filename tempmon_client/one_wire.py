# SPDX-License-Identifier: Apache-2.0
"""Finds the sensors on the 1-Wire buses of the board, and measures with all of them at once.

All sensors of a bus convert in the same 750 ms, and each is then read in a thread of its own: one
that hangs is given up after a while and holds up nobody. It is left alone until its thread comes
back, so a bad sensor costs one thread and not one more with every cycle.
"""

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tempmon_client.scratchpad import Measured, read_lines
from tempmon_client.wire import Fault

DEVICES = Path("/sys/bus/w1/devices")
CONVERSION_S = 0.75
TRIES = 3
TRIES_S = 2.0
GIVEN_UP_S = 5.0


def found(devices: Path = DEVICES) -> list[str]:
    """Return the addresses of all temperature sensors, such as 28-0316a2794bff, in order."""
    os.environ["W1THERMSENSOR_NO_KERNEL_MODULE"] = "1"  # the modules are the image's business
    from w1thermsensor import (  # type: ignore[import-untyped]  # noqa: PLC0415 - of probes alone
        Sensor,
    )

    families = {f"{one.value:02x}" for one in Sensor}
    if not devices.is_dir():
        return []
    names = (each.name for each in devices.iterdir())
    return sorted(name for name in names if name.partition("-")[0] in families)


@dataclass(slots=True)
class _Turn:
    """One sensor that is being read."""

    thread: threading.Thread
    result: list[Measured] = field(default_factory=list)


@dataclass(slots=True)
class Buses:
    """The sensors of the board; `sleep` and `clock` are for tests."""

    devices: Path = DEVICES
    given_up_s: float = GIVEN_UP_S
    sleep: Callable[[float], None] = time.sleep
    _turns: dict[str, _Turn] = field(default_factory=dict)

    def measure(self, addresses: Sequence[str]) -> Mapping[str, Measured]:
        """Measure with all of these sensors; it takes as long as the slowest, up to a limit."""
        self._convert()
        for address in addresses:
            turn = self._turns.get(address)
            if turn is None or not turn.thread.is_alive():
                self._turns[address] = self._begin(address)
        end = time.monotonic() + self.given_up_s
        results = {}
        for address in addresses:
            turn = self._turns[address]
            turn.thread.join(max(0.0, end - time.monotonic()))
            results[address] = turn.result[-1] if turn.result else Measured.failed(Fault.SLOW)
        return results

    def _begin(self, address: str) -> _Turn:
        result: list[Measured] = []
        work = threading.Thread(
            target=lambda: result.append(self._read(address)), name=address, daemon=True
        )
        work.start()
        return _Turn(work, result)

    def _convert(self) -> None:
        """Have all sensors of all buses measure at once, where the kernel can do that."""
        for trigger in self.devices.glob("w1_bus_master*/therm_bulk_read"):
            try:
                trigger.write_text("trigger\n")
            except OSError:  # then each sensor measures when it is read
                continue
        self.sleep(CONVERSION_S)

    def _read(self, address: str) -> Measured:
        """Read one sensor, again if what came was garbled: at most three times in two seconds."""
        end = time.monotonic() + TRIES_S
        for left in reversed(range(TRIES)):
            measured = self._read_once(address)
            again = measured.fault in {Fault.BAD_CRC, Fault.INCOMPLETE, Fault.SHORT}
            if not again or not left or time.monotonic() > end:
                break
            self.sleep(TRIES_S / TRIES / 2)
        return measured

    def _read_once(self, address: str) -> Measured:
        try:
            text = (self.devices / address / "w1_slave").read_text(errors="replace")
        except FileNotFoundError:
            return Measured.failed(Fault.GONE)
        except OSError:
            return Measured.failed(Fault.INCOMPLETE)
        return read_lines(text.splitlines())
