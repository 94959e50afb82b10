# SPDX-License-Identifier: Apache-2.0
"""What time it is on a board whose clock may be wrong: a Raspberry Pi has none that runs unpowered.

Each reading keeps the boot, the time since that boot, the clock's time, and whether a time server
had set the clock: so the node can put right what was read before.
"""

import ctypes
import ctypes.util
import time
from pathlib import Path
from uuid import UUID

from tempmon_client.wire import Stamp

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
TOLD_BY_SYSTEMD = Path("/run/systemd/timesync/synchronized")
_ERROR = 5
"""What adjtimex(2) returns while nobody has set the clock."""
_TIMEX_BYTES = 256


def boot_id() -> UUID:
    """Return the id that the kernel gave to this boot."""
    return UUID(BOOT_ID.read_text().strip())


def is_synced() -> bool:
    """Tell whether a time server has set the clock, by systemd's word or the kernel's."""
    if TOLD_BY_SYSTEMD.exists():
        return True
    libc = ctypes.CDLL(ctypes.util.find_library("c"), use_errno=True)
    nothing_set = ctypes.create_string_buffer(_TIMEX_BYTES)  # modes = 0: only asks
    return int(libc.adjtimex(nothing_set)) not in {-1, _ERROR}


class Clock:
    """Makes stamps."""

    def __init__(self) -> None:
        self._boot = boot_id()

    def now(self) -> Stamp:
        """Return this moment."""
        return Stamp(
            boot=self._boot,
            monotonic_ms=time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000,
            wall_ms=time.time_ns() // 1_000_000,
            is_synced=is_synced(),
        )
