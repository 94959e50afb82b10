# SPDX-License-Identifier: Apache-2.0
"""What a first build cannot do without, by itself: apt, the start of PostgreSQL, the wheels.

The same packages, the same bundle, the same kind of machine; each part is one command over ssh,
timed from outside. What prepares them (apt's sources, how a cluster is made) is put in place
before and not counted.
"""

import json
import shlex
import subprocess
from pathlib import Path

from bench.converge import cgroup
from bench.converge.measure import WITHIN_S
from bench.converge.site import Site
from bench.converge.steps import Step, write
from bench.converge.tools import Tool
from poser.errors import PoserError

_APT = (
    "DEBIAN_FRONTEND=noninteractive apt-get --yes --quiet=2 --no-install-recommends"
    " --option=Dpkg::Options::=--force-confdef --option=Dpkg::Options::=--force-confold"
    " --option=Dpkg::Use-Pty=0"
)


def measure(site: Site, limit: Tool, name: str, folder: Path) -> dict[str, float]:
    """Build the parts on a machine that is as its base; return the seconds of each."""
    steps = site.steps_of(name)
    _prepare(limit, name, steps, folder)
    release = next(step for step in steps if step["do"] == "release")
    packages = shlex.join(next(step for step in steps if step["do"] == "packages")["names"])
    folders = f"mkdir -p {release['unpacked']} {Path(release['marker']).parent}"
    site.run(name, folders)
    with site.built.path.open("rb") as bundle:
        unpack = f"tar -C {release['unpacked']} -xf -"
        subprocess.run(site.ssh(name, unpack), stdin=bundle, check=True)
    return {
        "apt": _timed(site, name, f"{_APT} update && {_APT} install {packages}"),
        "PostgreSQL's start": _timed(site, name, "systemctl restart 'postgresql@*-main.service'"),
        "wheels": _timed(site, name, f"sh -ec {shlex.quote(release['install'])}"),
    }


def _prepare(limit: Tool, name: str, steps: list[Step], folder: Path) -> None:
    """Let the limit bring about what stands before the packages."""
    first = next(number for number, step in enumerate(steps) if step["do"] == "packages")
    write(steps[:first], folder / "prepare.json")
    program, options, python_file, plan = _split(limit.command([name]))
    entry = json.loads(Path(plan).read_text())
    entry[0]["steps"] = str(folder / "prepare.json")
    Path(plan).write_text(json.dumps(entry))
    subprocess.run([program, *options, python_file, plan], check=True, capture_output=True)


def _split(command: list[str]) -> tuple[str, list[str], str, str]:
    return command[0], command[1:-2], command[-2], command[-1]


def _timed(site: Site, name: str, command: str) -> float:
    ran = cgroup.run(site.ssh(name, command), {}, Path("/"), WITHIN_S)
    if ran.code:
        raise PoserError(f"{name}: {command[:100]} failed:\n{ran.output[-2000:]}")
    return ran.wall_s
