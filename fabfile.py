# SPDX-License-Identifier: Apache-2.0
"""The verbs of `fab`: parse, call, print. `fab -l` lists them, `fab --help VERB` explains one."""
# ruff: noqa: PLC0415 - each verb loads what it needs, so that all of them start fast

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from invoke.context import Context

from control import commandline, inventory
from control.commandline import WHERE_HELP, end, verb
from control.fleet import Outcome, exit_code

if TYPE_CHECKING:
    from control.lab import Lab, LabMachine

JOBS_HELP = "how many machines at the same time"


@verb(
    needs_where=True,
    help={
        "where": WHERE_HELP,
        "check": "only show what would change, with differences; ends with 3 if anything would",
        "diff": "show the differences of files as they are changed",
        "jobs": JOBS_HELP,
    },
)
def provision(
    _: Context, where: str, *, check: bool = False, diff: bool = False, jobs: int = 10
) -> None:
    """Bring machines to their role: fab provision role=store.

    Machines of the lab are booted first. Each machine is looked at, mended where it differs,
    looked at again, and held to its promises. Run again, it changes nothing.
    """
    from control import provision as work
    from control import summary

    machines = inventory.load()
    wanted = work.Wanted(check=check, diff=diff, jobs=jobs)
    took: dict[str, float] = {}
    outcomes = work.provision(machines, machines.select(where), wanted, took)
    say(summary.checked(outcomes) if check else summary.provisioned(outcomes, machines, took))
    end_with(outcomes, drift=check and summary.is_drift(outcomes))


@verb(help={"where": WHERE_HELP, "jobs": JOBS_HELP})
def verify(_: Context, where: str, *, jobs: int = 10) -> None:
    """Hold machines to their promises: fab verify role=store.

    The tests of tests/machines/promises look at each machine with modules of their own, and
    change nothing that lasts.
    """
    from control import provision as work
    from control import summary

    machines = inventory.load()
    outcomes = work.verify(machines, machines.select(where), jobs=jobs)
    say(summary.verified(outcomes))
    end_with(outcomes)


@verb(help={"where": WHERE_HELP, "json": "print a JSON list of objects", "jobs": JOBS_HELP})
def status(_: Context, where: str, *, json: bool = False, jobs: int = 10) -> None:
    """Show what is up, its release and services: fab status."""
    from control import status as work

    machines = inventory.load()
    found = work.status(machines, machines.select(where), jobs=jobs)
    say([to_json([each.to_json() for each in found])] if json else work.table(found))


@verb(
    help={
        "where": "not needed: all machines are drawn",
        "svg": "write the drawing into this file",
        "json": "print a JSON object: machines, lines",
        "jobs": JOBS_HELP,
    },
)
def topology(_: Context, where: str, *, svg: str = "", json: bool = False, jobs: int = 10) -> None:
    """Draw the machines and the lines between them: fab topology --svg chain.svg."""
    from pathlib import Path

    from control import topology as work
    from control import topology_svg

    machines = inventory.load()
    machines.select(where)
    found = work.topology(machines, jobs=jobs)
    if svg:
        Path(svg).write_text(topology_svg.svg(found), encoding="utf-8")
    say([to_json(found.to_json())] if json else work.drawing(found))


@verb(needs_where=True, help={"where": "one machine: host=NAME"})
def ssh(_: Context, where: str) -> None:
    """Open a shell or run a command: fab ssh host=store-1 -- ls.

    Standard input goes to the command, and its exit code is the exit code of fab.
    """
    from control import boot, shell
    from control.secrets import Secrets

    machines = inventory.load()
    machine = boot.reachable(machines, machines.one(where))
    shell.become_ssh(machine, Secrets(machines.secrets), commandline.after_dashes())


@verb(
    needs_where=True,
    help={
        "where": "one machine: host=NAME",
        "fingerprint": "pin only this key, without asking: SHA256:...",
    },
)
def trust(_: Context, where: str, *, fingerprint: str = "") -> None:
    """Pin a machine's SSH host key: fab trust host=store-1."""
    from control import boot
    from control import trust as work
    from control.secrets import Secrets

    machines = inventory.load()
    machine = boot.reachable(machines, machines.one(where))
    say([work.trust(machine, Secrets(machines.secrets), fingerprint)])


@verb(name="status", help={"where": WHERE_HELP})
def certificates_status(_: Context, where: str) -> None:
    """Show which nodes may dial the host: fab certificates."""
    from control import node_certificates as work

    machines = inventory.load()
    say(work.table(list(work.known(machines, machines.select(where)))))


