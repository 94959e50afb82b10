# SPDX-License-Identifier: Apache-2.0
"""Warnings mode: changes that nobody expected are mailed, in the transaction that makes them."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.orm import Session

from poser.clock import utc_now
from poser.importing.asked import Asked
from poser.importing.emails import IMPORT_CHANGES
from poser.importing.result import Difference, ModelResult, RunResult, RunStatus
from poser.importing.showing import changes_of, run_of
from poser.mail import queue
from poser.model.importing import ImportRun

MOST = 100
"""Most rows that a mail shows field by field, of all models together."""
_LONGEST = 300


def mail_changes(session: Session, result: RunResult, asked: Asked) -> None:
    """Queue the mail of a run in warnings mode that found changes; without any there is none.

    Belongs into the transaction that ends the run: what is rolled back sends no mail.
    """
    if not asked.warnings or not result.changes:
        return
    run = session.get_one(ImportRun, result.run_id)
    differences = [one for model in result.models for one in model.differences]
    queue(
        session,
        IMPORT_CHANGES,
        to=asked.recipients or None,
        about=f"{result.key} {result.number}",
        data={
            "handler": result.key,
            "source": result.source,
            "command": asked.command,
            "run": result.number,
            "user_name": run.user_name or "nobody known",
            "seconds": (utc_now() - run.began_at).total_seconds(),
            "is_written": result.status is RunStatus.DONE,
            "why": result.why,
            "changes": result.changes,
            "refused": result.refused,
            "models": _models(result.models),
            "differences": [_shown(one) for one in differences[:MOST]],
            "more": result.changes - len(differences[:MOST]),
        },
    )


def values_of_run(session: Session, id_: UUID) -> dict[str, object] | None:
    """Give what the mail about a run would have, read from its record; None where it is gone."""
    run = run_of(session, id_)
    if run is None:
        return None
    changes = changes_of(session, run, limit=MOST)
    return {
        "handler": run.key,
        "source": run.source,
        "command": run.command,
        "run": run.number,
        "user_name": run.user_name or "nobody known",
        "seconds": run.seconds or 0.0,
        "is_written": run.wrote,
        "why": run.why,
        "changes": run.changes,
        "refused": run.refused,
        "models": _models(run.models),
        "differences": [_shown(one) for one in changes],
        "more": max(run.changes - len(changes), 0),
    }


def _models(models: Iterable[ModelResult]) -> list[dict[str, object]]:
    names = ("model", "created", "updated", "deleted", "refused")
    return [{name: getattr(one, name) for name in names} for one in models]


def _shown(one: Difference) -> dict[str, object]:
    names = dict.fromkeys((*one.old, *one.new))
    return {
        "title": f"{one.kind} {one.model} {one.key}",
        "fields": [
            {"name": name, "old": _text(one.old, name), "new": _text(one.new, name)}
            for name in names
        ],
    }


def _text(side: dict[str, str | None], name: str) -> str:
    """Write a value for people; one that there is not, because the row is new, is empty."""
    if name not in side:
        return ""
    value = side[name]
    if value is None:
        return "-"
    return value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"
