# SPDX-License-Identifier: Apache-2.0
"""The emails that importing sends: changes nobody expected, runs that failed or were missed."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from poser.mail import EmailType, OfRecord

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_BEGAN = datetime(2026, 11, 22, 3, 30, 12, tzinfo=UTC)


def _of_run(session: "Session", key: UUID) -> dict[str, object] | None:
    from poser.importing.warning import values_of_run  # noqa: PLC0415 - slow

    return values_of_run(session, key)


IMPORT_CHANGES = EmailType(
    key="import_changes",
    description="Changes that an import found where none were expected (--warnings).",
    subject="{handler}: {changes} changes that nobody expected",
    sample={
        "handler": "northwind",
        "source": "/srv/northwind/northwind.db",
        "command": "poser import northwind --warnings --from /srv/northwind/northwind.db",
        "run": 12,
        "user_name": "anna",
        "seconds": 2.4,
        "is_written": True,
        "why": "",
        "changes": 3,
        "refused": 1,
        "models": [
            {"model": "Vendor", "created": 0, "updated": 1, "deleted": 0, "refused": 0},
            {"model": "Product", "created": 1, "updated": 0, "deleted": 1, "refused": 1},
        ],
        "differences": [
            {
                "title": "update Vendor 7",
                "fields": [
                    {"name": "name", "old": "Pavlova Ltd", "new": "Pavlova, Ltd."},
                    {"name": "phone", "old": "(03) 444-2343", "new": "-"},
                ],
            },
            {
                "title": "create Product 00012345678905",
                "fields": [{"name": "description", "old": "", "new": "Chai & Friends <20 bags>"}],
            },
            {"title": "delete Product 00012345678912", "fields": []},
        ],
        "more": 0,
    },
    repeats_within=timedelta(0),
    of_record=OfRecord(table="import_runs", read=_of_run),
)

IMPORT_FAILED = EmailType(
    key="import_failed",
    description="A scheduled import that failed, or was stopped for safety.",
    subject="import {schedule} failed: {why}",
    sample={
        "schedule": "prices",
        "when": "Mon..Sat 03:30",
        "command": "poser import csv Product --from /srv/incoming/prices.csv",
        "at_time": _BEGAN,
        "why": "the source has no record at all",
        "hint": "--allow-empty insists",
        "run": 12,
    },
    repeats_within=timedelta(hours=12),
)

IMPORT_MISSED = EmailType(
    key="import_missed",
    description="A scheduled import that did not run when it was due.",
    subject="import {schedule} did not run",
    sample={
        "schedule": "prices",
        "when": "Mon..Sat 03:30",
        "command": "poser import csv Product --from /srv/incoming/prices.csv",
        "due_at": _BEGAN,
        "last_at": _BEGAN - timedelta(days=1),
        "timer": "poser-import-prices.timer",
    },
)
