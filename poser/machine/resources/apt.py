# SPDX-License-Identifier: Apache-2.0
"""Where packages come from."""

from __future__ import annotations

from poser.machine.resource import Drift, Resource
from poser.machine.text import Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from poser.machine.facts import Changes, Facts, Query
    from poser.machine.system import System


class AptSource(Resource):
    """One file of /etc/apt/sources.list.d, in the deb822 form.

    Source: sources.list(5), "DEB822-STYLE FORMAT"
    """

    name: str
    uris: tuple[str, ...]
    suites: tuple[str, ...]
    components: tuple[str, ...] = ("main",)
    signed_by: str = "/usr/share/keyrings/debian-archive-keyring.gpg"
    enabled: bool = True

    @property
    def key(self) -> str:
        """The name."""
        return f"apt source {self.name}"

    @property
    def text(self) -> Text:
        """The file as it should be."""
        lines = (
            "Types: deb",
            f"URIs: {' '.join(self.uris)}",
            f"Suites: {' '.join(self.suites)}",
            f"Components: {' '.join(self.components)}",
            f"Signed-By: {self.signed_by}",
            *(() if self.enabled else ("Enabled: no",)),
        )
        path = f"/etc/apt/sources.list.d/{self.name}.sources"
        return Text(path=path, text="".join(f"{line}\n" for line in lines))

    def queries(self) -> tuple[Query, ...]:
        """Ask for the file."""
        return (("path", self.text.path),)

    def wrong(self, facts: Facts) -> Drift | None:
        """Compare the file."""
        return self.text.wrong(facts)

    def predict(self, facts: Facts) -> Changes:
        """Expect the file."""
        return self.text.predict(facts)

    def mend(self, system: System, facts: Facts) -> None:
        """Write the file; apt reads it when packages are installed next."""
        del facts
        self.text.put(system)
