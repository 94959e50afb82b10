# SPDX-License-Identifier: Apache-2.0
"""`fab certificates`: who is told what, and what is revoked when something goes wrong."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from control import ca, inventory, node_certificates, revocation
from control.inventory import Inventory, Machine
from control.links import Links
from control.secrets import Secrets
from poser.errors import ConfigError, PoserError

CHAIN = """
mirror = { uris = ["http://mirror.example/debian"], security_uris = ["http://mirror.example/s"] }
machines.host-1 = { role = "host", address = "192.0.2.1" }
machines.store-1 = { role = "store", address = "192.0.2.2", stores = ["1"] }
machines.store-2 = { role = "store", address = "192.0.2.3", stores = ["2"] }
machines.cloud-1 = { role = "cloud", address = "192.0.2.4" }
"""


class Told:
    """Stands for the machines: notes what is brought to whom; those that are down refuse."""

    def __init__(self) -> None:
        self.brought: list[tuple[str, Sequence[str]]] = []
        self.down: set[str] = set()

    def __call__(
        self, chain: Inventory, machine: Machine, links: Links, keys: Sequence[str]
    ) -> None:
        del links
        if machine.name in self.down:
            raise PoserError(f"{machine.name} does not answer")
        assert node_certificates._resources(chain, machine, keys), "its role has nothing of it"
        self.brought.append((machine.name, keys))


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    made = Told()
    monkeypatch.setattr(node_certificates, "_amend", made)
    return made


@pytest.fixture
def chain(tmp_path: Path) -> Inventory:
    path = tmp_path / "inventory.toml"
    path.write_text(CHAIN)
    found = inventory.load(path)
    for machine in found.machines:
        if machine.role != "host":
            ca.node_certificate(Secrets(found.secrets), machine.name)
    return found


def certificate(chain: Inventory, name: str) -> str:
    return Secrets(chain.secrets).read(f"{name}/node.pem") or ""


def is_revoked(chain: Inventory, pem: str) -> bool:
    return bool(revocation.revoked_since(Secrets(chain.secrets), pem))


def test_all_who_ask_for_certificates_are_told_and_nobody_else(
    chain: Inventory, told: Told
) -> None:
    outcomes = node_certificates.revoke(chain, chain.select("host=store-2"), 1)
    assert told.brought == [
        ("host-1", node_certificates.OF_LIST),
        ("cloud-1", node_certificates.OF_LIST),
    ]
    assert [one.error for one in outcomes] == [None, None]
    assert is_revoked(chain, certificate(chain, "store-2"))
    assert not is_revoked(chain, certificate(chain, "store-1"))


def test_a_server_that_was_not_reached_is_named_and_told_when_it_is_done_again(
    chain: Inventory, told: Told
) -> None:
    told.down.add("host-1")
    (host, cloud) = node_certificates.revoke(chain, chain.select("host=store-2"), 1)
    assert "host-1 does not answer" in str(host.error)
    assert cloud.error is None
    told.down.clear()
    (host, _) = node_certificates.revoke(chain, chain.select("host=store-2"), 1)
    assert host.error is None


def test_a_new_certificate_replaces_the_old_one_which_is_revoked(
    chain: Inventory, told: Told
) -> None:
    old = certificate(chain, "store-1")
    node_certificates.rotate(chain, chain.select("host=store-1"), 1)
    assert told.brought[0] == ("store-1", node_certificates.OF_NODE)
    assert is_revoked(chain, old)
    assert not is_revoked(chain, certificate(chain, "store-1"))


def test_the_old_one_holds_while_the_node_cannot_be_reached(chain: Inventory, told: Told) -> None:
    told.down.add("store-1")
    old = {name: certificate(chain, name) for name in ("store-1", "store-2")}
    outcomes = node_certificates.rotate(chain, chain.select("role=store"), 1)
    assert [bool(one.error) for one in outcomes] == [True, False, False, False]
    assert not is_revoked(chain, old["store-1"])
    assert is_revoked(chain, old["store-2"])


def test_the_host_has_no_certificate_of_a_node(chain: Inventory, told: Told) -> None:
    with pytest.raises(ConfigError, match="host-1 has no certificate of a node"):
        node_certificates.revoke(chain, chain.select("all"), 1)
    assert told.brought == []
    assert not is_revoked(chain, certificate(chain, "store-1")), "some were revoked all the same"


def test_the_list_of_all_says_until_when_and_who_is_out(chain: Inventory, told: Told) -> None:
    del told
    node_certificates.revoke(chain, chain.select("host=store-2"), 1)
    lines = list(node_certificates.table(list(node_certificates.known(chain, chain.machines))))
    assert [line.split()[0] for line in lines] == ["store-1", "store-2", "cloud-1"]
    assert "good until 20" in lines[0]
    assert "revoked since 20" in lines[1]


def test_a_person_gets_a_certificate_which_can_be_taken_back(chain: Inventory, told: Told) -> None:
    path = Path(node_certificates.of_person(chain, "kim"))
    pem = path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(ConfigError, match="kim has a certificate"):
        node_certificates.of_person(chain, "kim")
    node_certificates.take_back(chain, "kim", 1)
    assert is_revoked(chain, pem)
    assert [name for name, _ in told.brought] == ["host-1", "cloud-1"]
    with pytest.raises(ConfigError, match="kim has no certificate"):
        node_certificates.take_back(chain, "kim", 1)


@pytest.mark.parametrize("name", ["", "../kim", "kim/store-1", "a,CN=store-1", "käthe"])
def test_a_person_with_a_dangerous_name_is_refused(chain: Inventory, name: str) -> None:
    with pytest.raises(ConfigError, match="a person cannot be called"):
        node_certificates.of_person(chain, name)
