# SPDX-License-Identifier: Apache-2.0
"""Where packages come from."""

from __future__ import annotations

from dataclasses import dataclass

from poser.machine.resource import Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class AptSource(Resource):
    """One file of /etc/apt/sources.list.d, in the deb822 form."""

    name: str
    uris: tuple[str, ...]
    suites: tuple[str, ...]
    components: tuple[str, ...] = ("main",)
    signed_by: str = "/usr/share/keyrings/debian-archive-keyring.gpg"
    enabled: bool = True

    @property
    def key(self) -> str:
        return f"apt source {self.name}"
