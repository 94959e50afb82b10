# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: PLC0415, PLW1510, PTH101, PTH103, PTH104, PTH108, PTH110, PTH114, PTH115, PTH120
# ruff: noqa: PTH123, PTH211, SIM115
# A small program that starts quickly: without pathlib.
"""The limit: one hand-written program that runs on a machine and makes it as it should be.

It is what a careful person would write for this very list of steps and nothing more: it looks,
mends, and says in one line what it changed. No plan, no events, no second look, no undo, no
memory of what services started with. It reads the steps as one line of JSON from standard input
and asks for the release's bundle on standard output when it needs it. Standard library only.
"""

from __future__ import annotations

import grp
import json
import os
import pwd
import stat
import subprocess
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    Step = dict[str, Any]
    Child = subprocess.Popen[str]


class Machine:
    """What was seen in one look, and what was changed since."""

    def __init__(self, steps: list[Step]) -> None:
        self.changed: list[str] = []
        self.touched: set[str] = set()
        self.stale = False
        ask = {
            kind: [s for s in steps if s["do"] == kind] for kind in ("packages", "service", "sql")
        }
        # one dpkg-query, one systemctl and one psql work at the same time
        started = ask_packages(ask["packages"]), ask_services(ask["service"]), ask_sql(ask["sql"])
        self.packages = read_packages(started[0])
        self.services = read_services(ask["service"], started[1])
        self.sql = read_sql(started[2])

    def service(self, step: Step) -> dict[str, str]:
        """Return how a unit is now."""
        if self.stale:
            return read_services([step], ask_services([step]))[step["unit"]]
        return self.services[step["unit"]]

    def is_true(self, step: Step) -> bool:
        """Return whether the query of a step answers yes now."""
        answers = read_sql(ask_sql([step])) if self.stale else self.sql
        return answers.get(step["name"], False)

    def note(self, name: str) -> None:
        """Remember a change for the last line."""
        self.changed.append(name)


def start(command: Sequence[str], text: str = "", **options: Any) -> Child:  # noqa: ANN401
    """Start a program that is asked something."""
    child = subprocess.Popen(
        command,
        stdin=subprocess.PIPE if text else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        **options,
    )
    if text:
        assert child.stdin is not None
        child.stdin.write(text)
        child.stdin.close()
        child.stdin = None  # communicate() would close it again
    return child


def ask_packages(steps: list[Step]) -> Child:
    """Ask dpkg for all packages together."""
    names = [name for step in steps for name in step["names"]]
    return start(["dpkg-query", "-W", "-f", "${Package} ${db:Status-Abbrev}\n", *names])


def read_packages(child: Child) -> set[str]:
    """Return the names of the packages that are installed."""
    lines = child.communicate()[0].splitlines()
    return {line.split()[0] for line in lines if line.split()[1] == "ii"}


def ask_services(steps: list[Step]) -> Child | None:
    """Ask systemd for all units together."""
    units = list(dict.fromkeys(step["unit"] for step in steps))
    if not units:
        return None
    return start(["systemctl", "show", "-p", "Id,ActiveState,UnitFileState", *units])


def read_services(steps: list[Step], child: Child | None) -> dict[str, dict[str, str]]:
    """Return the state of each unit."""
    units = dict.fromkeys(step["unit"] for step in steps)
    if child is None:
        return {}
    blocks = child.communicate()[0].strip("\n").split("\n\n")
    return {
        unit: dict(line.split("=", 1) for line in block.splitlines())
        for unit, block in zip(units, blocks, strict=True)
    }


def ask_sql(steps: list[Step]) -> Child | None:
    """Run all queries in one psql; what fails (no database yet) has no answer."""
    if not steps or not os.path.exists("/usr/bin/psql"):
        return None
    lines = ["\\set QUIET on", "\\pset tuples_only on", "\\pset format unaligned"]
    database = "postgres"
    for step in sorted(steps, key=lambda step: (step["database"] != "postgres", step["database"])):
        if step["database"] != database:
            database = step["database"]
            lines.append("\\connect " + database)
        lines.append("\\echo ? " + step["name"])
        lines.append(step["query"] + ";")
    return start(
        ["/usr/bin/psql", "-X", "-d", "postgres"],
        "\n".join(lines) + "\n",
        user="postgres",
        group="postgres",
        extra_groups=[],
        cwd="/",
    )


