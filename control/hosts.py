# SPDX-License-Identifier: Apache-2.0
"""Turns a machine of the inventory into what its role is given: a `Host`."""

from control import boot, ca
from control.boot import lab_of
from control.inventory import Inventory, Machine
from control.lab.sources import debian_mirror
from control.revocation import revoked_pem
from control.secrets import Secrets
from control.ssh_keys import sign_in_key
from poser.errors import Unavailable
from roles.values import AptMirror, Host, Peer, ReleaseRef


def host(inventory: Inventory, machine: Machine, release: ReleaseRef) -> Host:
    """Return `machine` with its mirror, secrets, certificates, peers and the release it shall run.

    What is missing of secrets and certificates is made. Raises ConfigError when no Debian mirror
    is known, and when secrets can be read by others; Unavailable when the machine shall dial a
    host that has no address yet.
    """
    secrets = Secrets(inventory.secrets)
    full_name = f"{machine.name}.{inventory.domain}" if inventory.domain else machine.name
    names = dict.fromkeys((full_name, machine.name, machine.address))
    certificate = ca.server_certificate(secrets, machine.name, tuple(names))
    dials = inventory.host is not None and machine.role != "host"
    return Host(
        name=machine.name,
        role=machine.role,
        address=machine.address,
        site=machine.site,
        domain=inventory.domain,
        mirror=mirror(inventory, machine),
        settings=machine.settings,
        node_pem=ca.node_certificate(secrets, machine.name).certificate_pem if dials else "",
        secrets=secrets.of_machine(machine.name),
        authority_pem=certificate.authority_pem,
        certificate_pem=certificate.certificate_pem,
        key_pem=certificate.key_pem,
        revoked_pem=revoked_pem(secrets) if inventory.host is not None else "",
        ssh_public_keys=(sign_in_key(secrets).public,),
        release=release,
        stores=machine.stores,
        peers=_peers(inventory, machine),
    )


def _peers(inventory: Inventory, machine: Machine) -> tuple[Peer, ...]:
    """Return the other nodes; none where each stands alone."""
    host = inventory.host
    if host is None:
        return ()
    address = boot.address(inventory, host)
    if machine.name != host.name and not address:
        raise Unavailable(
            f"{machine.name} dials {host.name}, which the lab has not given an address yet",
            hint=f"fab provision all, or first: fab lab up host={host.name}",
        )
    return tuple(
        Peer(
            name=each.name,
            role=each.role,
            # Only the host is dialled, so nobody needs the addresses of the others.
            address=address if each.name == host.name else "",
            stores=each.stores,
        )
        for each in inventory.machines
        if each.name != machine.name
    )


def mirror(inventory: Inventory, machine: Machine) -> AptMirror:
    """Return where a machine gets its packages from.

    That is the mirror of the inventory, or else the one that this computer uses. Machines of the
    lab reach it through the cache of the lab.
    """
    if machine.in_lab:
        found = lab_of(inventory).mirror
    elif inventory.mirror is not None:
        return inventory.mirror
    else:
        found = debian_mirror()
    return AptMirror(
        uris=found.uris,
        security_uris=found.security_uris,
        suite=found.suite,
        components=found.components,
        signed_by=found.signed_by,
    )
