# SPDX-License-Identifier: Apache-2.0
"""The limit: one hand-written program that runs on a machine and makes it as it should be.

It is what a careful person would write for this very list of steps and nothing more: it looks,
mends, and says in one line what it changed. No plan, no events, no second look, no undo, no
memory of what services started with. It reads the steps as one line of JSON from standard input
and asks for the release's bundle on standard output when it needs it. Standard library only.
"""

import grp
import hashlib
import io
import json
import os
import pwd
import stat
import subprocess
import sys
import tarfile


class Machine:
    """What was seen in one look, and what was changed since."""

    def __init__(self, steps):
        self.steps = steps
        self.changed = []
        self.touched = set()
        self.stale = False
        self.look()

    def look(self):
        """Ask dpkg, systemd and PostgreSQL once each for all steps together."""
        self.packages = self.look_at_packages()
        self.services = self.look_at_services([s for s in self.steps if s["do"] == "service"])
        self.sql = self.look_at_sql([s for s in self.steps if s["do"] == "sql"])

    def look_at_packages(self):
        names = [name for s in self.steps if s["do"] == "packages" for name in s["names"]]
        said = subprocess.run(
            ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Abbrev}\n", *names],
            capture_output=True, text=True,
        ).stdout
        return {line.split()[0] for line in said.splitlines() if line.split()[1] == "ii"}

    def look_at_services(self, steps):
        if not steps:
            return {}
        units = [s["unit"] for s in steps]
        said = subprocess.run(
            ["systemctl", "show", "-p", "Id,ActiveState,UnitFileState", *units],
            capture_output=True, text=True,
        ).stdout
        blocks = said.strip("\n").split("\n\n")
        return {
            unit: dict(line.split("=", 1) for line in block.splitlines())
            for unit, block in zip(units, blocks)
        }

    def look_at_sql(self, steps):
        """Run all queries in one psql; what fails (no database yet) has no answer."""
        if not steps or not os.path.exists("/usr/bin/psql"):
            return {}
        lines = ["\\set QUIET on", "\\pset tuples_only on", "\\pset format unaligned"]
        database = ""
        for step in steps:
            if step["database"] != database:
                database = step["database"]
                lines.append("\\connect " + database)
            lines.append("\\echo ? " + step["name"])
            lines.append(step["query"] + ";")
        said = subprocess.run(
            ["/usr/bin/psql", "-X", "-d", "postgres"],
            input="\n".join(lines), capture_output=True, text=True, user="postgres", group="postgres",
            extra_groups=[], cwd="/",
        ).stdout
        answers = {}
        name = ""
        for line in said.splitlines():
            if line.startswith("? "):
                name = line[2:]
            elif line:
                answers[name] = line == "t"
        return answers

    def note(self, name):
        self.changed.append(name)


def run(command, user="root", **options):
    if user != "root":
        command = ["runuser", "-u", user, "--", *command]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", **options)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed: {done.stderr[-2000:]}")


def owner_ids(step):
    return pwd.getpwnam(step["owner"]).pw_uid, grp.getgrnam(step["group"]).gr_gid


def has_mode(path, step, kind):
    """Tell whether something of this kind is there with the mode and owner of the step."""
    try:
        seen = os.lstat(path)
        wanted = owner_ids(step)
    except (FileNotFoundError, NotADirectoryError, KeyError):
        return False
    same = (seen.st_uid, seen.st_gid) == wanted and stat.S_IMODE(seen.st_mode) == step["mode"]
    return same and kind(seen.st_mode)


def do_packages(machine, step):
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


def do_file(machine, step):
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


def do_directory(machine, step):
    path = step["path"]
    if has_mode(path, step, stat.S_ISDIR):
        return
    os.makedirs(path, exist_ok=True)
    os.chown(path, *owner_ids(step))
    os.chmod(path, step["mode"])
    machine.note("directory " + path)


def do_link(machine, step):
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


def do_absent(machine, step):
    if os.path.lexists(step["path"]):
        os.unlink(step["path"])
        machine.note("no " + step["path"])


def do_group(machine, step):
    try:
        grp.getgrnam(step["name"])
    except KeyError:
        run(["groupadd", *(["--system"] if step["system"] else []), step["name"]])
        machine.note("group " + step["name"])


def do_user(machine, step):
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


def do_service(machine, step):
    unit = step["unit"]
    if machine.stale:
        machine.services.update(machine.look_at_services([step]))
    seen = machine.services.get(unit, {})
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


def do_apply(machine, step):
    """Run a command when one of these files has just changed."""
    if machine.touched & set(step["on"]):
        run(["sh", "-c", step["run"]])
        machine.note(step["name"])


def do_release(machine, step):
    if os.path.exists(step["marker"]):
        return
    print(json.dumps({"need": step["sha256"]}), flush=True)
    length = int(sys.stdin.buffer.readline())
    bundle = sys.stdin.buffer.read(length)
    if hashlib.sha256(bundle).hexdigest() != step["sha256"]:
        sys.exit("the bundle was damaged on the way")
    os.makedirs(step["unpacked"], exist_ok=True)
    tarfile.open(fileobj=io.BytesIO(bundle)).extractall(step["unpacked"], filter="data")
    run(["sh", "-ec", step["install"]])
    machine.note("release " + step["id"])


def do_sql(machine, step):
    answers = machine.look_at_sql([step]) if machine.stale else machine.sql
    if answers.get(step["name"]):
        return
    run(step["run"], user=step["user"], input=step["stdin"])
    machine.note(step["name"])
    machine.stale = True


def do_command(machine, step):
    if step["creates"] and os.path.exists(step["creates"]):
        return
    if step["unless"] and subprocess.run(step["unless"], capture_output=True).returncode == 0:
        return
    run(step["run"], user=step["user"], input=step["stdin"])
    machine.note(step["name"])
    machine.stale = True


def main():
    steps = json.loads(sys.stdin.buffer.readline())
    machine = Machine(steps)
    for step in steps:
        globals()["do_" + step["do"]](machine, step)
    print(json.dumps({"changed": machine.changed}), flush=True)


main()
