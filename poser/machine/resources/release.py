# SPDX-License-Identifier: Apache-2.0
"""Releases of the node software."""

from __future__ import annotations

from dataclasses import dataclass

from poser.machine.resource import Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(Resource):
    """A release unpacked into ROOT/releases/ID, complete: a virtual environment.

    The bundle is a tar archive (plain or compressed) with `requirements.txt`, in which every
    line has its hashes, and the folder `wheels/`. If `wheels/` holds pip, that pip is used.
    The newest `keep` other complete releases stay; what `current` points to is never removed.
    """

    id: str
    bundle_sha256: str
    root: str = "/opt/poser"
    keep: int = 3

    @property
    def key(self) -> str:
        return f"release {self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseLink(Resource):
    """The link ROOT/current, switched to the release in one step."""

    id: str
    root: str = "/opt/poser"

    @property
    def key(self) -> str:
        return f"current release {self.root}/current"


@dataclass(frozen=True, slots=True, kw_only=True)
class Migrated(Resource):
    """A database whose schema has these newest migrations.

    What is looked at is the table alembic_version; mending runs `command` as `user`.
    """

    database: str
    branch_heads: tuple[str, ...]
    command: tuple[str, ...]
    user: str = "poser"

    @property
    def key(self) -> str:
        return f"schema of {self.database}"
