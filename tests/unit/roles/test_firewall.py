# SPDX-License-Identifier: Apache-2.0
"""The firewall lets in what a port says and nothing else."""

import pytest

from poser.errors import ConfigError
from roles.firewall import ruleset
from roles.ports import Port


def rules(*ports: Port) -> list[str]:
    return [line.strip() for line in ruleset(ports).splitlines()]


def test_without_ports_nothing_new_comes_in() -> None:
    text = ruleset(())
    assert "hook input priority filter; policy drop;" in text
    assert "dport" not in text


def test_a_port_for_everybody_is_one_rule() -> None:
    assert 'tcp dport 443 accept comment "web app"' in rules(Port(443, serves="web app"))


def test_a_port_for_networks_names_them_by_family() -> None:
    found = rules(Port(443, serves="web", open_to="10.1.0.0/16, fd00::/8,192.0.2.1/32"))
    assert 'ip saddr { 10.1.0.0/16, 192.0.2.1/32 } tcp dport 443 accept comment "web"' in found
    assert 'ip6 saddr { fd00::/8 } tcp dport 443 accept comment "web"' in found
    assert 'tcp dport 443 accept comment "web"' not in found


def test_new_ssh_connections_are_limited_before_they_are_accepted() -> None:
    found = rules(Port(22, serves="ssh"))
    limit = next(
        n for n, line in enumerate(found) if "limit rate over" in line and "ip saddr" in line
    )
    assert limit < found.index('tcp dport 22 accept comment "ssh"')


@pytest.mark.parametrize(
    ("network", "family", "other"), [("10.1.0.0/16", "ip", "ip6"), ("fd00::/8", "ip6", "ip")]
)
def test_a_limit_for_one_family_does_not_ask_for_the_other(
    network: str, family: str, other: str
) -> None:
    """The firewall refuses a rule that wants two families at once."""
    limits = [
        line for line in rules(Port(22, serves="ssh", open_to=network)) if "limit rate over" in line
    ]
    assert len(limits) == 1
    assert f"{{ {family} saddr limit" in limits[0]
    assert f"{other} saddr" not in limits[0]


def test_udp_ports_are_udp() -> None:
    assert 'udp dport 123 accept comment "time"' in rules(Port(123, serves="time", protocol="udp"))


@pytest.mark.parametrize("number", [0, 65536, -1])
def test_a_number_that_is_no_port_is_refused(number: int) -> None:
    with pytest.raises(ConfigError, match="not between 1 and 65535"):
        Port(number, serves="x")


@pytest.mark.parametrize("network", ["10.1.2.3/8", "store_lan", "", "any,10.0.0.0/8"])
def test_a_network_that_is_none_is_refused(network: str) -> None:
    with pytest.raises(ConfigError, match="port 443"):
        Port(443, serves="web", open_to=network)
