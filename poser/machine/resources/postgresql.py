# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL: the cluster, roles and databases (settings and access: `postgresql_files`)."""

from __future__ import annotations

from poser.machine.resource import Drift, Resource, Secret
from poser.machine.resources.postgresql_files import PgHba, PgSettings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from poser.machine.facts import Changes, Facts, Query
    from poser.machine.system import System

__all__ = ["PgCluster", "PgDatabase", "PgHba", "PgRole", "PgSettings"]

_PREDICTED_SALT = bytes(16)


class PgCluster(Resource):
    """The cluster VERSION/main of Debian, complete and running.

    A cluster whose making was interrupted before it ever started is made anew; what is left of
    the old one is moved aside, never deleted.
    """

    version: str

    disturbs = True

    @property
    def key(self) -> str:
        """The version and the name."""
        return f"postgresql cluster {self.cluster}"

    @property
    def cluster(self) -> str:
        """Its name in paths, such as "17/main"."""
        return f"{self.version}/main"

    def queries(self) -> tuple[Query, ...]:
        """Ask which of its parts are there."""
        return (("pg_cluster", self.cluster),)

    def wrong(self, facts: Facts) -> Drift | None:
        """Say whether it is whole and runs."""
        fact = facts.get("pg_cluster", self.cluster) or {}
        match fact["config"], fact["data"]:
            case "complete", "used" | "new":
                return None if fact["socket"] else Drift(reason="does not run")
            case "complete", "none":
                return Drift(reason="is configured, but its data is not there")
            case _, "used":
                return Drift(reason="has data, but its configuration is not complete")
            case "none", "none":
                return Drift(reason="is missing")
        return Drift(reason="was not made to the end")

    def predict(self, facts: Facts) -> Changes:
        """Expect it whole and running; what is in it is not known."""
        del facts
        fact = {"config": "complete", "data": "used", "socket": True}
        return {("pg_cluster", self.cluster): fact}

    def mend(self, system: System, facts: Facts) -> None:
        """Make it or start it; PoserError when that could hide or lose somebody's data."""
        from poser.machine.cluster import make, refuse, start

        fact = facts.get("pg_cluster", self.cluster) or {}
        match fact["config"], fact["data"]:
            case ("complete", "none") | ("partial" | "none", "used"):
                refuse(self.version, has_data=fact["data"] == "used")
            case "partial" | "none", _:
                make(system, self.version)
        start(system, self.version)


class PgRole(Resource):
    """A role of the database server; its password is kept as a SCRAM verifier.

    Without `password` the role has none, and comes in by its system user only.
    """

    name: str
    login: bool = True
    createdb: bool = False
    password: Secret | None = None

    @property
    def key(self) -> str:
        """The name."""
        return f"postgresql role {self.name}"

    def queries(self) -> tuple[Query, ...]:
        """Ask for the role."""
        return (("pg_role", self.name),)

    def wrong(self, facts: Facts) -> Drift | None:
        """Compare rights and password."""
        if why := facts.unknown(self.queries()):
            return Drift(reason=f"cannot be seen yet: {why}")
        fact = facts.get("pg_role", self.name)
        if fact is None:
            return Drift(reason="is missing")
        words = [
            f"{'may not' if wanted else 'may'} {verb}"
            for verb, wanted, seen in (
                ("log in", self.login, fact["login"]),
                ("make databases", self.createdb, fact["createdb"]),
            )
            if wanted != seen
        ]
        if not self._fits(str(fact["verifier"])):
            words.append("has another password" if self.password else "has a password")
        return Drift(reason="; ".join(words)) if words else None

    def predict(self, facts: Facts) -> Changes:
        """Expect the role with the password."""
        del facts
        stored = self._verifier(_PREDICTED_SALT)
        fact = {"login": self.login, "createdb": self.createdb, "verifier": stored}
        return {("pg_role", self.name): fact}

    def mend(self, system: System, facts: Facts) -> None:
        """Make or change it; the server is given the verifier, never the password."""
        import os

        from poser.machine.cluster import sql
        from poser.machine.psql import literal, name

        verb = "alter" if facts.get("pg_role", self.name) else "create"
        rights = f"{'' if self.login else 'no'}login {'' if self.createdb else 'no'}createdb"
        stored = self._verifier(os.urandom(16))
        password = literal(stored) if stored else "null"
        sql(system, f"{verb} role {name(self.name)} with {rights} password {password};")

    def _verifier(self, salt: bytes) -> str:
        from poser.machine.scram import verifier

        return verifier(self.password.reveal(), salt) if self.password else ""

    def _fits(self, stored: str) -> bool:
        if self.password is None:
            return not stored
        from poser.machine.scram import fits

        return fits(self.password.reveal(), stored)


class PgDatabase(Resource):
    """A database in UTF-8 with its owner and extensions; it sorts the same on every machine."""

    name: str
    owner: str
    extensions: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The name."""
        return f"postgresql database {self.name}"

    def queries(self) -> tuple[Query, ...]:
        """Ask for the database."""
        return (("pg_database", self.name),)

    def wrong(self, facts: Facts) -> Drift | None:
        """Compare owner and extensions; further extensions are left alone."""
        if why := facts.unknown(self.queries()):
            return Drift(reason=f"cannot be seen yet: {why}")
        fact = facts.get("pg_database", self.name)
        if fact is None:
            return Drift(reason="is missing")
        words = []
        if fact["owner"] != self.owner:
            words.append(f"belongs to {fact['owner']}, should be {self.owner}")
        if missing := [name for name in self.extensions if name not in fact["extensions"]]:
            words.append(f"has no extension {', '.join(missing)}")
        return Drift(reason="; ".join(words)) if words else None

    def predict(self, facts: Facts) -> Changes:
        """Expect the database with its extensions."""
        old = facts.get("pg_database", self.name) or {}
        extensions = sorted({*old.get("extensions", ()), *self.extensions})
        return {("pg_database", self.name): {"owner": self.owner, "extensions": extensions}}

    def mend(self, system: System, facts: Facts) -> None:
        """Make it, or change its owner; add extensions."""
        from poser.machine.cluster import sql
        from poser.machine.psql import name

        fact = facts.get("pg_database", self.name)
        if fact is None:
            how = "template template0 encoding 'UTF8' locale_provider builtin locale 'C.UTF-8'"
            sql(system, f"create database {name(self.name)} owner {name(self.owner)} {how};")
        elif fact["owner"] != self.owner:
            sql(system, f"alter database {name(self.name)} owner to {name(self.owner)};")
        if self.extensions:
            text = "".join(f"create extension if not exists {name(x)};" for x in self.extensions)
            sql(system, text, database=self.name)
