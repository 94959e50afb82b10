# SPDX-License-Identifier: Apache-2.0
"""Says what this computer is and how busy, since every figure depends on it."""

import os
import platform
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """This computer at one moment; `load` is the one-minute load average."""

    at: str
    cores: int
    memory_gib: float
    processor: str
    system: str
    kernel: str
    python: str
    load: float

    def as_json(self) -> dict[str, object]:
        """Return the values for a JSON report."""
        return asdict(self)

    def __str__(self) -> str:
        return (
            f"{self.at[:16]}Z, {self.system}, kernel {self.kernel}, Python {self.python}, "
            f"{self.cores} cores ({self.processor}), {self.memory_gib:.0f} GiB"
        )


def look() -> Machine:
    """Describe this computer now."""
    return Machine(
        at=datetime.now(tz=UTC).isoformat(timespec="seconds"),
        cores=len(os.sched_getaffinity(0)),
        memory_gib=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30,
        processor=_processor(),
        system=_system(),
        kernel=platform.release(),
        python=platform.python_version(),
        load=load(),
    )


def load() -> float:
    """Return the one-minute load average."""
    return os.getloadavg()[0]


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _system() -> str:
    release = platform.freedesktop_os_release()
    return release.get("PRETTY_NAME", "Linux")


@dataclass(slots=True, kw_only=True)
class Loads:
    """The load averages seen during a run: lowest and highest, for the report."""

    seen: list[float] = field(default_factory=list)

    def note(self) -> None:
        """Remember the load of this moment."""
        self.seen.append(load())

    def __str__(self) -> str:
        if not self.seen:
            return "load not noted"
        return f"load average {min(self.seen):.1f} to {max(self.seen):.1f} during the run"
