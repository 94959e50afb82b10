# SPDX-License-Identifier: Apache-2.0
"""Runs a tool on machines once and measures what that took, on both sides of SSH."""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.converge import cgroup
from bench.converge.site import Site
from bench.converge.tools import Tool
from poser.errors import PoserError

WITHIN_S = 1_800.0
OFFER = "/etc/ssh/sshd_config.d/05-bench.conf"
KEY_EXCHANGES = "mlkem768x25519-sha256,sntrup761x25519-sha512,curve25519-sha256@libssh.org"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of one tool: wall time, CPU of both sides, traffic, and what it says it changed.

    Connections and sessions are None where sshd did not note them. `unkept` are words of ours
    about promises that a machine did not keep when it was verified.
    """

    tool: str
    wall_s: float
    control_cpu_s: float
    target_cpu_s: float
    wire_bytes: int
    connections: int | None
    sessions: int | None
    says_changed: int
    converging_s: float | None = None
    unkept: tuple[str, ...] = ()

    @property
    def cpu_s(self) -> float:
        """CPU seconds of both sides."""
        return self.control_cpu_s + self.target_cpu_s

    def as_json(self) -> dict[str, object]:
        """Return the values for a JSON report."""
        return {**asdict(self), "cpu_s": self.cpu_s}


def run(tool: Tool, site: Site, names: Sequence[str], folder: Path) -> Run:
    """Run a tool on machines; raises PoserError with its last words when it fails."""
    with _older_key_exchange(site, names if tool.is_older else ()):
        return _run(tool, site, names, folder)


@contextmanager
def _older_key_exchange(site: Site, names: Sequence[str]) -> Iterator[None]:
    """Let machines offer one more key exchange while the block runs; that is not measured."""
    for name in names:
        site.run(name, f"echo 'KexAlgorithms {KEY_EXCHANGES}' > {OFFER}; systemctl reload ssh")
    try:
        yield
    finally:
        for name in names:
            site.run(name, f"rm {OFFER}; systemctl reload ssh")


def _run(tool: Tool, site: Site, names: Sequence[str], folder: Path) -> Run:
    is_logged = all(site.logs_sessions(name) for name in names)
    cursors = {name: site.log_cursor(name) for name in names}
    cpu = sum(site.cpu_s(name) for name in names)
    sent = sum(site.wire_bytes(name) for name in names)
    ran = cgroup.run(tool.command(names), tool.environment, folder, WITHIN_S)
    cpu = sum(site.cpu_s(name) for name in names) - cpu
    sent = sum(site.wire_bytes(name) for name in names) - sent
    (folder / f"{tool.name}.out").write_text(ran.output)
    unkept = re.findall(r"^error: (.* checks failed)$", ran.output, re.MULTILINE)
    if ran.code and not unkept:
        raise PoserError(
            f"{tool.name} failed on {', '.join(names)} with {ran.code}:\n{ran.output[-3000:]}",
            hint=f"all it said is in {folder / f'{tool.name}.out'}",
        )
    counted = [site.sign_ins(name, cursors[name]) for name in names] if is_logged else []
    converging = re.search(r"converging ([0-9.]+) s", ran.output)
    return Run(
        tool=tool.name,
        wall_s=ran.wall_s,
        control_cpu_s=ran.cpu_s,
        target_cpu_s=cpu,
        wire_bytes=sent,
        connections=sum(connections for connections, _ in counted) if is_logged else None,
        sessions=sum(sessions for _, sessions in counted) if is_logged else None,
        says_changed=says_changed(tool.name, ran.output),
        converging_s=float(converging[1]) if converging else None,
        unkept=tuple(unkept),
    )


def says_changed(tool: str, output: str) -> int:
    """Return how many changes a tool says it made; raises PoserError when it does not say."""
    if tool == "limit":
        lines = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
        return sum(len(line["changed"]) for line in lines)
    patterns = {
        "poser": r"(\d+) changed of",
        "ansible": r"changed=(\d+)",
        "pyinfra": r"^ *Grand total +\d+ +(\d+|-)",
    }
    found = re.findall(patterns[tool], re.sub(r"\x1b\[[0-9;]*m", "", output), re.MULTILINE)
    if not found:
        raise PoserError(f"{tool} does not say how much it changed:\n{output[-2000:]}")
    return sum(0 if number == "-" else int(number) for number in found)
