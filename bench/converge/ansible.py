# SPDX-License-Identifier: Apache-2.0
"""The steps as an Ansible playbook: the modules of ansible-core, in the usual way to use them.

What no module of ansible-core does (PostgreSQL, the release) is a shell command that looks
first and says CHANGED when it did something. Ansible reads JSON as YAML.
"""

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.converge.steps import Step, psql_guard

Task = dict[str, Any]
CHANGED = "CHANGED"

CONFIG = """\
[defaults]
gathering = explicit
forks = 5
host_key_checking = True
retry_files_enabled = False
nocows = True
interpreter_python = /usr/bin/python3
stdout_callback = default
[ssh_connection]
pipelining = True
"""


def playbook(steps: list[Step], *, bundle: Path, hosts: str = "all") -> list[dict[str, Any]]:
    """Return the playbook that brings a machine to these steps."""
    tasks = [task for step in steps for task in _tasks(step, bundle)]
    return [{"hosts": hosts, "gather_facts": False, "tasks": tasks}]


def _tasks(step: Step, bundle: Path) -> Iterator[Task]:
    make = {
        "packages": _packages,
        "file": _file,
        "directory": _directory,
        "link": _link,
        "absent": _absent,
        "group": _group,
        "user": _user,
        "service": _service,
        "apply": _apply,
        "sql": _sql,
        "command": _command,
    }
    if step["do"] == "release":
        yield from _release(step, bundle)
    else:
        yield from make[step["do"]](step)


def _packages(step: Step) -> Iterator[Task]:
    yield {
        "name": "packages",
        "ansible.builtin.apt": {
            "name": step["names"],
            "install_recommends": False,
            "dpkg_options": "force-confold,force-confdef",
            "update_cache": True,
            "cache_valid_time": 86400,
        },
    }


def _file(step: Step) -> Iterator[Task]:
    copy = {
        "content": step["content"],
        "dest": step["path"],
        "mode": f"0{step['mode']:o}",
        "owner": step["owner"],
        "group": step["group"],
    }
    if step["check"]:
        copy["validate"] = " ".join("%s" if word == "{}" else word for word in step["check"])
    # Ansible makes no parent folders
    parent = str(Path(step["path"]).parent)
    if step["makes_parent"]:
        yield {"name": parent, "ansible.builtin.file": {"path": parent, "state": "directory"}}
    yield {
        "name": step["path"],
        "ansible.builtin.copy": {name: _raw(value) for name, value in copy.items()},
        "register": variable(step["path"]),
        "no_log": step["secret"],
    }


def _raw(value: object) -> object:
    """Keep Ansible from reading templates in what is plain text."""
    has_marks = isinstance(value, str) and ("{{" in value or "{%" in value or "{#" in value)
    return "{% raw %}" + str(value) + "{% endraw %}" if has_marks else value


def _directory(step: Step) -> Iterator[Task]:
    yield {
        "name": step["path"],
        "ansible.builtin.file": {
            "path": step["path"],
            "state": "directory",
            "mode": f"0{step['mode']:o}",
            "owner": step["owner"],
            "group": step["group"],
        },
    }


def _link(step: Step) -> Iterator[Task]:
    yield {
        "name": step["path"],
        "ansible.builtin.file": {
            "path": step["path"],
            "src": step["target"],
            "state": "link",
            "force": True,
            "follow": False,
        },
        "register": variable(step["path"]),
    }


def _absent(step: Step) -> Iterator[Task]:
    yield {
        "name": f"no {step['path']}",
        "ansible.builtin.file": {"path": step["path"], "state": "absent"},
    }


def _group(step: Step) -> Iterator[Task]:
    yield {
        "name": f"group {step['name']}",
        "ansible.builtin.group": {"name": step["name"], "system": step["system"]},
    }


def _user(step: Step) -> Iterator[Task]:
    yield {
        "name": f"user {step['name']}",
        "ansible.builtin.user": {
            "name": step["name"],
            "group": step["name"],
            "groups": step["groups"],
            "append": True,
            "home": step["home"],
            "shell": step["shell"],
            "system": step["system"],
            "create_home": False,
        },
    }


def _service(step: Step) -> Iterator[Task]:
    unit = step["unit"]
    yield {
        "name": unit,
        "ansible.builtin.systemd_service": {
            "name": unit,
            **({"enabled": True} if step["enabled"] else {}),
            **({"state": "started"} if step["running"] else {}),
        },
        "register": variable(unit),
    }
    for state, paths in (("restarted", step["restart_on"]), ("reloaded", step["reload_on"])):
        if paths:
            yield {
                "name": f"{unit} {state}",
                "ansible.builtin.systemd_service": {"name": unit, "state": state},
                "when": [any_changed(paths), f"{variable(unit)} is not changed"],
            }


def _apply(step: Step) -> Iterator[Task]:
    yield {
        "name": step["name"],
        "ansible.builtin.shell": {"cmd": _raw(step["run"])},
        "when": any_changed(step["on"]),
    }


def _sql(step: Step) -> Iterator[Task]:
    yield _guarded(step["name"], psql_guard(step), step)


def _command(step: Step) -> Iterator[Task]:
    creates = f"test -e {shlex.quote(step['creates'])}" if step["creates"] else ""
    yield _guarded(step["name"], creates or shlex.join(step["unless"]), step)


def _guarded(name: str, guard: str, step: Step) -> Task:
    """Look and act in one round trip, which is the quickest that Ansible can do."""
    run = shlex.join(["runuser", "-u", step["user"], "--", *step["run"]])
    command: Task = {"cmd": _raw(f"{guard} || {{ {run} && echo {CHANGED}; }}"), "chdir": "/"}
    if step["stdin"]:
        command["stdin"] = step["stdin"]
    return {
        "name": name,
        "ansible.builtin.shell": command,
        "register": "ran",
        "changed_when": f"'{CHANGED}' in ran.stdout",
        "no_log": bool(step["stdin"]),
    }


def _release(step: Step, bundle: Path) -> Iterator[Task]:
    place = f"{step['root']}/releases/{step['id']}"
    missing = "not release.stat.exists"
    yield {
        "name": "release",
        "ansible.builtin.stat": {"path": f"{place}/.complete", "get_checksum": False},
        "register": "release",
    }
    yield {
        "name": "release folder",
        "ansible.builtin.file": {"path": place, "state": "directory", "mode": "0755"},
        "when": missing,
    }
    yield {
        "name": "release bundle",
        "ansible.builtin.unarchive": {"src": str(bundle), "dest": place},
        "when": missing,
    }
    yield {
        "name": "release environment",
        "ansible.builtin.shell": {"cmd": step["install"]},
        "when": missing,
    }


def variable(name: str) -> str:
    """Return the name under which the outcome of a task is kept."""
    return "did_" + "".join(sign if sign.isalnum() else "_" for sign in name)


def any_changed(paths: list[str]) -> str:
    """Write the condition that one of these files was changed just now."""
    names = [variable(path) for path in paths]
    return " or ".join(f"({name} is defined and {name} is changed)" for name in names)
