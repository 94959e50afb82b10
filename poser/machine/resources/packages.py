# SPDX-License-Identifier: Apache-2.0
"""Debian packages."""

from __future__ import annotations

from dataclasses import dataclass

from poser.machine.resource import Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Packages(Resource):
    """Debian packages that are installed, all in one go, without the recommended ones."""

    names: tuple[str, ...]

    @property
    def key(self) -> str:
        return f"packages {' '.join(self.names)}"
