# SPDX-License-Identifier: Apache-2.0
"""Groups and users of the system."""

from __future__ import annotations

from dataclasses import dataclass

from poser.machine.resource import Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Resource):
    """A group of the system."""

    name: str
    system: bool = True

    @property
    def key(self) -> str:
        return f"group {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class User(Resource):
    """A user of the system with a group of the same name; it has no password.

    `groups` are further groups; others that it is in are left alone.
    """

    name: str
    system: bool = True
    home: str = "/nonexistent"
    shell: str = "/usr/sbin/nologin"
    groups: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return f"user {self.name}"