def read_sql(child: Child | None) -> dict[str, bool]:
    """Return the answer of each query by the name of its step."""
    answers: dict[str, bool] = {}
    name = ""
    if child is None:
        return answers
    for line in child.communicate()[0].splitlines():
        if line.startswith("? "):
            name = line[2:]
        elif line:
            answers[name] = line == "t"
    return answers


def run(command: list[str], user: str = "root", **options: Any) -> None:  # noqa: ANN401
    """Run a command; end everything with its own words when it fails."""
    if user != "root":
        command = ["runuser", "-u", user, "--", *command]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", **options)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed: {done.stderr[-2000:]}")


def owner_ids(step: Step) -> tuple[int, int]:
    """Return the numbers of a step's owner and group."""
    return pwd.getpwnam(step["owner"]).pw_uid, grp.getgrnam(step["group"]).gr_gid


def has_mode(path: str, step: Step, kind: Callable[[int], bool]) -> bool:
    """Tell whether something of this kind is there with the mode and owner of the step."""
    try:
        seen = os.lstat(path)
        wanted = owner_ids(step)
    except (FileNotFoundError, NotADirectoryError, KeyError):
        return False
    same = (seen.st_uid, seen.st_gid) == wanted and stat.S_IMODE(seen.st_mode) == step["mode"]
    return same and kind(seen.st_mode)


def do_packages(machine: Machine, step: Step) -> None:
    """Install what is missing, all in one go."""
    missing = [name for name in step["names"] if name not in machine.packages]
    if not missing:
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run(["dpkg", "--configure", "-a"], env=environment)
    run(["apt-get", "update", "-q"], env=environment)
    run(
        ["apt-get", "install", "-q", "-y", "--no-install-recommends",
         "-o", "Dpkg::Options::=--force-confold", "-o", "Dpkg::Options::=--force-confdef",
         *missing],
        env=environment,
    )  # fmt: skip
    machine.note("packages " + " ".join(missing))
    machine.stale = True


def do_file(machine: Machine, step: Step) -> None:
    """Write a file that differs, whole or not at all."""
    path, content = step["path"], step["content"].encode()
    if has_mode(path, step, stat.S_ISREG):
        with open(path, "rb") as file:
            if file.read() == content:
                return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    new = path + ".new"
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    if step["check"]:
        run([new if word == "{}" else word for word in step["check"]])
    os.chown(new, *owner_ids(step))
    os.chmod(new, step["mode"])
    os.rename(new, path)
    machine.touched.add(path)
    machine.note("file " + path)


def do_directory(machine: Machine, step: Step) -> None:
    """Make a directory that is missing or belongs to another."""
    path = step["path"]
    if has_mode(path, step, stat.S_ISDIR):
        return
    os.makedirs(path, exist_ok=True)
    os.chown(path, *owner_ids(step))
    os.chmod(path, step["mode"])
    machine.note("directory " + path)


def do_link(machine: Machine, step: Step) -> None:
    """Switch a link that points elsewhere."""
    path, target = step["path"], step["target"]
    if os.path.islink(path) and os.readlink(path) == target:
        return
    new = path + ".new"
    if os.path.lexists(new):
        os.unlink(new)
    os.symlink(target, new)
    os.rename(new, path)
    machine.touched.add(path)
    machine.note("link " + path)


def do_absent(machine: Machine, step: Step) -> None:
    """Remove a file."""
    if os.path.lexists(step["path"]):
        os.unlink(step["path"])
        machine.note("no " + step["path"])


