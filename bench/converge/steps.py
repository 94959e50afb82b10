# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: S608
# Statements are made from names of our own role.
"""A role's resources as plain steps that any tool can be told: files, packages, commands.

The translation is mechanical and complete: a kind of resource that it does not know is an error,
so all tools are told the same things. Texts of files are those that the kit itself writes.
"""

import json
import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from bench.converge import sql
from poser.errors import PoserError
from poser.machine.facts import Facts
from poser.machine.resource import Resource, reveal
from poser.machine.resources.absent import Absent
from poser.machine.resources.apt import AptSource
from poser.machine.resources.command import Command
from poser.machine.resources.directory import Directory
from poser.machine.resources.file import File
from poser.machine.resources.link import Link
from poser.machine.resources.nftables import Nftables
from poser.machine.resources.packages import Packages
from poser.machine.resources.postgresql import PgHba, PgSettings
from poser.machine.resources.release import Migrated, Release, ReleaseLink
from poser.machine.resources.service import Service
from poser.machine.resources.sysctl import Sysctl
from poser.machine.resources.unit import Unit
from poser.machine.resources.users import Group, User
from poser.machine.text import Text

_PIP = (
    "--isolated --no-input --disable-pip-version-check --no-cache-dir --no-index --require-hashes"
    " --quiet --root-user-action=ignore --no-compile --find-links=wheels"
    " --requirement=requirements.txt"
)

Step = dict[str, Any]
"""What to do ("do") and with what; JSON values only. Secrets are in it."""


def steps(resources: Iterable[Resource], *, memory_mib: int) -> list[Step]:
    """Translate resources; `memory_mib` is the memory of the machine, which settings may name.

    Raises PoserError for a kind of resource that has no translation.
    """
    facts = Facts({"memory": {"": {"mib": memory_mib}}})
    found = [step for one in resources for step in _translated(one, facts)]
    written = {step["path"] for step in found if step["do"] in {"file", "link"}}
    return [_without_others(step, written) for step in found]


def _without_others(step: Step, written: set[str]) -> Step:
    """Leave out of what restarts a service the files that no step writes."""
    names = ("restart_on", "reload_on")
    return step | {
        name: [path for path in step[name] if path in written] for name in names if name in step
    }


def _translated(resource: Resource, facts: Facts) -> Iterable[Step]:
    kind = type(resource)
    if isinstance(resource, PgSettings):
        return _pg_settings(resource, facts)
    if kind in _PLAIN:
        return _PLAIN[kind](resource)
    raise PoserError(
        f"bench/provision cannot tell other tools of a {kind.__name__}: {resource.key}",
        hint="add a translation to bench/converge/steps.py",
    )


def file_step(text: Text, *, check: Sequence[str] = ()) -> Step:
    """Return the step that puts a text file in place."""
    return {
        "do": "file",
        "path": text.path,
        "content": text.text,
        "mode": text.mode,
        "owner": text.owner,
        "group": text.group,
        "secret": text.secret,
        "check": list(check),
    }


def command_step(name: str, run: Sequence[str], **more: object) -> Step:
    """Return the step that runs a command unless its guard says that it is done."""
    guard = {"unless": [], "creates": "", "user": "root", "stdin": ""}
    return {"do": "command", "name": name, "run": list(run), **guard, **more}


def apply_step(name: str, on: Sequence[str], run: str) -> Step:
    """Return the step that runs a command when one of some files was just changed."""
    return {"do": "apply", "name": name, "on": list(on), "run": run}


def _packages(one: Packages) -> Iterator[Step]:
    yield {"do": "packages", "names": list(one.names)}


def _apt_source(one: AptSource) -> Iterator[Step]:
    yield file_step(one.text)


def _file(one: File) -> Iterator[Step]:
    yield file_step(one.text, check=one.check)


def _directory(one: Directory) -> Iterator[Step]:
    names = ("path", "mode", "owner", "group")
    yield {"do": "directory", **{name: getattr(one, name) for name in names}}


def _link(one: Link) -> Iterator[Step]:
    yield {"do": "link", "path": one.path, "target": one.target}


def _absent(one: Absent) -> Iterator[Step]:
    yield {"do": "absent", "path": one.path}


def _group(one: Group) -> Iterator[Step]:
    yield {"do": "group", "name": one.name, "system": one.system}


def _user(one: User) -> Iterator[Step]:
    # the kit makes the group with the user; other tools must be told
    yield {"do": "group", "name": one.name, "system": one.system}
    names = ("name", "system", "home", "shell")
    yield {
        "do": "user",
        "groups": list(one.groups),
        **{name: getattr(one, name) for name in names},
    }


def _unit(one: Unit) -> Iterator[Step]:
    yield file_step(one.text)
    yield apply_step(f"read {one.name}", [one.text.path], "systemctl daemon-reload")


