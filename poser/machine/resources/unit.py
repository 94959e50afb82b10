# SPDX-License-Identifier: Apache-2.0
"""Unit files of systemd."""

from __future__ import annotations

from dataclasses import dataclass

from poser.machine.resource import Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit(Resource):
    """A unit file or drop-in below /etc/systemd/system, read by systemd.

    `name` is such as "poser-web.service" or "ssh.service.d/10-poser.conf".
    """

    name: str
    content: str
    guarded: bool = False

    @property
    def key(self) -> str:
        return f"unit {self.name}"
