# SPDX-License-Identifier: Apache-2.0
"""Paths where nothing may be."""

from __future__ import annotations

from dataclasses import dataclass

from poser.machine.resource import Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent(Resource):
    """A path where nothing is: files and links go, a directory only when it is empty."""

    path: str
    guarded: bool = False

    @property
    def key(self) -> str:
        return f"no {self.path}"
