# SPDX-License-Identifier: Apache-2.0
"""Symbolic links."""

from __future__ import annotations

from dataclasses import dataclass

from poser.machine.resource import Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Link(Resource):
    """A symbolic link that points to `target`, switched in one step."""

    path: str
    target: str

    @property
    def key(self) -> str:
        return f"link {self.path}"