def do_group(machine: Machine, step: Step) -> None:
    """Make a group."""
    try:
        grp.getgrnam(step["name"])
    except KeyError:
        run(["groupadd", *(["--system"] if step["system"] else []), step["name"]])
        machine.note("group " + step["name"])


def do_user(machine: Machine, step: Step) -> None:
    """Make a user, or give it its home, shell and groups."""
    name = step["name"]
    try:
        seen = pwd.getpwnam(name)
    except KeyError:
        system = ["--system"] if step["system"] else []
        groups = ["--groups", ",".join(step["groups"])] if step["groups"] else []
        gid = ["--gid", name]
        run(["useradd", *system, *gid, "--home-dir", step["home"], "--shell", step["shell"],
             "--no-create-home", *groups, name])  # fmt: skip
        machine.note("user " + name)
        return
    if (seen.pw_dir, seen.pw_shell) != (step["home"], step["shell"]):
        run(["usermod", "--home", step["home"], "--shell", step["shell"], name])
        machine.note("user " + name)
    for group in step["groups"]:
        if name not in grp.getgrnam(group).gr_mem:
            run(["usermod", "--append", "--groups", group, name])
            machine.note(f"user {name} in {group}")


def do_service(machine: Machine, step: Step) -> None:
    """Enable and start a unit, or restart it when what it reads has just changed."""
    unit = step["unit"]
    seen = machine.service(step)
    if step["enabled"] and seen.get("UnitFileState") not in ("enabled", "static", "alias"):
        run(["systemctl", "enable", unit])
        machine.note("enabled " + unit)
    active = seen.get("ActiveState") in ("active", "activating", "reloading")
    if step["running"] and not active:
        run(["systemctl", "start", unit])
        machine.note("started " + unit)
    elif machine.touched & set(step["restart_on"]):
        run(["systemctl", "restart", unit])
        machine.note("restarted " + unit)
    elif machine.touched & set(step["reload_on"]):
        run(["systemctl", "reload-or-restart", unit])
        machine.note("reloaded " + unit)
    else:
        return
    machine.stale = True


def do_apply(machine: Machine, step: Step) -> None:
    """Run a command when one of these files has just changed."""
    if machine.touched & set(step["on"]):
        run(["sh", "-c", step["run"]])
        machine.note(step["name"])


def do_release(machine: Machine, step: Step) -> None:
    """Fetch and install a release that is not there."""
    if os.path.exists(step["marker"]):
        return
    import hashlib
    import io
    import tarfile

    print(json.dumps({"need": step["sha256"]}), flush=True)
    length = int(sys.stdin.buffer.readline())
    bundle = sys.stdin.buffer.read(length)
    if hashlib.sha256(bundle).hexdigest() != step["sha256"]:
        sys.exit("the bundle was damaged on the way")
    os.makedirs(step["unpacked"], exist_ok=True)
    tarfile.open(fileobj=io.BytesIO(bundle)).extractall(step["unpacked"], filter="data")
    run(["sh", "-ec", step["install"]])
    machine.note("release " + step["id"])


def do_sql(machine: Machine, step: Step) -> None:
    """Run a command unless its query answers yes."""
    if machine.is_true(step):
        return
    run(step["run"], user=step["user"], input=step["stdin"])
    machine.note(step["name"])
    machine.stale = True


def do_command(machine: Machine, step: Step) -> None:
    """Run a command unless its guard says that it is done."""
    if step["creates"] and os.path.exists(step["creates"]):
        return
    if step["unless"] and subprocess.run(step["unless"], capture_output=True).returncode == 0:
        return
    run(step["run"], user=step["user"], input=step["stdin"])
    machine.note(step["name"])
    machine.stale = True


def main() -> None:
    """Read the steps, go through them, say what was changed."""
    steps = json.loads(sys.stdin.buffer.readline())
    machine = Machine(steps)
    for step in steps:
        globals()["do_" + step["do"]](machine, step)
    print(json.dumps({"changed": machine.changed}), flush=True)


main()
