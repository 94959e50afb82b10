# SPDX-License-Identifier: Apache-2.0
"""Releases of the node software."""

from __future__ import annotations

import json

from poser.machine.resource import Drift, Resource
from poser.machine.resources.link import link_predicted, link_wrong

TYPE_CHECKING = False
if TYPE_CHECKING:
    from poser.machine.facts import Changes, Facts, Query
    from poser.machine.system import System


class Release(Resource):
    """A release unpacked into ROOT/releases/ID, complete: a virtual environment.

    The bundle is a tar archive (plain or compressed) with `requirements.txt`, in which every
    line has its hashes, and the folder `wheels/`. If `wheels/` holds pip, that pip is used.
    `prepare` are arguments of its Python, run once when the wheels are installed.
    The newest `keep` other complete releases stay; what `current` points to is never removed.
    """

    id: str
    bundle_sha256: str
    root: str = "/opt/poser"
    prepare: tuple[str, ...] = ()
    keep: int = 3

    @property
    def key(self) -> str:
        """The id."""
        return f"release {self.id}"

    @property
    def folder(self) -> str:
        """Where it lies."""
        return f"{self.root}/releases/{self.id}"

    @property
    def marker(self) -> str:
        """The file that is written last: without it the release is not whole."""
        return f"{self.folder}/.complete"

    def queries(self) -> tuple[Query, ...]:
        """Ask for the marker."""
        return (("path", self.marker),)

    def wrong(self, facts: Facts) -> Drift | None:
        """Say whether it is whole, and made from this bundle."""
        fact = facts.get("path", self.marker)
        if fact is None:
            return Drift(reason="is not installed")
        if fact.get("content") != self.marker_text:
            return Drift(reason="was installed from another bundle")
        return None

    def predict(self, facts: Facts) -> Changes:
        """Expect it whole."""
        del facts
        fact = {"type": "file", "mode": 0o644, "owner": "root", "group": "root"}
        return {("path", self.marker): {**fact, "content": self.marker_text}}

    def mend(self, system: System, facts: Facts) -> None:
        """Fetch the bundle, install it, remove releases that are too old."""
        from poser.machine.releases import install, prune

        del facts
        install(system, self)
        prune(system, self)

    @property
    def marker_text(self) -> str:
        """What the marker says."""
        return json.dumps({"id": self.id, "bundle_sha256": self.bundle_sha256}) + "\n"


class ReleaseLink(Resource):
    """The link ROOT/current, switched to the release in one step."""

    id: str
    root: str = "/opt/poser"

    @property
    def key(self) -> str:
        """The link."""
        return f"current release {self.path}"

    @property
    def path(self) -> str:
        """The link."""
        return f"{self.root}/current"

    @property
    def target(self) -> str:
        """What it points to, seen from ROOT."""
        return f"releases/{self.id}"

    def queries(self) -> tuple[Query, ...]:
        """Ask for the link."""
        return (("path", self.path),)

    def wrong(self, facts: Facts) -> Drift | None:
        """Compare the target."""
        return link_wrong(facts, self.path, self.target)

    def predict(self, facts: Facts) -> Changes:
        """Expect the link, and services that must start anew."""
        return link_predicted(facts, self.path, self.target)

    def mend(self, system: System, facts: Facts) -> None:
        """Switch it."""
        del facts
        system.link(self.path, self.target)


class Migrated(Resource):
    """A database whose schema has these newest migrations, one for each branch of them.

    What is looked at are the tables alembic_version and alembic_version_EXTENSION; mending runs
    `command` as `user`. An extension that is no longer wanted leaves its tables behind.
    """

    database: str
    branch_heads: tuple[str, ...]
    command: tuple[str, ...]
    user: str

    disturbs = True

    @property
    def key(self) -> str:
        """The database."""
        return f"schema of {self.database}"

    def queries(self) -> tuple[Query, ...]:
        """Ask for the newest migrations that were applied."""
        return (("pg_heads", self.database),)

    def wrong(self, facts: Facts) -> Drift | None:
        """Compare them."""
        if why := facts.unknown(self.queries()):
            return Drift(reason=f"cannot be seen yet: {why}")
        fact = facts.get("pg_heads", self.database)
        heads = sorted((fact or {"heads": []})["heads"])
        if set(self.branch_heads) <= set(heads):
            return None
        return Drift(reason=f"is at {_words(heads)}, should be at {_words(self.branch_heads)}")

    def predict(self, facts: Facts) -> Changes:
        """Expect them applied."""
        del facts
        return {("pg_heads", self.database): {"heads": sorted(self.branch_heads)}}

    def mend(self, system: System, facts: Facts) -> None:
        """Run the release's own command."""
        del facts
        system.run(self.command, user=self.user)


def _words(heads: list[str] | tuple[str, ...]) -> str:
    return ", ".join(heads) or "nothing"
