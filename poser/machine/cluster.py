# SPDX-License-Identifier: Apache-2.0
"""Debian's PostgreSQL clusters: made, started, made to read their files, and asked by SQL."""

from __future__ import annotations

import os
import shutil
import time

from poser.errors import PoserError
from poser.machine import started
from poser.machine.process import CommandFailed, Result
from poser.machine.psql import PSQL_ENVIRONMENT, SOCKET, psql
from poser.machine.services import Mender

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NoReturn

    from poser.machine.system import System
    from poser.machine.text import Text

_READY_S = 60.0
_RELOAD_S = 20.0
_LOADED = "select pg_conf_load_time();"


def unit(version: str) -> str:
    """Return the systemd unit of the cluster VERSION/main."""
    return f"postgresql@{version}-main.service"


def make(system: System, version: str) -> None:
    """Make the cluster VERSION/main; leftovers of an interrupted making are moved aside."""
    data = f"/var/lib/postgresql/{version}/main"
    number = 1
    while os.path.lexists(f"{data}.unfinished-{number}"):
        number += 1
    _move(data, f"{data}.unfinished-{number}")
    # Not beside its place: every folder in /etc/postgresql/VERSION counts as a cluster.
    _move(f"/etc/postgresql/{version}/main", f"{data}.unfinished-{number}.etc")
    how = ("--encoding=UTF8", "--locale=C.UTF-8")
    system.progress("making the database cluster")
    system.run(("pg_createcluster", *how, version, "main"), finishes=lambda: True)
    system.systemd_must_read()


def _move(folder: str, to: str) -> None:
    if os.path.lexists(folder):
        shutil.move(folder, to)


def refuse(version: str, *, has_data: bool) -> NoReturn:
    """Raise the error for a cluster of which one half is missing: making it anew hides data."""
    data, config = f"/var/lib/postgresql/{version}/main", f"/etc/postgresql/{version}/main"
    if has_data:
        raise PoserError(
            f"there is a database in {data}, but no complete configuration in {config}",
            hint=f"bring {config} back from a backup, or move {data} away to start empty",
        )
    raise PoserError(
        f"{config} is there, but its data in {data} is not",
        hint="is its disk mounted? To start with an empty database: "
        f"pg_dropcluster {version} main, then run again",
    )


def start(system: System, version: str) -> None:
    """Start the cluster if it does not run, and wait until it answers."""
    result = system.systemctl("start", unit(version), may_fail=True)
    if result.rc:
        raise Mender(system, unit(version)).explained(result)
    wait(system)


def wait(system: System) -> None:
    """Wait until the server answers; PoserError when it does not within a minute."""
    ends = time.monotonic() + _READY_S
    while (result := _sql(system, "select 1;", "postgres")).rc:
        if time.monotonic() > ends:
            raise CommandFailed(
                result,
                message=f"PostgreSQL does not answer within {_READY_S:.0f} s",
                hint="its log says why: tail /var/log/postgresql/*.log",
            )
        time.sleep(0.2)


def put(
    system: System, version: str, files: Sequence[Text], old: Mapping[str, str | None], check: str
) -> None:
    """Put configuration files in force; when the server does not like them, the old ones stay.

    `old` has the text of each file that was there before. `check` is SQL that returns what the
    server finds wrong in the files as they now lie there. Raises CommandFailed with its words.
    """
    for file in files:
        file.put(system)
    try:
        _take(system, version, [file.path for file in files], check)
    except PoserError as error:
        _put_back(system, version, files, old)
        result = getattr(error, "result", None)
        hint = "the old files are back and in force; correct the role"
        if result is None:
            raise PoserError(error.message, hint=hint) from error
        raise CommandFailed(result, message=error.message, hint=hint) from error


def _put_back(
    system: System, version: str, files: Sequence[Text], old: Mapping[str, str | None]
) -> None:
    for file in files:
        text = old[file.path]
        if text is None:
            system.remove(file.path)
        else:
            file.replace(text=text).put(system)
    system.systemctl("reload-or-restart", unit(version), may_fail=True)


def _take(system: System, version: str, paths: Sequence[str], check: str) -> None:
    """Let the server read its files; restart it only when one of its settings asks for that."""
    name = unit(version)
    if not os.path.exists(system.disk.at(SOCKET)):
        Mender(system, name).start("start", paths)
        wait(system)
        return
    if complaint := sql(system, check).strip():
        result = Result(command=("psql", "postgres"), rc=1, out="", err=complaint)
        message = f"PostgreSQL does not like its new files: {complaint.splitlines()[0]}"
        raise CommandFailed(
            result, message=message, hint="the old files are back; correct the role"
        )
    before = sql(system, _LOADED)
    seen = system.look(("path", path) for path in paths)
    words = {path: started.fingerprint(seen.get("path", path)) for path in paths}
    system.systemctl("reload", name)
    _await(system, before)
    if sql(system, "select 1 from pg_settings where pending_restart limit 1;").strip():
        Mender(system, name).start("restart", paths)
        wait(system)
    started.remember(system.disk, name, words)


def _await(system: System, before: str) -> None:
    """Wait until the server has read its files again; CommandFailed when it lets nobody in."""
    ends = time.monotonic() + _RELOAD_S
    while sql(system, _LOADED) == before:
        if time.monotonic() > ends:
            raise PoserError(
                f"PostgreSQL did not read its files again within {_RELOAD_S:.0f} s",
                hint="its log says why: tail /var/log/postgresql/*.log",
            )
        time.sleep(0.05)


def sql(system: System, text: str, *, database: str = "postgres") -> str:
    """Run SQL as the superuser and return its output; CommandFailed with the server's words."""
    result = _sql(system, text, database)
    if result.rc:
        raise CommandFailed(
            result.replace(command=("psql", database)),
            message=f"PostgreSQL refuses: {(result.last_words or 'no answer').splitlines()[0]}",
            hint="does the cluster run? pg_lsclusters; its log is in /var/log/postgresql",
        )
    return result.out


def _sql(system: System, text: str, database: str) -> Result:
    command = psql(system.accounts, database)
    if command is None:
        raise PoserError(
            "PostgreSQL is not installed",
            hint="declare its package in the role, before what uses it",
        )
    return system.run(
        (*command, "--set=ON_ERROR_STOP=1"),
        stdin=text,
        environment=PSQL_ENVIRONMENT,
        may_fail=True,
    )
