# SPDX-License-Identifier: Apache-2.0
"""Directories."""

from __future__ import annotations

from dataclasses import dataclass

from poser.machine.resource import Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory(Resource):
    """A directory with this mode and owner; what is in it is left alone."""

    path: str
    mode: int = 0o755
    owner: str = "root"
    group: str = "root"

    @property
    def key(self) -> str:
        return f"directory {self.path}"
