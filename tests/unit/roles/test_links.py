# SPDX-License-Identifier: Apache-2.0
"""Who a node is to the others: its settings, its services, its doors."""

from collections.abc import Callable
from configparser import ConfigParser
from dataclasses import replace
from pathlib import Path

import pytest

from poser import services
from poser.config import load
from poser.datasync.settings import peers
from poser.machine.resources.file import File
from roles import build
from roles.paper import CHAIN, paper
from roles.parts.service import unit
from roles.parts.sites import HUB_PORT, STAFF_PORT
from roles.poser_conf import PATH
from roles.values import Host, Peer, Role

MakeHost = Callable[..., Host]


def file(role: Role, path: str) -> str:
    (found,) = [one for one in role.resources if isinstance(one, File) and one.path == path]
    return str(found.content)


def settings(role: Role) -> dict[str, str]:
    parser = ConfigParser(interpolation=None)
    parser.read_string(file(role, PATH))
    return dict(parser["datasync"]) if "datasync" in parser else {}


def linked_store() -> Host:
    return replace(paper("store"), peers=CHAIN[:1] + CHAIN[2:], node_pem="NODE CERTIFICATE\n")


def names(role: Role) -> list[str]:
    return [service.name for service in role.services]


def test_a_store_without_a_host_is_kept_in_step_with_nobody(a_host: MakeHost) -> None:
    role = build(a_host())
    assert settings(role) == {}
    assert "datasync" not in names(role)
    assert {port.number for port in role.ports} == {22, 80, 443}


def test_a_store_with_a_host_dials_it_with_its_own_certificate() -> None:
    role = build(linked_store())
    assert settings(role) == {
        "node": "store-1",
        "kind": "store",
        "host_url": "https://192.0.2.10:8444",
        "certificate": "/etc/ssl/certs/poser-node.pem",
        "key": "/run/credentials/poser-datasync.service/node-key",
        "authority": "/etc/ssl/certs/poser-authority.pem",
    }
    assert file(role, "/etc/ssl/certs/poser-node.pem") == "NODE CERTIFICATE\n"
    assert {port.number for port in role.ports} == {22, 80, 443}, "it opens a port for that"


def test_an_address_of_ipv6_stands_in_brackets() -> None:
    host = replace(linked_store(), peers=(Peer(name="h", role="host", address="2001:db8::1"),))
    assert settings(build(host))["host_url"] == "https://[2001:db8::1]:8444"


def test_the_host_knows_its_peers_and_dials_nobody(a_host: MakeHost) -> None:
    role = build(a_host(role="host"))
    found = settings(role)
    assert found["peers"] == "store-1 store 1; store-2 store 2+3; cloud-1 cloud"
    assert "host_url" not in found
    assert {port.number for port in role.ports} == {22, 80, 443, HUB_PORT}
    (datasync,) = [one for one in role.services if one.name == "datasync"]
    assert "PrivateNetwork=yes" in unit(datasync)
    assert "LoadCredential" not in unit(datasync)


def test_datasync_reads_the_peers_that_the_role_writes(a_host: MakeHost, tmp_path: Path) -> None:
    path = tmp_path / "poser.conf"
    path.write_text(f"[datasync]\npeers = {settings(build(a_host(role='host')))['peers']}\n")
    found = peers(load([path], environment={}))
    assert [(one.name, one.kind, one.stores) for one in found] == [
        (peer.name, peer.role, peer.stores) for peer in CHAIN[1:]
    ]


def test_only_who_dials_reaches_the_network() -> None:
    role = build(linked_store())
    open_to_it = {one.name for one in role.services if "PrivateNetwork" not in unit(one)}
    assert open_to_it == {"datasync"}


def test_the_cloud_shows_its_web_app_behind_certificates_alone(a_host: MakeHost) -> None:
    role = build(a_host(role="cloud"))
    assert {port.number for port in role.ports} == {22, 80, 443, STAFF_PORT}
    assert "datasync" in names(role)
    assert role.url == f"https://192.0.2.1:{STAFF_PORT}"


@pytest.mark.parametrize(
    ("role", "path"),
    [("host", "/etc/nginx/conf.d/poser-hub.conf"), ("cloud", "/etc/nginx/conf.d/poser-staff.conf")],
)
def test_doors_for_certificates_look_at_the_list_and_forget_sessions(
    a_host: MakeHost, role: str, path: str
) -> None:
    lines = {line.strip() for line in file(build(a_host(role=role)), path).splitlines()}
    assert {
        "ssl_verify_client on;",
        "ssl_crl /etc/ssl/certs/poser-revoked.pem;",
        "ssl_session_cache off;",
    } <= lines


def test_the_hub_is_told_the_name_in_the_certificate(a_host: MakeHost) -> None:
    text = file(build(a_host(role="host")), "/etc/nginx/conf.d/poser-hub.conf")
    assert "proxy_set_header X-Poser-Node $poser_node;" in text
    assert "ssl_protocols TLSv1.3;" in text
    assert f"server unix:/run/{services.HUB.runtime_directory}/hub.sock" in text
