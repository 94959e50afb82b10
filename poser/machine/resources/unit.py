# SPDX-License-Identifier: Apache-2.0
"""Unit files of systemd."""

from __future__ import annotations

from poser.machine.resource import Drift, Resource
from poser.machine.started import place
from poser.machine.text import Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from poser.machine.facts import Changes, Facts, Query
    from poser.machine.system import System


class Unit(Resource):
    """A unit file or drop-in below /etc/systemd/system, read by systemd.

    `name` is such as "poser-web.service" or "ssh.service.d/10-poser.conf".
    """

    name: str
    content: str
    guarded: bool = False

    @property
    def key(self) -> str:
        """The name."""
        return f"unit {self.name}"

    @property
    def text(self) -> Text:
        """The file as it should be."""
        return Text(path=place(self.name), text=self.content)

    @property
    def unit(self) -> str:
        """The unit that systemd can be asked about; "" for a template or its drop-in."""
        unit = self.name.partition("/")[0].removesuffix(".d")
        return "" if "@." in unit else unit

    def queries(self) -> tuple[Query, ...]:
        """Ask for the file, and whether systemd has read it."""
        return (("path", self.text.path), *((("unit", self.unit),) if self.unit else ()))

    def wrong(self, facts: Facts) -> Drift | None:
        """Compare the file; one that systemd has not read since it changed is wrong, too."""
        drift = self.text.wrong(facts)
        if drift or not self.unit:
            return drift
        fact = facts.get("unit", self.unit)
        if fact and fact["need_reload"]:
            return Drift(reason="was not read by systemd since it changed")
        return None

    def predict(self, facts: Facts) -> Changes:
        """Expect the file, read by systemd; a unit that was not known now is."""
        changes = dict(self.text.predict(facts))
        if self.unit:
            fact = dict(facts.get("unit", self.unit) or {})
            fact["need_reload"] = False
            if fact.get("load") == "not-found" and "/" not in self.name:
                fact |= {"load": "loaded", "file_state": "disabled"}
            changes["unit", self.unit] = fact
        return changes

    def mend(self, system: System, facts: Facts) -> None:
        """Write the file; systemd reads it before the next start, or at the end of the run."""
        if self.text.wrong(facts):
            self.text.put(system)
        system.systemd_must_read()

    def guards(self) -> tuple[str, ...]:
        """Guard the file, if wanted."""
        return (self.text.path,) if self.guarded else ()
