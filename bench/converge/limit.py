# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: B905, PTH118, PTH120, PTH123
# A small program that starts quickly: without pathlib.
"""The control side of the limit: starts its program over one ssh call for each machine.

`python -I -S limit.py PLAN`, where PLAN is JSON: a list of {"ssh": command line without the
remote command, "steps": path, "bundle": path}. Standard library only, started as cheaply as can
be: nothing is rendered here, the steps lie ready.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, Any


def run(machine: dict[str, Any], program: str, lines: list[str]) -> None:
    """Bring one machine to its steps; the last line it says is what it changed."""
    command = [*machine["ssh"], f"exec python3 -I -S -c {quoted(program)}"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        with open(machine["steps"], "rb") as steps:
            child.stdin.write(steps.read() + b"\n")
        child.stdin.flush()
        for line in child.stdout:
            said = json.loads(line)
            if "need" in said:
                send(machine["bundle"], child.stdin)
            lines.append(line.decode().strip())
        child.stdin.close()
    if child.returncode:
        lines.append(f"failed with {child.returncode}")


def send(path: str, stream: IO[bytes]) -> None:
    """Send a file: its length in a line, then its bytes."""
    with open(path, "rb") as bundle:
        stream.write(b"%d\n" % os.fstat(bundle.fileno()).st_size)
        while chunk := bundle.read(1 << 20):
            stream.write(chunk)
    stream.flush()


def quoted(text: str) -> str:
    """Quote a text for the shell."""
    return "'" + text.replace("'", "'\"'\"'") + "'"


def main() -> bool:
    """Run all machines at the same time; exit code 1 when one of them failed."""
    with open(sys.argv[1], "rb") as file:
        machines = json.load(file)
    with open(os.path.join(os.path.dirname(__file__), "limit_program.py")) as file:
        program = file.read()
    said: list[list[str]] = [[] for _ in machines]
    threads = [
        threading.Thread(target=run, args=(machine, program, lines))
        for machine, lines in zip(machines, said)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for lines in said:
        print(lines[-1] if lines else "said nothing")
    return any(not lines or lines[-1].startswith("failed") for lines in said)


sys.exit(main())
