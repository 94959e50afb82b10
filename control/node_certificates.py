# SPDX-License-Identifier: Apache-2.0
"""Certificates of nodes and of people: renewed, taken back, and brought to who asks for them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import roles
from control import boot, ca, fleet, machines, revocation
from control.fleet import Outcome
from control.hosts import host
from control.inventory import Inventory, Machine
from control.kit import Blobs
from control.links import Links
from control.paint import Ink, paint
from control.secrets import Secrets
from poser.errors import ConfigError, PoserError
from poser.machine.resource import Resource
from poser.services import DATASYNC
from roles.parts.links import CERTIFICATE
from roles.parts.service import CREDENTIALS
from roles.parts.sites import REVOKED
from roles.values import ReleaseRef

OF_NODE = (
    f"file {CERTIFICATE}",
    *(f"file {CREDENTIALS}/{name}" for name in DATASYNC.credentials),
    f"service {DATASYNC.unit}",
)
OF_LIST = (f"file {REVOKED}", "service nginx.service")
_NO_RELEASE = ReleaseRef(id="none", sha256="", heads={})
"""What is brought here belongs to no release: machines keep the one that they run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The certificate of one node; `revoked_at` is ISO 8601 in UTC, "" when it holds."""

    name: str
    role: str
    ends_at: str
    revoked_at: str


def known(inventory: Inventory, chosen: Sequence[Machine]) -> Iterator[Known]:
    """Yield the certificates of those among `chosen` that dial the host and have one."""
    from control import certificates  # noqa: PLC0415 (slow)

    secrets = Secrets(inventory.secrets)
    for machine in chosen:
        pem = secrets.read(ca.of_node(machine.name).pem)
        if pem:
            yield Known(
                name=machine.name,
                role=machine.role,
                ends_at=certificates.end(pem).isoformat(),
                revoked_at=revocation.revoked_since(secrets, pem),
            )


def table(found: Sequence[Known]) -> Iterator[str]:
    """Yield one line for each certificate, for people."""
    if not found:
        yield "no node of this inventory has a certificate yet; fab provision makes them"
    width = max((len(each.name) for each in found), default=0)
    for each in found:
        good = paint(f"good until {each.ends_at[:10]}", Ink.GREEN)
        bad = paint(f"revoked since {each.revoked_at[:16].replace('T', ' ')} UTC", Ink.RED)
        yield f"{each.name.ljust(width)}  {bad if each.revoked_at else good}"


def rotate(inventory: Inventory, chosen: Sequence[Machine], jobs: int) -> list[Outcome[str]]:
    """Give nodes new keys and certificates, then revoke the old ones.

    A node that cannot be reached keeps its old one, which holds; the next provisioning brings
    the new one. The outcomes of servers that learn what is revoked follow those of the nodes.
    """
    secrets = Secrets(inventory.secrets)
    old = {machine.name: _pem(inventory, machine) for machine in chosen}

    def renew(machine: Machine, links: Links) -> str:
        ca.node_certificate(secrets, machine.name, anew=True)
        _amend(inventory, machine, links, OF_NODE)
        return f"{machine.name}: has a new certificate"

    outcomes = _each(inventory, chosen, renew, jobs)
    done = [one.machine for one in outcomes if one.error is None]
    _revoke_all(secrets, [(machine.name, old[machine.name]) for machine in done])
    return outcomes + tell_servers(inventory, jobs)


def revoke(inventory: Inventory, chosen: Sequence[Machine], jobs: int) -> list[Outcome[str]]:
    """Revoke the certificates of nodes, and tell every server that asks for certificates."""
    secrets = Secrets(inventory.secrets)
    _revoke_all(secrets, [(machine.name, _pem(inventory, machine)) for machine in chosen])
    return tell_servers(inventory, jobs)


def tell_servers(inventory: Inventory, jobs: int) -> list[Outcome[str]]:
    """Bring the list of what is revoked to all machines that have one."""
    revocation.revoked_pem(Secrets(inventory.secrets))

    def tell(machine: Machine, links: Links) -> str:
        _amend(inventory, machine, links, OF_LIST)
        return f"{machine.name}: knows what is revoked"

    servers = [machine for machine in inventory.machines if _resources(inventory, machine, OF_LIST)]
    return _each(inventory, servers, tell, jobs)


def of_person(inventory: Inventory, name: str) -> str:
    """Give a person a certificate, and return the path of the file that holds it with its key."""
    secrets = Secrets(inventory.secrets)
    if secrets.read(_of_person(name)) is not None:
        raise ConfigError(
            f"{name} has a certificate: {secrets.folder / _of_person(name)}",
            hint=f"take it back first: fab certificates person --name {name} --revoke",
        )
    secrets.replace(_of_person(name), ca.person_certificate(secrets, name))
    return str(secrets.folder / _of_person(name))


def take_back(inventory: Inventory, name: str, jobs: int) -> list[Outcome[str]]:
    """Revoke the certificate of a person, and tell every server that asks for certificates."""
    secrets = Secrets(inventory.secrets)
    pem = secrets.read(_of_person(name))
    if pem is None:
        raise ConfigError(
            f"{name} has no certificate", hint=f"look into {secrets.folder / 'people'}"
        )
    _revoke_all(secrets, [(name, pem)])
    (secrets.folder / _of_person(name)).unlink()
    return tell_servers(inventory, jobs)


def _of_person(name: str) -> str:
    if not name.replace("-", "").replace(".", "").isalnum() or not name.isascii():
        raise ConfigError(
            f"a person cannot be called {name!r}", hint="letters, digits, - and . as in --name kim"
        )
    return f"people/{name}.pem"


def _pem(inventory: Inventory, machine: Machine) -> str:
    pem = Secrets(inventory.secrets).read(ca.of_node(machine.name).pem)
    if pem is None:
        raise ConfigError(
            f"{machine.name} has no certificate of a node",
            hint="nodes that dial a host have one, once they are provisioned; fab certificates"
            " lists them",
        )
    return pem


def _revoke_all(secrets: Secrets, certificates: Sequence[tuple[str, str]]) -> None:
    for name, pem in certificates:
        revocation.revoke(secrets, name, pem, datetime.now(UTC))


def _each(
    inventory: Inventory,
    chosen: Sequence[Machine],
    do: Callable[[Machine, Links], str],
    jobs: int,
) -> list[Outcome[str]]:
    links = Links(Secrets(inventory.secrets))
    located = boot.located(inventory, chosen)
    if not located:
        return []
    return fleet.run(located, lambda machine: do(machine, links), jobs=jobs, interrupt=links.close)


def _amend(inventory: Inventory, machine: Machine, links: Links, keys: Sequence[str]) -> None:
    """Bring some resources of a machine's role to it, and nothing else."""
    if not machine.address:
        raise PoserError(
            f"{machine.name} is not up", hint=f"boot it: fab lab up host={machine.name}"
        )
    job = machines.amend_job(_resources(inventory, machine, keys))
    connection = links.open(machine)
    try:
        machines.converge(connection, machine, job, Blobs(), lambda _: None, confirm=lambda: None)
    finally:
        links.close_one(connection)


def _resources(inventory: Inventory, machine: Machine, keys: Sequence[str]) -> tuple[Resource, ...]:
    """Return the resources with these keys; none when the machine's role has not all of them."""
    role = roles.build(host(inventory, machine, _NO_RELEASE))
    found = tuple(one for one in role.resources if one.key in keys)
    return found if len(found) == len(keys) else ()
