# SPDX-License-Identifier: Apache-2.0
"""What a run may not do unless somebody insists: see before anything is written."""

from collections.abc import Callable, Sequence

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from poser.errors import ImportFailed
from poser.importing.asked import Asked, OnLimit
from poser.importing.difference import LETTERS, difference_of
from poser.importing.parts import Part, escaped, quoted
from poser.importing.result import Kind, ModelResult, RunResult
from poser.importing.staging import Stopped

_VERBS = {Kind.CREATE: "create", Kind.UPDATE: "update", Kind.DELETE: "delete"}
_COUNTED = {Kind.CREATE: "created", Kind.UPDATE: "updated", Kind.DELETE: "deleted"}


def refuse_empty(part: Part, result: ModelResult, asked: Asked, rows: Callable[[], int]) -> None:
    """Raise Stopped for a source without a single record, where that cannot be meant."""
    if result.read or asked.allow_empty or not rows():
        return
    raise Stopped(
        f"the source has no {part.model} at all",
        hint="is it the right one? --allow-empty takes it as it is",
    )


def only_allowed(session: Session, part: Part, result: ModelResult) -> None:
    """Leave changes of the kinds out that a part does not make; they are skipped."""
    for kind, allowed in ((Kind.CREATE, part.creates), (Kind.UPDATE, part.updates)):
        if not allowed:
            done = session.execute(_without(part, kind))
            result.skipped += int(getattr(done, "rowcount", 0))


def refuse_incomplete(part: Part, creates: int) -> None:
    """Raise ImportFailed when rows cannot be created for want of fields."""
    if creates and part.missing:
        raise ImportFailed(
            f"{creates} {part.table} would be created without {', '.join(part.missing)}",
            hint="import these fields, too, or only change what is there: --no-create",
        )


def refuse_many_deletions(part: Part, deletes: int, asked: Asked, rows: Callable[[], int]) -> None:
    """Raise Stopped when a greater share of a table would go than may."""
    if not deletes:
        return
    known = rows()
    share = 100 * deletes / known if known else 0
    if share > asked.max_delete_share:
        raise Stopped(
            f"{deletes:,} of {known:,} {part.table} would be deleted, which is {share:.1f} %;"
            f" at most {asked.max_delete_share.normalize():f} % may",
            hint=f"is the source whole? --max-delete-share {min(int(share) + 1, 100)} insists",
        )


def keep_limits(session: Session, parts: Sequence[Part], result: RunResult, asked: Asked) -> None:
    """Hold the counts of changes against the limits: stop there, or leave out what is more."""
    limits = {
        Kind.CREATE: asked.max_creates,
        Kind.UPDATE: asked.max_updates,
        Kind.DELETE: asked.max_deletes,
    }
    results = _by_model(result)
    for part in parts:
        counts = results[part.model]
        for kind, limit in limits.items():
            found = getattr(counts, _COUNTED[kind])
            if limit is not None and found > limit:
                _beyond(asked, f"{found:,} {part.table} to {_VERBS[kind]}", f"{limit:,}")
                _cut(session, part, counts, kind, limit)
    if asked.max_changes is not None and result.changes > asked.max_changes:
        _beyond(asked, f"{result.changes:,} changes", f"{asked.max_changes:,}")
        room = asked.max_changes
        for part in parts:
            counts = results[part.model]
            for kind in Kind:
                _cut(session, part, counts, kind, room)
                room -= getattr(counts, _COUNTED[kind])


def _beyond(asked: Asked, what: str, limit: str) -> None:
    if asked.on_limit is OnLimit.STOP:
        raise Stopped(
            f"{what}, and at most {limit} may be",
            hint="nothing is written; raise the limit, or take as many: --on-limit cut",
        )


def _cut(session: Session, part: Part, counts: ModelResult, kind: Kind, limit: int) -> None:
    """Leave out what is beyond a limit, the last of the source."""
    more = text(
        f"DELETE FROM {difference_of(part)} WHERE n IN (SELECT n FROM {difference_of(part)}"  # noqa: S608 - quoted
        f" WHERE kind = '{LETTERS[kind]}' ORDER BY abs(n) OFFSET :limit)"
    )
    done = session.execute(more, {"limit": max(limit, 0)})
    gone = int(getattr(done, "rowcount", 0))
    counts.skipped += gone
    setattr(counts, _COUNTED[kind], getattr(counts, _COUNTED[kind]) - gone)


def _without(part: Part, kind: Kind) -> TextClause:
    return text(f"DELETE FROM {difference_of(part)} WHERE kind = '{LETTERS[kind]}'")  # noqa: S608 - quoted


def rows_of(session: Session, part: Part) -> int:
    """Count the rows that a part is about."""
    scope = f" WHERE {escaped(part.scope)}" if part.scope else ""
    count = text(f"SELECT count(*) FROM {quoted(part.table)} AS t{scope}")  # noqa: S608 - quoted
    return int(session.execute(count).scalar_one())


def _by_model(result: RunResult) -> dict[str, ModelResult]:
    return {one.model: one for one in result.models}