def _service(one: Service) -> Iterator[Step]:
    if not (one.enabled and one.running):
        raise PoserError(f"bench/provision knows no service that shall not run: {one.key}")
    yield {
        "do": "service",
        "unit": one.unit,
        "enabled": True,
        "running": True,
        "restart_on": list(one.restarts),
        "reload_on": list(one.reloads),
    }


def _sysctl(one: Sysctl) -> Iterator[Step]:
    yield file_step(one.text)
    # a container may not set all of them: --ignore is for unknown names, `|| true` for those
    set_now = f"sysctl --quiet --ignore --load={one.text.path} 2>/dev/null || true"
    yield apply_step(f"set {one.name}", [one.text.path], set_now)


def _nftables(one: Nftables) -> Iterator[Step]:
    yield file_step(one.text, check=("nft", "--check", "--file", "{}"))
    yield apply_step("load the firewall", [one.text.path], f"nft --file {one.text.path}")


def _pg_settings(one: PgSettings, facts: Facts) -> Iterator[Step]:
    yield file_step(one.text(facts))
    yield sql.server_step(one.version, restart_on=[one.path])


def _pg_hba(one: PgHba) -> Iterator[Step]:
    yield from (file_step(text) for text in one.texts)
    yield sql.server_step(one.version, reload_on=[text.path for text in one.texts])


def _release(one: Release) -> Iterator[Step]:
    unpacked = f"/var/lib/poser-release-{one.id}"
    # what the kit's own installer does, in a shell
    install = " && ".join(
        [
            f"cd {unpacked}",
            # pip's own wheel is unpacked and run, or else the one of the environment
            "pip=$(ls wheels/pip-*.whl 2>/dev/null || true)",
            f"/usr/bin/python3 -I -m venv ${{pip:+--without-pip}} {one.folder}",
            'if [ -n "$pip" ]; then python3 -m zipfile -e "$pip" pip; fi',
            'if [ -n "$pip" ]; then set -- pip/pip; else set -- -m pip; fi',
            f'{one.folder}/bin/python "$@" install {_PIP}',
            f"{{ {one.folder}/bin/python -m compileall -q -j 0 {one.folder}/lib || true; }}",
            shlex.join([f"{one.folder}/bin/python", "-I", *one.prepare]),
            f"printf %s {shlex.quote(one.marker_text)} > {one.marker}",
            f"cd / && rm -r {unpacked}",
        ]
    )
    yield {
        "do": "release",
        "id": one.id,
        "sha256": one.bundle_sha256,
        "marker": one.marker,
        "unpacked": unpacked,
        "install": install,
    }


def _release_link(one: ReleaseLink) -> Iterator[Step]:
    yield {"do": "link", "path": one.path, "target": one.target}


def _migrated(one: Migrated) -> Iterator[Step]:
    heads = ",".join(sorted(one.branch_heads))
    yield sql.step(
        f"schema of {one.database}",
        one.database,
        "SELECT string_agg(version_num, ',' ORDER BY version_num) = "
        f"{sql.literal(heads)} FROM alembic_version",
        one.command,
        user=one.user,
    )


def _command(one: Command) -> Iterator[Step]:
    stdin = reveal(one.stdin)
    if one.unless_sql:
        database, query = one.unless_sql
        yield sql.step(one.name, database, query, one.run, user=one.user, stdin=stdin)
        return
    guard = {"unless": list(one.unless), "creates": one.creates}
    yield command_step(one.name, one.run, user=one.user, stdin=stdin, **guard)


_PLAIN: dict[type[Resource], Callable[[Any], Iterator[Step]]] = {
    Absent: _absent,
    AptSource: _apt_source,
    Command: _command,
    Directory: _directory,
    File: _file,
    Group: _group,
    Link: _link,
    Migrated: _migrated,
    Nftables: _nftables,
    Packages: _packages,
    PgHba: _pg_hba,
    **sql.TRANSLATED,
    Release: _release,
    ReleaseLink: _release_link,
    Service: _service,
    Sysctl: _sysctl,
    Unit: _unit,
    User: _user,
}


def psql_guard(step: Step) -> str:
    """Return the shell command that succeeds when the query of a step answers yes."""
    query = ["psql", "-X", "-A", "-t", "-d", step["database"], "-c", step["query"]]
    psql = shlex.join(["runuser", "-u", "postgres", "--", *query])
    return f'test "$({psql} 2>/dev/null)" = t'


def release_guard(step: Step) -> str:
    """Return the shell command that succeeds when the release of a step is complete."""
    return f"test -e {step['marker']}"


def write(found: list[Step], path: Path) -> Path:
    """Write steps as JSON for a tool to read; only the owner may read it, for the secrets."""
    path.touch(mode=0o600)
    path.write_text(json.dumps(found))
    return path
