# SPDX-License-Identifier: Apache-2.0
"""Files with exactly this content."""

from __future__ import annotations

from poser.machine.resource import Drift, Resource, Secret, reveal
from poser.machine.text import Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from poser.machine.facts import Changes, Facts, Query
    from poser.machine.system import System


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
        """The path."""
        return f"file {self.path}"

    @property
    def text(self) -> Text:
        """The file as it should be."""
        return Text(
            path=self.path,
            text=reveal(self.content),
            mode=self.mode,
            owner=self.owner,
            group=self.group,
            secret=self.secret or isinstance(self.content, Secret),
        )

    def queries(self) -> tuple[Query, ...]:
        """Ask for the path."""
        return (("path", self.path),)

    def wrong(self, facts: Facts) -> Drift | None:
        """Compare text, then owner, then mode."""
        return self.text.wrong(facts)

    def predict(self, facts: Facts) -> Changes:
        """Expect the file, and services that must start anew."""
        return self.text.predict(facts)

    def mend(self, system: System, facts: Facts) -> None:
        """Write it, once `check` likes it."""
        del facts
        content = self.text.content
        if self.check:
            system.disk.make_parents(self.path)
            new = system.disk.stage(content)
            system.run([new if word == "{}" else word for word in self.check])
        system.write(content)

    def guards(self) -> tuple[str, ...]:
        """Guard the path, if wanted."""
        return (self.path,) if self.guarded else ()
