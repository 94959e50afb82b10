# SPDX-License-Identifier: Apache-2.0
# mypy: ignore-errors
# ruff: noqa: ANN001, ANN201
# pyinfra is a peer, installed for the bench only.
"""The steps as a pyinfra deploy: its own operations, in the usual way to use them.

What no operation of pyinfra does (PostgreSQL in the form we need, the release) is `server.shell`
under a guard. It has no check of a file before it is put in place: those are left out, which is in
its favor.
"""

import io
import json
import shlex
import sys
from pathlib import Path

from pyinfra import host
from pyinfra.facts.server import Command
from pyinfra.operations import apt, files, server, systemd
from pyinfra.operations.util import any_changed

sys.path.insert(0, host.data.checkout)
from bench.converge.steps import psql_guard, release_guard

changed = {}


def packages(step):
    """Install Debian packages."""
    apt.packages(
        packages=step["names"],
        no_recommends=True,
        update=True,
        cache_time=86400,
        extra_install_args="-o Dpkg::Options::=--force-confold -o Dpkg::Options::=--force-confdef",
    )


def file(step):
    """Put a file in place."""
    changed[step["path"]] = files.put(
        name=step["path"],
        src=io.StringIO(step["content"]),
        dest=step["path"],
        user=step["owner"],
        group=step["group"],
        mode=f"{step['mode']:o}",
    )


def directory(step):
    """Make a directory."""
    files.directory(
        path=step["path"],
        user=step["owner"],
        group=step["group"],
        mode=f"{step['mode']:o}",
    )


def link(step):
    """Make a symbolic link."""
    changed[step["path"]] = files.link(path=step["path"], target=step["target"], force=True)


def absent(step):
    """Remove a file."""
    files.file(path=step["path"], present=False, force=True, force_backup=False)


def group(step):
    """Make a group."""
    server.group(group=step["name"], system=step["system"])


def user(step):
    """Make a user."""
    server.user(
        user=step["name"],
        home=step["home"],
        shell=step["shell"],
        group=step["name"],
        groups=step["groups"] or None,
        append=True,
        system=step["system"],
        ensure_home=False,
    )


def service(step):
    """Enable and start a unit, and restart it when what it reads has changed."""
    unit = step["unit"]
    systemd.service(
        service=unit,
        running=step["running"] or None,
        enabled=step["enabled"] or None,
    )
    for state, paths in (("restarted", step["restart_on"]), ("reloaded", step["reload_on"])):
        known = [changed[path] for path in paths if path in changed]
        if known:
            systemd.service(service=unit, **{state: True}, _if=any_changed(*known))


def apply(step):
    """Run a command when one of some files was changed."""
    known = [changed[path] for path in step["on"] if path in changed]
    server.shell(name=step["name"], commands=[step["run"]], _if=any_changed(*known))


def sql(step):
    """Run a command unless a query says that it is done."""
    guarded(step, psql_guard(step))


def command(step):
    """Run a command unless its guard says that it is done."""
    creates = f"test -e {shlex.quote(step['creates'])}" if step["creates"] else ""
    guarded(step, creates or shlex.join(step["unless"]))


def guarded(step, guard):
    """Run a command under a guard."""
    run = shlex.join(["runuser", "-u", step["user"], "--", *step["run"]])
    server.shell(
        name=step["name"],
        commands=[run],
        _chdir="/",
        _if=lambda: not holds(guard),
        **({"_stdin": step["stdin"]} if step["stdin"] else {}),
    )


def holds(guard):
    """Look when the operation's turn has come: before, what it looks at may not be installed."""
    is_true, _ = host.run_shell_command(guard)
    return is_true


def release(step):
    """Unpack a release and make its environment."""
    guard = release_guard(step)
    if host.get_fact(Command, command=f"{guard} && echo yes || echo no") == "yes":
        return
    place = step["unpacked"]
    files.directory(path=place)
    files.put(src=host.data.bundle, dest=f"{place}/bundle.tar", mode="600")
    unpack = f"tar -C {place} -xf {place}/bundle.tar && rm {place}/bundle.tar"
    server.shell(name="release", commands=[unpack, f"sh -ec {shlex.quote(step['install'])}"])


for one in json.loads(Path(host.data.steps).read_text()):
    globals()[one["do"]](one)