@verb(name="rotate", needs_where=True, help={"where": WHERE_HELP, "jobs": JOBS_HELP})
def certificates_rotate(_: Context, where: str, *, jobs: int = 10) -> None:
    """Give nodes new certificates: fab certificates rotate host=store-2.

    The old ones are revoked once the nodes have the new ones. A node that was revoked is let in
    again by this.
    """
    from control import node_certificates as work

    machines = inventory.load()
    tell(work.rotate(machines, machines.select(where), jobs))


@verb(name="revoke", needs_where=True, help={"where": WHERE_HELP, "jobs": JOBS_HELP})
def certificates_revoke(_: Context, where: str, *, jobs: int = 10) -> None:
    """Shut nodes out, stolen ones say: fab certificates revoke host=store-2."""
    from control import node_certificates as work

    machines = inventory.load()
    tell(work.revoke(machines, machines.select(where), jobs))


@verb(
    name="person",
    help={
        "where": "not needed",
        "name": "whose it is: letters, digits, - and .",
        "revoke": "take it back, and tell the servers",
        "jobs": JOBS_HELP,
    },
)
def certificates_person(
    _: Context, where: str, *, name: str = "", revoke: bool = False, jobs: int = 10
) -> None:
    """Let a person into the web app of the cloud: fab certificates person --name kim."""
    from control import node_certificates as work

    machines = inventory.load()
    machines.select(where)
    if revoke:
        tell(work.take_back(machines, name, jobs))
        return
    path = work.of_person(machines, name)
    say(
        [
            f"{path} is the certificate of {name}, with its key; as browsers want it:",
            f"openssl pkcs12 -export -in {path} -out {name}.p12",
        ]
    )


def tell(outcomes: Sequence[Outcome[str]]) -> None:
    """Print what was done with each machine, and end with what went wrong."""
    say(outcome.answer for outcome in outcomes if outcome.answer is not None)
    end_with(outcomes)


def say(lines: Iterable[str]) -> None:
    """Print lines as they come."""
    for line in lines:
        print(line, flush=True)


def to_json(value: object) -> str:
    """Return a value as JSON that people can read, too."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def end_with(outcomes: Sequence[Outcome[Any]], *, drift: bool = False) -> None:
    """Print what went wrong, machine by machine, and end with the exit code that says so."""
    sys.stdout.flush()
    for outcome in outcomes:
        if outcome.error is not None:
            commandline.complain(outcome.error)
    end(exit_code(outcomes, drift=drift))


@verb(name="up", help={"where": WHERE_HELP})
def lab_up(_: Context, where: str) -> None:
    """Boot machines on this computer: fab lab up."""
    with_lab(where, lambda lab, names: lab.up(names))


@verb(name="down", help={"where": WHERE_HELP})
def lab_down(_: Context, where: str) -> None:
    """Switch machines off, their disks stay: fab lab down."""
    with_lab(where, lambda lab, names: lab.down(names))


@verb(name="reset", help={"where": WHERE_HELP})
def lab_reset(_: Context, where: str) -> None:
    """Delete machines' disks, to begin anew: fab lab reset."""
    with_lab(where, lambda lab, names: lab.reset(names))


@verb(name="status", help={"where": WHERE_HELP})
def lab_status(_: Context, where: str) -> None:
    """Show the lab's machines and addresses: fab lab status."""
    with_lab(where, lambda lab, names: lab.status(names))


@verb(name="cut", needs_where=True, help={"where": WHERE_HELP})
def lab_cut(_: Context, where: str) -> None:
    """Pull a machine's network cable: fab lab cut host=store-1."""
    with_lab(where, lambda lab, names: [lab.cut(name) for name in names])


@verb(name="mend", needs_where=True, help={"where": WHERE_HELP})
def lab_mend(_: Context, where: str) -> None:
    """Plug its cable in again: fab lab mend host=store-1."""
    with_lab(where, lambda lab, names: [lab.mend(name) for name in names])


@verb(name="power-off", needs_where=True, help={"where": WHERE_HELP})
def lab_power_off(_: Context, where: str) -> None:
    """Cut a machine's power: fab lab power-off host=store-1."""
    with_lab(where, lambda lab, names: [lab.power_off(name) for name in names])


def with_lab(where: str, do: "Callable[[Lab, list[str]], list[LabMachine]]") -> None:
    """Do something with machines of the lab, showing what happens, and print how they are."""
    from control import boot
    from control.progress import new_progress

    machines = inventory.load()
    names = boot.in_lab(machines, machines.select(where))
    progress = new_progress()
    try:
        found = do(boot.lab_of(machines, progress.say), names)
    finally:
        progress.close()
    say(boot.described(found))


namespace = commandline.verbs(
    provision,
    verify,
    status,
    topology,
    ssh,
    trust,
    certificates=(
        *(certificates_status, certificates_rotate, certificates_revoke),
        certificates_person,
    ),
    lab=(lab_up, lab_down, lab_reset, lab_status, lab_cut, lab_mend, lab_power_off),
)
