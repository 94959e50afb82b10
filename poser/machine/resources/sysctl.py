# SPDX-License-Identifier: Apache-2.0
"""Settings of the kernel."""

from __future__ import annotations

from poser.errors import PoserError
from poser.machine.resource import Drift, Resource
from poser.machine.text import Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from poser.machine.facts import Changes, Facts, Query
    from poser.machine.system import System


class Sysctl(Resource):
    """A file of /etc/sysctl.d; values are set at once where this machine may set them.

    Settings that this kernel does not have, or that a container may not set, are in the file only.
    """

    name: str
    values: tuple[tuple[str, str], ...]

    @property
    def key(self) -> str:
        """The name."""
        return f"sysctl {self.name}"

    @property
    def text(self) -> Text:
        """The file as it should be."""
        lines = (f"{name} = {value}\n" for name, value in self.values)
        return Text(path=f"/etc/sysctl.d/{self.name}.conf", text="".join(lines))

    def queries(self) -> tuple[Query, ...]:
        """Ask for the file and for each value."""
        return (("path", self.text.path), *(("sysctl", name) for name, _ in self.values))

    def wrong(self, facts: Facts) -> Drift | None:
        """Compare the file, then the values in force."""
        drift = self.text.wrong(facts)
        if drift:
            return drift
        words = [
            f"{name} is {(facts.get('sysctl', name) or {})['value']}, should be {value}"
            for name, value in self._unset(facts)
        ]
        return Drift(reason="; ".join(words)) if words else None

    def predict(self, facts: Facts) -> Changes:
        """Expect the file and all values that can be set."""
        changes = dict(self.text.predict(facts))
        for name, value in self._unset(facts):
            changes["sysctl", name] = {"value": _spaced(value), "writable": True}
        return changes

    def mend(self, system: System, facts: Facts) -> None:
        """Write the file and set the values."""
        from poser.machine.lookups.kernel import setting_path

        if self.text.wrong(facts):
            self.text.put(system)
        for name, value in self._unset(facts):
            try:
                with open(setting_path(system.root, name), "w", encoding="utf-8") as file:
                    file.write(value)
            except OSError as error:
                raise PoserError(
                    f"the kernel does not take {name} = {value}: {error.strerror}",
                    hint="is the value right for this kernel? man 5 proc; sysctl " + name,
                ) from error

    def _unset(self, facts: Facts) -> list[tuple[str, str]]:
        """Return the values that this machine may set and that are not in force."""
        found = []
        for name, value in self.values:
            fact = facts.get("sysctl", name)
            if fact and fact["writable"] and fact["value"] != _spaced(value):
                found.append((name, value))
        return found


def _spaced(value: str) -> str:
    return " ".join(value.split())
