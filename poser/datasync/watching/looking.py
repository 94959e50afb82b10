# SPDX-License-Identifier: Apache-2.0
"""Looking at a watched system: what changed there is put down together with how far it was seen.

Both are one transaction, so whoever is killed in between looks again and finds the same. A record
has changed when its digest is not the one that was last seen: a clock that goes back, equal times
and rows that are committed late cost another look at the same rows, and never a change.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from poser.datasync.watching.records import reader_of
from poser.errors import ImportFailed
from poser.importing.asked import Asked
from poser.importing.choosing import chosen
from poser.importing.copying import as_line, copy_lines
from poser.importing.formats.databases import DatabaseSource
from poser.importing.handler import ImportHandler
from poser.importing.importer import Importer
from poser.importing.kinds import FieldProblem
from poser.importing.source import Bad, Chunk

OVERLAP = timedelta(minutes=5)
"""How much of what was seen is read again: so late may a row be committed with an older time."""
_SEEN = "datasync_seen"
_MAKE = text(f"""
CREATE TEMP TABLE {_SEEN} (n bigint, model text, key text, digest bytea, data jsonb) ON COMMIT DROP
""")
_LATEST = f"""
SELECT DISTINCT ON (model, key) n, model, key, digest, data FROM {_SEEN}
ORDER BY model, key, n DESC
"""  # noqa: S608 - our own names
_CHANGED = text(f"""
WITH changed AS (
    SELECT s.* FROM ({_LATEST}) AS s
    LEFT JOIN datasync_watched_records AS k
        ON k.watched = :watched AND k.model = s.model AND k.key = s.key
    WHERE k.digest IS DISTINCT FROM s.digest
), known AS (
    INSERT INTO datasync_watched_records (watched, model, key, digest)
    SELECT :watched, model, key, digest FROM changed
    ON CONFLICT (watched, model, key) DO UPDATE SET digest = excluded.digest
)
INSERT INTO datasync_watched_changes (watched, model, key, data)
SELECT :watched, model, key, data FROM changed ORDER BY n
ON CONFLICT (watched, model, key) DO UPDATE SET data = excluded.data, found_at = now(),
    version = gen_random_uuid(), tries = 0, next_try_at = now()
""")  # noqa: S608 - our own names
_GONE = text(f"""
WITH gone AS (
    DELETE FROM datasync_watched_records AS k
    WHERE watched = :watched AND model = ANY (CAST(:models AS text[]))
        AND NOT EXISTS (SELECT FROM {_SEEN} AS s WHERE s.model = k.model AND s.key = k.key)
    RETURNING model, key
)
INSERT INTO datasync_watched_changes (watched, model, key) SELECT :watched, model, key FROM gone
ON CONFLICT (watched, model, key) DO UPDATE SET data = NULL, found_at = now(),
    version = gen_random_uuid(), tries = 0, next_try_at = now()
""")  # noqa: S608 - our own names
_SHARES = text(f"""
SELECT k.model, count(*), count(*) FILTER (WHERE s.key IS NULL)
FROM datasync_watched_records AS k
LEFT JOIN (SELECT DISTINCT model, key FROM {_SEEN}) AS s ON s.model = k.model AND s.key = k.key
WHERE k.watched = :watched AND k.model = ANY (CAST(:models AS text[])) GROUP BY k.model
""")  # noqa: S608 - our own names
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
_MARKS = text("SELECT marks FROM datasync_watched WHERE name = :watched")
_NOTE = text("""
INSERT INTO datasync_watched (name, marks, looked_at, whole_at) VALUES
    (:watched, CAST(:marks AS jsonb), now(), CASE WHEN :whole THEN now() END)
ON CONFLICT (name) DO UPDATE SET marks = excluded.marks, looked_at = excluded.looked_at,
    whole_at = coalesce(excluded.whole_at, datasync_watched.whole_at),
    note = :note, failed_at = NULL
