# SPDX-License-Identifier: Apache-2.0
"""Settings of the kernel."""

from __future__ import annotations

from dataclasses import dataclass

from poser.machine.resource import Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Sysctl(Resource):
    """A file of /etc/sysctl.d; values are set at once where this machine may set them."""

    name: str
    values: tuple[tuple[str, str], ...]

    @property
    def key(self) -> str:
        return f"sysctl {self.name}"
