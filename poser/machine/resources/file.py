# SPDX-License-Identifier: Apache-2.0
"""Files with exactly this content."""

from __future__ import annotations

from dataclasses import dataclass

from poser.machine.resource import Resource, Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class File(Resource):
    """A regular file with this content, mode and owner.

    A `guarded` file is put back unless the change is confirmed over a new connection; the
    content of a `secret` one is never shown. `check` is a command that must like the new content
    before it is put in place, with "{}" where the path of the new file goes.
    Missing parent folders are made, for root.
    """

    path: str
    content: str | Secret
    mode: int = 0o644
    owner: str = "root"
    group: str = "root"
    secret: bool = False
    guarded: bool = False
    check: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return f"file {self.path}"
