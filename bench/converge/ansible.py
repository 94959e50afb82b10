# SPDX-License-Identifier: Apache-2.0
"""The steps as an Ansible playbook: the modules of ansible-core, in the usual way to use them.

What no module of ansible-core does (PostgreSQL, the release) is a shell command that looks
first and says CHANGED when it did something. One play serves all machines: texts that differ
between them are variables of each. Ansible reads JSON as YAML.
"""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.converge.steps import Step, psql_guard
from poser.errors import PoserError

Task = dict[str, Any]
CHANGED = "CHANGED"

CONFIG = """\
[defaults]
gathering = explicit
forks = 5
host_key_checking = True
retry_files_enabled = False
interpreter_python = /usr/bin/python3
[ssh_connection]
pipelining = True
ssh_args = -o ControlMaster=auto -o ControlPersist=60s
"""


def variables(per_machine: Mapping[str, Sequence[Step]]) -> dict[str, dict[str, str]]:
    """Return for each machine what its steps say otherwise than those of the first.

    Raises PoserError when the machines are not told the same kinds of steps.
    """
    first = next(iter(per_machine.values()))
    found: dict[str, dict[str, str]] = {name: {} for name in per_machine}
    for number, step in enumerate(first):
        for key in step:
            values = {name: each[number].get(key) for name, each in per_machine.items()}
            if any(value != step[key] for value in values.values()):
                if key not in {"content", "stdin"}:
                    raise PoserError(f"machines differ in {key!r} of {step}")
                for name, value in values.items():
                    found[name][_variable(number, key)] = _raw(str(value))
    return found


def playbook(
    steps: Sequence[Step], bundle: Path, differing: Mapping[str, object]
) -> list[dict[str, Any]]:
    """Return the playbook that brings machines to these steps."""
    tasks: list[Task] = []
    for number, step in enumerate(steps):
        told = {
            key: "{{ " + _variable(number, key) + " }}"
            if _variable(number, key) in differing
            else _raw(value)
            for key, value in step.items()
        }
        tasks += _tasks(told, bundle)
    return [{"hosts": "all", "gather_facts": False, "tasks": tasks}]


def _variable(number: int, key: str) -> str:
    return f"step_{number}_{key}"


def _raw(value: Any) -> Any:  # noqa: ANN401 - any field of a step
    """Keep Ansible from reading templates in what is plain text."""
    has_marks = isinstance(value, str) and any(mark in value for mark in ("{{", "{%", "{#"))
    return "{% raw %}" + value + "{% endraw %}" if has_marks else value


def _tasks(step: Step, bundle: Path) -> Iterator[Task]:
    if step["do"] == "release":
        return _release(step, bundle)
    return _MAKERS[step["do"]](step)


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
    parent = str(Path(step["path"]).parent)
    # unlike the kit, Ansible makes no parents; those of drop-ins come with no package
    if parent.startswith("/etc/systemd/") and parent.endswith(".d"):
        yield {"name": parent, "ansible.builtin.file": {"path": parent, "state": "directory"}}
    check = {"validate": shlex.join(step["check"]).replace("'{}'", "%s")} if step["check"] else {}
    yield {
        "name": step["path"],
        "ansible.builtin.copy": {
            "content": step["content"],
            "dest": step["path"],
            "mode": f"0{step['mode']:o}",
            "owner": step["owner"],
            "group": step["group"],
            **check,
        },
        "register": outcome(step["path"]),
        "no_log": step["secret"],
    }


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
        "register": outcome(step["path"]),
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
        "register": outcome(unit),
    }
    for state, paths in (("restarted", step["restart_on"]), ("reloaded", step["reload_on"])):
        if paths:
            yield {
                "name": f"{unit} {state}",
                "ansible.builtin.systemd_service": {"name": unit, "state": state},
                "when": [any_changed(paths), f"{outcome(unit)} is not changed"],
            }


def _apply(step: Step) -> Iterator[Task]:
    yield {
        "name": step["name"],
        "ansible.builtin.shell": {"cmd": step["run"]},
        "when": any_changed(step["on"]),
    }


def _sql(step: Step) -> Iterator[Task]:
    yield _guarded(psql_guard(step), step)


def _command(step: Step) -> Iterator[Task]:
    creates = f"test -e {shlex.quote(step['creates'])}" if step["creates"] else ""
    yield _guarded(creates or shlex.join(step["unless"]), step)


def _guarded(guard: str, step: Step) -> Task:
    """Look and act in one round trip, which is the quickest that Ansible can do."""
    run = shlex.join(["runuser", "-u", step["user"], "--", *step["run"]])
    command: Task = {"cmd": f"{guard} || {{ {run} && echo {CHANGED}; }}", "chdir": "/"}
    if step["stdin"]:
        command["stdin"] = step["stdin"]
    return {
        "name": step["name"],
        "ansible.builtin.shell": command,
        "register": "ran",
        "changed_when": f"'{CHANGED}' in ran.stdout",
        "no_log": bool(step["stdin"]),
    }


def _release(step: Step, bundle: Path) -> Iterator[Task]:
    missing = "not release.stat.exists"
    yield {
        "name": "release",
        "ansible.builtin.stat": {"path": step["marker"], "get_checksum": False},
        "register": "release",
    }
    yield {
        "name": "folder of the bundle",
        "ansible.builtin.file": {"path": step["unpacked"], "state": "directory"},
        "when": missing,
    }
    yield {
        "name": "bundle",
        "ansible.builtin.unarchive": {"src": str(bundle), "dest": step["unpacked"]},
        "when": missing,
    }
    yield {
        "name": "environment",
        "ansible.builtin.shell": {"cmd": f"set -e; {step['install']}"},
        "when": missing,
    }


_MAKERS = {
    "absent": _absent,
    "apply": _apply,
    "command": _command,
    "directory": _directory,
    "file": _file,
    "group": _group,
    "link": _link,
    "packages": _packages,
    "service": _service,
    "sql": _sql,
    "user": _user,
}


def outcome(name: str) -> str:
    """Return the name under which the outcome of a task is kept."""
    return "did_" + "".join(sign if sign.isalnum() else "_" for sign in name)


def any_changed(paths: Sequence[str]) -> str:
    """Write the condition that one of these files was changed just now."""
    names = [outcome(path) for path in paths]
    return " or ".join(f"({name} is defined and {name} is changed)" for name in names)
