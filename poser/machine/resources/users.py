# SPDX-License-Identifier: Apache-2.0
"""Groups and users of the system."""

from __future__ import annotations

from poser.machine.resource import Drift, Resource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from poser.machine.facts import Changes, Fact, Facts, Query
    from poser.machine.system import System

_NEW_ID = 0  # what a prediction says of a number that is yet to be given


class Group(Resource):
    """A group of the system."""

    name: str
    system: bool = True

    @property
    def key(self) -> str:
        """The name."""
        return f"group {self.name}"

    def queries(self) -> tuple[Query, ...]:
        """Ask for the group."""
        return (("group", self.name),)

    def wrong(self, facts: Facts) -> Drift | None:
        """Say whether it is missing."""
        return None if facts.get("group", self.name) else Drift(reason="is missing")

    def predict(self, facts: Facts) -> Changes:
        """Expect it, with a number yet unknown."""
        del facts
        return {("group", self.name): {"gid": _NEW_ID}}

    def mend(self, system: System, facts: Facts) -> None:
        """Add it."""
        del facts
        add_group(system, self.name, is_system=self.system)


class User(Resource):
    """A user of the system with a group of the same name; it has no password.

    `groups` are further groups; others that it is in are left alone.
    """

    name: str
    system: bool = True
    home: str = "/nonexistent"
    shell: str = "/usr/sbin/nologin"
    groups: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The name."""
        return f"user {self.name}"

    def queries(self) -> tuple[Query, ...]:
        """Ask for the user and for the group of the same name."""
        return (("user", self.name), ("group", self.name))

    def wrong(self, facts: Facts) -> Drift | None:
        """Compare home, shell and groups; a user that was half made is wrong, too."""
        fact = facts.get("user", self.name)
        if fact is None:
            return Drift(reason="is missing")
        reasons = [
            f"{name} is {fact[name]}, should be {wanted}"
            for name, wanted in (("home", self.home), ("shell", self.shell))
            if fact[name] != wanted
        ]
        if not fact["group"]:
            reasons.append(f"its group {fact['gid']} does not exist")
        if not fact["in_shadow"]:
            reasons.append("is not in /etc/shadow")
        if missing := self._missing(fact):
            reasons.append(f"is not in {', '.join(missing)}")
        return Drift(reason="; ".join(reasons)) if reasons else None

    def predict(self, facts: Facts) -> Changes:
        """Expect it as declared."""
        old = facts.get("user", self.name) or {"uid": _NEW_ID, "gid": _NEW_ID, "groups": []}
        fact: Fact = {
            **old,
            "group": old.get("group") or self.name,
            "home": self.home,
            "shell": self.shell,
            "groups": sorted({*old["groups"], *self.groups}),
            "in_shadow": True,
        }
        group = facts.get("group", self.name) or {"gid": _NEW_ID}
        return {("user", self.name): fact, ("group", self.name): group}

    def mend(self, system: System, facts: Facts) -> None:
        """Add it and its group, or change what differs."""
        fact = facts.get("user", self.name)
        if fact is None:
            if facts.get("group", self.name) is None:
                add_group(system, self.name, is_system=self.system)
            self._add(system)
        else:
            self._change(system, fact)
        system.accounts.read()

    def _add(self, system: System) -> None:
        how = ("--system", "--no-create-home") if self.system else ("--create-home",)
        groups = ("--groups", ",".join(self.groups)) if self.groups else ()
        places = ("--home-dir", self.home, "--shell", self.shell)
        account_tool(system, "useradd", *how, "--gid", self.name, *places, *groups, self.name)

    def _change(self, system: System, fact: dict[str, object]) -> None:
        if not fact["group"]:
            number = str(fact["gid"])
            account_tool(system, "groupadd", "--system", "--gid", number, self.name)
        if not fact["in_shadow"]:
            account_tool(system, "pwconv")
        groups = ("--append", "--groups", ",".join(self.groups)) if self.groups else ()
        places = ("--home", self.home, "--shell", self.shell)
        account_tool(system, "usermod", *places, *groups, self.name)

    def _missing(self, fact: dict[str, Sequence[str]]) -> list[str]:
        known = {*fact["groups"], fact["group"]}
        return [name for name in self.groups if name not in known]


def add_group(system: System, name: str, *, is_system: bool) -> None:
    """Add a group and know its number from now on."""
    account_tool(system, "groupadd", *(("--system",) if is_system else ()), name)
    system.accounts.read()


def account_tool(system: System, *command: str) -> None:
    """Run a tool of the shadow suite; locks that a killed one left behind are removed first."""
    from poser.machine.shadow import remove_stale_locks

    remove_stale_locks(system)
    system.run(command, finishes=lambda: True)
