# SPDX-License-Identifier: Apache-2.0
"""A machine that exists on paper only."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from poser.machine.resource import Secret
from roles.values import AptMirror, Host, ReleaseRef

PAPER = Host(
    name="store-1",
    role="store",
    address="10.77.0.11",
    site="north",
    domain="shop.example",
    mirror=AptMirror(
        uris=("http://mirror.example/debian",),
        security_uris=("http://mirror.example/debian-security",),
    ),
    settings={},
    secrets={"web-secret": Secret("w" * 43), "admin-password": Secret("a" * 20)},
    authority_pem="AUTHORITY\n",
    certificate_pem="CERTIFICATE\n",
    key_pem=Secret("KEY\n"),
    ssh_public_keys=("ssh-ed25519 AAAA control",),
    release=ReleaseRef(id="r1", sha256="0" * 64, heads={"poser": ("aaa",), "trainwreck": ("bbb",)}),
)


@pytest.fixture
def a_host() -> Callable[..., Host]:
    """Return a host made of `PAPER` with other values where they are named."""

    def make(**changes: Any) -> Host:  # noqa: ANN401 - any field of Host
        return replace(PAPER, **changes)

    return make
