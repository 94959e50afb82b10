# SPDX-License-Identifier: Apache-2.0
"""Warnings mode: changes that nobody expected are mailed, in the transaction that makes them."""

from sqlalchemy.orm import Session

from poser.clock import utc_now
from poser.importing.asked import Asked
from poser.importing.emails import IMPORT_CHANGES
from poser.importing.result import Difference, RunResult, RunStatus
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
            "models": [
                {
                    name: getattr(one, name)
                    for name in ("model", "created", "updated", "deleted", "refused")
                }
                for one in result.models
            ],
            "differences": [_shown(one) for one in differences[:MOST]],
            "more": result.changes - len(differences[:MOST]),
        },
    )


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
