# SPDX-License-Identifier: Apache-2.0
"""Two machines of the lab for the bench: a host and a store, provisioned as any other."""

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from fabric import Connection

from control import boot, inventory
from control.connections import connect
from control.paths import CHECKOUT, STATE
from control.secrets import Secrets
from poser.errors import PoserError

HOST, STORE = "bench-host", "bench-store"
INVENTORY = f"""\
domain = "bench.example"

[lab]

[machines.{HOST}]
role = "host"
site = "office"

[machines.{STORE}]
role = "store"
site = "north"
stores = ["1"]
"""
PROGRAMS = ("paced.py", "orm.py", "nats_give.py", "nats_take.py")
FOLDER = "/var/lib/bench"
PYTHON = "/opt/poser/current/bin/python"


@dataclass(frozen=True, slots=True)
class Node:
    """One machine, to which a connection is open."""

    name: str
    address: str
    connection: Connection

    def run(self, command: str, *, user: str = "root") -> str:
        """Run a shell command; returns what it printed, raises PoserError when it fails."""
        whole = f"cd / && runuser -u {user} -- sh -c {shlex.quote(command)}"
        done = self.connection.run(whole, hide=True, in_stream=False, warn=True)
        if not done.ok:
            raise PoserError(
                f"{self.name}: {command}: {(done.stderr or done.stdout).strip()}",
                hint="look at the machine with bin/fab ssh, or run the bench again",
            )
        return str(done.stdout)

    def put(self, data: bytes, path: str) -> None:
        """Write a file."""
        self.connection.put(BytesIO(data), path)

    def program(self, name: str, *words: str) -> str:
        """Run one of the bench's own programs with the Python of the node's release."""
        return self.run(shlex.join([PYTHON, f"{FOLDER}/{name}", *words]), user="poser")


@contextmanager
def machines(*, keep: bool) -> Iterator[tuple[Node, Node]]:
    """Boot and provision a host and a store that dials it; both are gone afterwards, or kept."""
    path = STATE / "bench-datasync" / "inventory.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(INVENTORY)
    known = inventory.load(path)
    with ExitStack() as stack:
        if not keep:
            stack.callback(boot.lab_of(known).remove)
        _provision(path)
        secrets = Secrets(known.secrets)
        both = boot.located(known, [known.one(f"host={name}") for name in (HOST, STORE)])
        host, store = (
            Node(each.name, each.address, stack.enter_context(connect(each, secrets)))
            for each in both
        )
        for node in (host, store):
            _bring_programs(node)
        yield host, store


def _provision(path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(CHECKOUT / "control" / "fab.py"), "provision", "all"],
        cwd=CHECKOUT,
        env={**os.environ, "POSER_INVENTORY": str(path)},
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        check=False,
    )
    if done.returncode:
        raise PoserError("the machines could not be provisioned", hint="see above what failed")


def _bring_programs(node: Node) -> None:
    node.run(f"install -d -o poser {FOLDER}")
    for name in PROGRAMS:
        source = (Path(__file__).parent / name).read_text()
        node.run(f"cat > {FOLDER}/{name} <<'END'\n{source}\nEND")
