# SPDX-License-Identifier: Apache-2.0
"""The tools that are measured: what each is told, and the command that runs it."""

import json
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.converge import ansible
from bench.converge.site import Site
from bench.converge.steps import write
from control import host_keys
from control.paths import CHECKOUT
from control.secrets import Secrets
from control.ssh_keys import sign_in_key
from poser.errors import PoserError

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One tool, ready to run: the command and environment for some machines.

    `is_older` says that its SSH library knows no post-quantum key exchange, which is all that our
    machines offer: for its runs they offer one more.
    """

    name: str
    what: str
    command: Callable[[Sequence[str]], list[str]]
    environment: Mapping[str, str] = field(default_factory=dict)
    is_older: bool = False


def tools(site: Site, peers: Path, folder: Path, names: Sequence[str]) -> list[Tool]:
    """Write down for every tool what machines shall be, and return the tools."""
    for name in names:
        write(site.steps_of(name), folder / f"{name}.json")
    return [
        _poser(site),
        _limit(site, folder),
        _pyinfra(site, peers, folder, names),
        _ansible(site, peers, folder, names),
    ]


def _poser(site: Site) -> Tool:
    fab = str(CHECKOUT / "bin" / "fab")
    return Tool(
        name="poser",
        what="bin/fab provision, prompt to prompt",
        command=lambda names: [fab, "provision", ",".join(f"host={name}" for name in names)],
        environment=site.environment,
    )


def _limit(site: Site, folder: Path) -> Tool:
    def command(names: Sequence[str]) -> list[str]:
        plan = folder / "limit.json"
        entries = [
            {
                "ssh": [*site.ssh(name), "--"],
                "steps": str(folder / f"{name}.json"),
                "bundle": str(site.built.path),
            }
            for name in names
        ]
        plan.write_text(json.dumps(entries))
        return [sys.executable, "-I", "-S", str(HERE / "limit.py"), str(plan)]

    return Tool(name="limit", what="one program over one ssh call", command=command)


def _pyinfra(site: Site, peers: Path, folder: Path, names: Sequence[str]) -> Tool:
    secrets = Secrets(site.inventory.secrets)
    machines = [
        (
            site.machines[name].address,
            {
                "ssh_user": "root",
                "ssh_key": str(sign_in_key(secrets).path),
                "ssh_known_hosts_file": str(host_keys.path(secrets)),
                "ssh_strict_host_key_checking": "yes",
                "steps": str(folder / f"{name}.json"),
                "bundle": str(site.built.path),
                "checkout": str(CHECKOUT),
            },
        )
        for name in names
    ]
    inventory = folder / "pyinfra_inventory.py"
    inventory.write_text(f"machines = {machines!r}\n")

    def command(chosen: Sequence[str]) -> list[str]:
        if set(chosen) != set(names):
            raise PoserError(f"pyinfra was told of {names}, not of {chosen}")
        program = [str(peers / "bin" / "pyinfra"), "-y"]
        return [*program, str(inventory), str(HERE / "pyinfra_deploy.py")]

    return Tool(name="pyinfra", what="pyinfra -y", command=command, is_older=True)


def _ansible(site: Site, peers: Path, folder: Path, names: Sequence[str]) -> Tool:
    per_machine = {name: json.loads((folder / f"{name}.json").read_text()) for name in names}
    differing = ansible.variables(per_machine)
    book = ansible.playbook(per_machine[names[0]], site.built.path, differing[names[0]])
    (folder / "playbook.yml").write_text(json.dumps(book, indent=1))
    (folder / "ansible.cfg").write_text(ansible.CONFIG)
    secrets = Secrets(site.inventory.secrets)
    known = f"-o UserKnownHostsFile={shlex.quote(str(host_keys.path(secrets)))}"
    hosts = {
        name: {
            "ansible_host": site.machines[name].address,
            "ansible_user": "root",
            "ansible_ssh_private_key_file": str(sign_in_key(secrets).path),
            "ansible_ssh_common_args": f"{known} -o IdentitiesOnly=yes",
            **differing[name],
        }
        for name in names
    }
    inventory = folder / "ansible_inventory.yml"
    inventory.touch(mode=0o600)
    inventory.write_text(json.dumps({"all": {"hosts": hosts}}))

    def command(chosen: Sequence[str]) -> list[str]:
        program = [str(peers / "bin" / "ansible-playbook"), "-i", str(inventory)]
        return [*program, "--limit", ",".join(chosen), str(folder / "playbook.yml")]

    environment = {
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "ANSIBLE_HOME": str(folder / "ansible"),
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(folder / "cp"),
        "ANSIBLE_LOCALHOST_WARNING": "False",
        "LC_ALL": "C.UTF-8",
    }
    return Tool(
        name="ansible",
        what="ansible-playbook, pipelining, ControlPersist",
        command=command,
        environment=environment,
    )
