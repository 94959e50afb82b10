# SPDX-License-Identifier: Apache-2.0
"""The firewall."""

from __future__ import annotations

import re

from poser.machine.digest import digest
from poser.machine.resource import Drift, Resource
from poser.machine.text import Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from poser.machine.facts import Changes, Fact, Facts, Query
    from poser.machine.system import System

PATH = "/etc/nftables.conf"
# Where the kit keeps what the kernel showed after the rules were loaded.
RECORD = "/var/lib/poser-kit/nftables.loaded"
_TABLE = re.compile(r"^\s*(?:add )?table (\w+ \S+) *\{", re.MULTILINE)


class Nftables(Resource):
    """The whole ruleset in /etc/nftables.conf, loaded; always guarded.

    The content is checked by nft before it is used. Drift in the loaded tables that it names is
    seen, too; tables of others are left out of that. Names of tables are written with their
    family, as in "table inet poser {".
    """

    content: str

    @property
    def key(self) -> str:
        """There is one firewall."""
        return "nftables"

    @property
    def text(self) -> Text:
        """The file as it should be."""
        return Text(path=PATH, text=self.content)

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables that the content makes, such as "inet poser"."""
        return tuple(dict.fromkeys(_TABLE.findall(self.content)))

    def queries(self) -> tuple[Query, ...]:
        """Ask for the file, what the kernel has, and what it had after loading."""
        return (("path", PATH), ("path", RECORD), ("nftables", ""))

    def wrong(self, facts: Facts) -> Drift | None:
        """Compare the file, then the loaded tables with what loading gave."""
        drift = self.text.wrong(facts)
        if drift:
            return drift
        if why := facts.unknown((("nftables", ""),)):
            return Drift(reason=f"the loaded rules cannot be seen yet: {why}")
        loaded = (facts.get("nftables", "") or {})["tables"]
        missing = [name for name in self.tables if name not in loaded]
        if missing:
            return Drift(reason=f"not loaded: table {', '.join(missing)}")
        if record_of(self, loaded) != (facts.get("path", RECORD) or {}).get("content"):
            return Drift(reason="the loaded rules are not those of the file")
        return None

    def predict(self, facts: Facts) -> Changes:
        """Expect the file, and its tables loaded."""
        loaded = dict.fromkeys(self.tables, "as in the file")
        text = Text(path=RECORD, text=record_of(self, loaded), mode=0o600)
        live: Fact = {"tables": loaded}
        return {**self.text.predict(facts), **text.predict(facts), ("nftables", ""): live}

    def mend(self, system: System, facts: Facts) -> None:
        """Let nft check the rules, put the file in place, load it, keep what the kernel shows."""
        if self.text.wrong(facts):
            new = system.disk.stage(self.text.content)
            system.run(("nft", "--check", "--file", new))
            self.text.put(system)
        system.run(("nft", "--file", system.disk.at(PATH)))
        seen = system.look((("nftables", ""),)).get("nftables", "") or {}
        record = record_of(self, seen.get("tables", {}))
        Text(path=RECORD, text=record, mode=0o600).put(system)

    def guards(self) -> tuple[str, ...]:
        """Guard the file: a wrong rule shuts everybody out."""
        return (PATH,)


def record_of(rules: Nftables, loaded: dict[str, str]) -> str:
    """Return the lines that say with which content which tables looked how."""
    lines = [f"content {digest(rules.content.encode())}"]
    lines += [f"table {name} {loaded.get(name, 'missing')}" for name in rules.tables]
    return "".join(f"{line}\n" for line in lines)
