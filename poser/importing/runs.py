# SPDX-License-Identifier: Apache-2.0
"""The record of runs: begun, ended, and read again."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from poser.addresses import without_passwords
from poser.db.authors import AUTHOR, Author, Source
from poser.errors import PoserError
from poser.importing.asked import Asked, OnLimit
from poser.importing.parts import Part, part_from
from poser.importing.result import ModelResult, RunResult, RunStatus
from poser.model.importing import ImportRun
from poser.model.users import User

_DIED = "its program ended before it did"
_COUNTS = ("read", "created", "updated", "deleted", "unchanged", "refused", "duplicates", "skipped")
_LISTS = ("models", "key", "fields", "without", "fuzzy", "recipients")


def author(session: Session, key: str, number: int, asked: Asked) -> Author:
    """Name who makes the changes of a run. Raises PoserError for a user that there is not."""
    via = f"import {key} run {number}"
    starter = AUTHOR.get() or Author(source=Source.IMPORT)
    if not asked.user:
        return Author(
            source=Source.IMPORT,
            user_id=starter.user_id,
            user_name=starter.user_name,
            via=via,
            comment=asked.comment or starter.comment,
        )
    user = session.scalars(select(User).where(User.name == asked.user)).one_or_none()
    if user is None:
        raise PoserError(
            f"this node has no user {asked.user!r}", hint="`poser user list` shows them"
        )
    return Author(
        source=Source.IMPORT, user_id=user.id, user_name=user.name, via=via, comment=asked.comment
    )


def begin(session: Session, key: str, asked: Asked, reverts: UUID | None = None) -> ImportRun:
    """Write down that a run begins; whoever calls holds the lock of its handler.

    What is still said to be running then died without a word.
    """
    session.execute(
        update(ImportRun)
        .where(ImportRun.key == key, ImportRun.status == RunStatus.RUNNING)
        .values(status=RunStatus.INTERRUPTED, why=_DIED, ended_at=func.clock_timestamp())
    )
    run = ImportRun(
        key=key,
        status=RunStatus.RUNNING,
        command=asked.command,
        comment=asked.comment,
        asked=asked_as_json(asked),
        reverts_id=reverts,
    )
    session.add(run)
    session.flush()
    who = author(session, key, run.number, asked)
    run.user_name = who.user_name
    return run


def end(session: Session, result: RunResult, transactions: Sequence[UUID] = ()) -> None:
    """Write down how a run ended, and the transactions that it made since it was begun."""
    run = session.get_one(ImportRun, result.run_id)
    run.status = result.status
    run.source = result.source
    run.why, run.hint = result.why, result.hint
    run.notes = list(result.notes)
    run.counts = [_counts(one) for one in result.models]
    run.transaction_ids = [*dict.fromkeys([*run.transaction_ids, *transactions])]
    run.batch_ids = list(result.batches)
    if result.status is not RunStatus.RUNNING:
        run.ended_at = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    session.flush()


def by_number(session: Session, number: int) -> ImportRun:
    """Find a run by the number that people call it. Raises PoserError when there is none."""
    run = session.scalars(select(ImportRun).where(ImportRun.number == number)).one_or_none()
    if run is None:
        raise PoserError(f"there is no import run {number}", hint="`poser import runs` lists them")
    return run


def newest(session: Session, key: str = "", limit: int = 20) -> Sequence[ImportRun]:
    """List the newest runs, newest first; of all handlers, or of one."""
    wanted = select(ImportRun).order_by(ImportRun.number.desc()).limit(limit)
    return session.scalars(wanted.where(ImportRun.key == key) if key else wanted).all()


def result_of(run: ImportRun) -> RunResult:
    """Give the record of a run as its result; without differences and refusals."""
    ended = run.ended_at or run.began_at
    return RunResult(
        run_id=run.id,
        number=run.number,
        key=run.key,
        status=RunStatus(run.status),
        source=run.source,
        models=[ModelResult(**one) for one in run.counts],
        notes=list(run.notes),
        why=run.why,
        hint=run.hint,
        seconds=(ended - run.began_at).total_seconds(),
        batches=list(run.batch_ids),
    )


def staged(session: Session, result: RunResult, parts: Sequence[Part]) -> None:
    """Write down that the source of a run is read: from here on it can be resumed."""
    run = session.get_one(ImportRun, result.run_id)
    run.stage = {
        "parts": [part.to_json() for part in parts],
        "counts": [_counts(one) for one in result.models],
        "notes": list(result.notes),
        # Refusals with a later id are of what comes now, and are found again.
        "refusals_upto": str(session.execute(text("SELECT uuid7()")).scalar_one()),
    }
    end(session, result)


def parts_of(run: ImportRun) -> list[Part]:
    """Give the parts of a run whose source is read, as long as its staging tables are there."""
    return [part_from(one) for one in (run.stage or {}).get("parts", ())]


def asked_as_json(asked: Asked) -> dict[str, Any]:
    """Write what a run is asked to do for its record; passwords in addresses are left out."""
    return {name: _plain(value) for name, value in asdict(asked).items()}


def asked_from(said: Mapping[str, Any]) -> Asked:
    """Read what `asked_as_json` wrote, also by a release that knew fewer words."""
    known = {one.name for one in fields(Asked)}
    values = {name: value for name, value in said.items() if name in known}
    for name in _LISTS:
        values[name] = tuple(values.get(name, ()))
    values["options"] = tuple((name, value) for name, value in values.get("options", ()))
    for name in ("fuzz", "max_delete_share"):
        values[name] = Decimal(values[name])
    for name in ("since", "until"):
        values[name] = date.fromisoformat(values[name]) if values.get(name) else None
    values["on_limit"] = OnLimit(values["on_limit"])
    return Asked(**values)


def _plain(value: object) -> object:
    if isinstance(value, Decimal | date | StrEnum):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return without_passwords(value) if isinstance(value, str) else value


def _counts(result: ModelResult) -> dict[str, Any]:
    said = {"model": result.model, "table": result.table}
    return {**said, **{name: getattr(result, name) for name in _COUNTS}}
