# SPDX-License-Identifier: Apache-2.0
"""Parts become one list: once each, in order, and never two meanings of one thing."""

import pytest

from poser.errors import ConfigError
from poser.machine.resources.directory import Directory
from poser.machine.resources.file import File
from poser.machine.resources.nftables import Nftables
from poser.machine.resources.packages import Packages
from roles.flatten import flatten
from roles.values import Part, Port


def part(name: str, **values: object) -> Part:
    return Part(name=name, what=name, **values)  # type: ignore[arg-type]  # named by each test


def test_two_parts_with_different_values_for_one_thing_are_refused_by_name() -> None:
    one = part("one", resources=(File(path="/etc/x", content="1"),))
    two = part("two", resources=(File(path="/etc/x", content="2"),))
    with pytest.raises(ConfigError, match=r"file /etc/x is declared by part 'one'.*part 'two'"):
        flatten("store", (one, two))


def test_two_parts_with_equal_values_declare_it_once() -> None:
    same = Directory(path="/etc/poser")
    found = flatten("store", (part("one", resources=(same,)), part("two", resources=(same,))))
    assert [one for one in found if one == same] == [same]


def test_packages_of_all_parts_come_after_what_prepares_them() -> None:
    found = flatten(
        "store",
        (
            part("one", resources=(Packages(names=("b", "a")), Directory(path="/after"))),
            part(
                "two",
                prepares=(Directory(path="/before"),),
                resources=(Packages(names=("c", "a")),),
            ),
        ),
    )
    assert [one.key for one in found] == [
        "directory /before",
        Packages(names=("a", "b", "c")).key,
        "directory /after",
        "nftables",
        "service nftables.service",
    ]


def test_the_firewall_opens_the_ports_of_all_parts() -> None:
    found = flatten(
        "store",
        (
            part("one", ports=(Port(22, serves="ssh"),)),
            part("two", ports=(Port(443, serves="web"),)),
        ),
    )
    (firewall,) = (one for one in found if isinstance(one, Nftables))
    assert "tcp dport 22 accept" in firewall.content
    assert "tcp dport 443 accept" in firewall.content
