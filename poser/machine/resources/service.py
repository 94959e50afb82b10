# SPDX-License-Identifier: Apache-2.0
"""Services that are enabled and run with what is on disk."""

from __future__ import annotations

from dataclasses import dataclass

from poser.machine.resource import Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Service(Resource):
    """A unit that is (or is not) enabled and running, started with what is on disk now.

    `restart_on` and `reload_on` are absolute paths of files and links, or names of units or
    drop-ins; its own file below /etc/systemd/system counts as one of `restart_on`.
    """

    unit: str
    enabled: bool = True
    running: bool = True
    restart_on: tuple[str, ...] = ()
    reload_on: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return f"service {self.unit}"