""")


@dataclass(slots=True)
class Looked:
    """What a look found: records read, changed, gone; those that cannot be read, and why."""

    read: int = 0
    changed: int = 0
    gone: int = 0
    unreadable: int = 0
    first_problem: str = ""
    models: set[str] = field(default_factory=set)
    unsure: set[str] = field(default_factory=set)

    @property
    def note(self) -> str:
        """Say in words what of the source could not be read."""
        if not self.unreadable:
            return ""
        return f"{self.unreadable} records cannot be read; the first: {self.first_problem}"


def look(
    session: Session,
    name: str,
    handler: ImportHandler,
    asked: Asked,
    *,
    by: str,
    whole: bool,
    beat: Callable[[], None] = lambda: None,
) -> Looked:
    """Find what changed in a watched system and put it down, in the caller's transaction.

    With `by` and not `whole` only what is new by that column is read. Raises ImportFailed for a
    source that cannot be read: then nothing is put down.
    """
    session.execute(_ONE_AT_A_TIME, {"name": f"datasync watch {name}"})
    marks = dict(session.execute(_MARKS, {"watched": name}).scalar() or {})
    session.execute(_MAKE)
    found = Looked()
    with handler.source(asked) as source:
        importers = chosen(handler, asked, source)
        if by and not isinstance(source, DatabaseSource):
            raise ImportFailed(
                f"{source.name} is no database: nothing of it is new by {by}",
                hint=f"leave `by {by}` out: all of it is read each time",
            )
        newest = _Newest(by, {} if whole else marks)
        for chunk in source.chunks([newest.of(one) for one in importers]):
            _take(session, chunk, found, newest)
            beat()
    session.execute(text(f"ANALYZE {_SEEN}"))
    found.changed = _count(session.execute(_CHANGED, {"watched": name}))
    if whole:
        deleting = {one.name for one in importers if _deletes(one, asked)}
        # What cannot be read may be any record, so none of its model is taken for gone.
        which = {"watched": name, "models": sorted((found.models & deleting) - found.unsure)}
        _refuse_many(session, which, asked)
        found.gone = _count(session.execute(_GONE, which))
    values = {"marks": json.dumps(marks | newest.seen), "whole": whole, "note": found.note}
    session.execute(_NOTE, {"watched": name, **values})
    return found


def _deletes(importer: Importer, asked: Asked) -> bool:
    return importer.deletes if asked.deletes is None else asked.deletes


def _refuse_many(session: Session, which: Mapping[str, object], asked: Asked) -> None:
    """Raise ImportFailed when more is gone than may go: a source that is not whole looks so."""
    for model, known, gone in session.execute(_SHARES, which):
        share = 100 * gone / known
        if share > asked.max_delete_share:
            raise ImportFailed(
                f"{gone:,} of {known:,} {model} are gone, which is {share:.1f} %; at most"
                f" {asked.max_delete_share.normalize():f} % may be",
                hint="is the source whole? --max-delete-share in its line insists",
            )


def _take(session: Session, chunk: Chunk, found: Looked, newest: "_Newest") -> None:
    model = chunk.importer.name
    found.models.add(model)
    if not chunk.names:
        return
    read = reader_of(chunk.importer, chunk.names)
    lines = []
    for item in chunk.items:
        found.read += 1
        if isinstance(item, Bad):
            _unreadable(found, model, f"{item.place}: {item.reason}")
            continue
        place, values = item
        try:
            record = read(values)
        except FieldProblem as problem:
            _unreadable(found, model, f"{place}: {problem.field}: {problem.reason}")
            continue
        if record is not None:
            digest = f"\\x{record.digest.hex()}"
            lines.append(as_line((found.read, model, record.key, digest, record.data)))
            newest.note(model, chunk.names, values)
    copy_lines(session, _SEEN, ("n", "model", "key", "digest", "data"), lines)


def _unreadable(found: Looked, model: str, problem: str) -> None:
    found.unreadable += 1
    found.unsure.add(model)
    found.first_problem = found.first_problem or f"{model}, {problem}"


def _count(result: object) -> int:
    return int(result.rowcount)  # type: ignore[attr-defined]


class _Newest:
    """Narrows a database's tables to rows that are new by a column, and notes the newest."""

    def __init__(self, by: str, marks: dict[str, str]) -> None:
        self._by = by
        self._marks = marks
        self._newest: dict[str, object] = {}

    @property
    def seen(self) -> dict[str, str]:
        """The newest value by model, as text."""
        return {model: str(value) for model, value in self._newest.items()}

    def of(self, importer: Importer) -> Importer:
        """Return the importer with its rows narrowed; as it is where nothing was seen yet."""
        if not self._by:
            return importer
        said = importer.said
        rows = f"({said})" if said.split(maxsplit=1)[0].lower() in {"select", "with"} else said
        narrowed = copy(importer)
        since = self._since(importer.name)
        where = f" WHERE w.{self._by} >= '{since}'" if since else ""
        vars(narrowed)["source"] = f"SELECT * FROM {rows} AS w{where}"  # noqa: S608 - the settings' own
        return narrowed

    def note(self, model: str, names: Sequence[str], values: Sequence[object]) -> None:
        """See the value of one record."""
        if not self._by:
            return
        if self._by not in names:
            raise ImportFailed(
                f"{model}: its rows have no column {self._by}",
                hint=f"there is: {', '.join(names)}",
            )
        value = values[list(names).index(self._by)]
        before = self._newest.get(model)
        if value is not None and (before is None or value > before):  # type: ignore[operator]
            self._newest[model] = value

    def _since(self, model: str) -> str:
        mark = self._marks.get(model, "")
        try:
            at = datetime.fromisoformat(mark)
        except ValueError:
            return mark.replace("'", "''")  # a number, which counts up
        return str(min(at, datetime.now(at.tzinfo or UTC).replace(tzinfo=at.tzinfo)) - OVERLAP)
