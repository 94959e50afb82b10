# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL: its settings and who may connect, in force."""

from __future__ import annotations

from poser.machine import started
from poser.machine.memory import resolved
from poser.machine.resource import Drift, Resource
from poser.machine.text import Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from poser.machine.facts import Changes, Facts, Query
    from poser.machine.system import System

# What is wrong in the files as they lie there. A setting that only waits for a restart is not.
_WRONG_SETTINGS = """\
select format('%s line %s: %s %s', sourcefile, sourceline, name, error) from pg_file_settings
where error is not null and error <> 'setting could not be applied';"""
_WRONG_ACCESS = """\
select format('pg_hba.conf line %s: %s', line_number, error) from pg_hba_file_rules
where error is not null union all
select format('pg_ident.conf line %s: %s', line_number, error) from pg_ident_file_mappings
where error is not null;"""


class PgSettings(Resource):
    """Server settings in conf.d/poser.conf of the cluster VERSION/main, in force.

    A value may be a share of the machine's memory: "memory/4 max 2048MB". The server is
    restarted only when a changed setting needs it, else it reads its files again.
    """

    version: str
    values: tuple[tuple[str, str], ...]

    @property
    def key(self) -> str:
        """The cluster."""
        return f"postgresql settings {self.version}/main"

    @property
    def path(self) -> str:
        """Where the settings lie."""
        return f"/etc/postgresql/{self.version}/main/conf.d/poser.conf"

    def text(self, facts: Facts) -> Text:
        """Return the file as it should be on a machine with this memory."""
        mib = (facts.get("memory", "") or {})["mib"]
        lines = (f"{name} = {_quoted(resolved(value, mib))}\n" for name, value in self.values)
        return _owned(self.path, "".join(lines))

    def queries(self) -> tuple[Query, ...]:
        """Ask for the file, the memory, and whether the server has read and used the file."""
        record = (started.TABLE, _unit(self.version))
        return (("path", self.path), ("memory", ""), ("pg_pending", ""), record)

    def wrong(self, facts: Facts) -> Drift | None:
        """Compare the file, then ask whether it is in force."""
        drift = self.text(facts).wrong(facts) or _not_read(facts, self.version, (self.path,))
        if drift:
            return drift
        waiting = (facts.get("pg_pending", "") or {}).get("names", ())
        if waiting:
            return Drift(reason=f"waits for a restart: {', '.join(waiting)}")
        return None

    def predict(self, facts: Facts) -> Changes:
        """Expect the file, in force."""
        return {**_predicted(facts, self.version, (self.text(facts),)), ("pg_pending", ""): _NONE}

    def mend(self, system: System, facts: Facts) -> None:
        """Write the file and let the server take it; the old one stays if it does not."""
        _put(system, self.version, facts, (self.text(facts),), _WRONG_SETTINGS)


class PgHba(Resource):
    """Who may connect: the whole pg_hba.conf (and pg_ident.conf) of the cluster, in force."""

    version: str
    lines: tuple[str, ...]
    ident: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The cluster."""
        return f"postgresql access {self.version}/main"

    @property
    def texts(self) -> tuple[Text, ...]:
        """The files as they should be; without `ident` that file is left alone."""
        named = [("pg_hba", self.lines)] + ([("pg_ident", self.ident)] if self.ident else [])
        return tuple(
            _owned(f"/etc/postgresql/{self.version}/main/{name}.conf", "".join(map(_line, lines)))
            for name, lines in named
        )

    def queries(self) -> tuple[Query, ...]:
        """Ask for the files, and whether the server has read them."""
        record = (started.TABLE, _unit(self.version))
        return (*(("path", text.path) for text in self.texts), record)

    def wrong(self, facts: Facts) -> Drift | None:
        """Compare the files, then ask whether they are in force."""
        for text in self.texts:
            if drift := text.wrong(facts):
                return drift
        return _not_read(facts, self.version, [text.path for text in self.texts])

    def predict(self, facts: Facts) -> Changes:
        """Expect the files, in force."""
        return _predicted(facts, self.version, self.texts)

    def mend(self, system: System, facts: Facts) -> None:
        """Write the files and let the server take them; the old ones stay if it does not."""
        _put(system, self.version, facts, self.texts, _WRONG_ACCESS)


_NONE: dict[str, list[str]] = {"names": []}


def _unit(version: str) -> str:
    return f"postgresql@{version}-main.service"


def _owned(path: str, text: str) -> Text:
    return Text(path=path, text=text, mode=0o640, owner="postgres", group="postgres")


def _line(text: str) -> str:
    return f"{text}\n"


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _not_read(facts: Facts, version: str, paths: Sequence[str]) -> Drift | None:
    old = started.stale(facts, _unit(version), paths)
    return Drift(reason="was not read by the server since it changed") if old else None


def _predicted(facts: Facts, version: str, texts: Sequence[Text]) -> Changes:
    after = facts.copy()
    for text in texts:
        after.update(text.predict(after))
    changes = {("path", text.path): after.get("path", text.path) for text in texts}
    changes |= started.remembered(after, _unit(version), [text.path for text in texts])
    return changes


def _put(system: System, version: str, facts: Facts, texts: Sequence[Text], check: str) -> None:
    from poser.machine.cluster import put

    seen = {text.path: facts.get("path", text.path) for text in texts}
    old = {path: fact.get("content") if fact else None for path, fact in seen.items()}
    put(system, version, texts, old, check)
