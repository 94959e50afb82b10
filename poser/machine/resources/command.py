# SPDX-License-Identifier: Apache-2.0
"""Odd one-offs: a command with a guard."""

from __future__ import annotations

import json

from poser.errors import ConfigError
from poser.machine.resource import Drift, Resource, Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from poser.machine.facts import Changes, Fact, Facts, Query
    from poser.machine.system import System


class Command(Resource):
    """A command that runs unless its guard says it has run; keep these few.

    Exactly one guard: `unless` is a command that exits 0 when there is nothing to do (it runs on
    every look: keep it cheap), `creates` a path, `unless_sql` a database and a query for one
    boolean, which rides on the one psql of the look. `stdin` reaches the command's standard
    input and may be a secret.
    """

    name: str
    run: tuple[str, ...]
    unless: tuple[str, ...] = ()
    creates: str = ""
    unless_sql: tuple[str, ...] = ()
    user: str = "root"
    stdin: str | Secret = ""

    disturbs = True

    def validate(self) -> None:
        """Raise ConfigError unless there is exactly one guard."""
        guards = [bool(self.unless), bool(self.creates), bool(self.unless_sql)]
        if sum(guards) != 1 or len(self.unless_sql) not in (0, 2):
            raise ConfigError(
                f"command {self.name!r} has {sum(guards)} guards",
                hint="give it one: unless=(COMMAND...), creates=PATH or unless_sql=(DATABASE, SQL)",
            )

    @property
    def key(self) -> str:
        """The name."""
        return f"command {self.name}"

    def queries(self) -> tuple[Query, ...]:
        """Ask the guard."""
        if self.creates:
            return (("path", self.creates),)
        if self.unless_sql:
            return (("pg_true", " ".join(self.unless_sql)),)
        return (("guard", json.dumps(self.unless)),)

    def wrong(self, facts: Facts) -> Drift | None:
        """Say whether it has to run."""
        if why := facts.unknown(self.queries()):
            return Drift(reason=f"cannot be seen yet: {why}")
        fact = facts.get(*self.queries()[0])
        if self.creates:
            return None if fact else Drift(reason=f"has not made {self.creates}")
        if self.unless_sql:
            done = fact is not None and fact["true"]
            return None if done else Drift(reason=f"database {self.unless_sql[0]} says it is due")
        rc = (fact or {})["rc"]
        return Drift(reason=f"{self.unless[0]} says it is due ({rc})") if rc else None

    def predict(self, facts: Facts) -> Changes:
        """Expect the guard to be content."""
        del facts
        fact: Fact = {"rc": 0}
        if self.creates:
            fact = {"type": "file", "mode": 0, "owner": "root", "group": "root", "content": ""}
        if self.unless_sql:
            fact = {"true": True}
        return {self.queries()[0]: fact}

    def mend(self, system: System, facts: Facts) -> None:
        """Run it."""
        del facts
        system.run(self.run, user=self.user, stdin=self.stdin)
