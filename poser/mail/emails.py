# SPDX-License-Identifier: Apache-2.0
"""The types of email that belong to no feature: what programs log as errors, and a trial."""

from datetime import UTC, datetime, timedelta

from poser.mail.types import EmailType

LOGGED_ERRORS = EmailType(
    key="logged_errors",
    description="An error that a program of this node logged: someone should look today.",
    subject="Error in {program}: {message}",
    sample={
        "program": "poser-web",
        "logger": "web.errors",
        "message": "a page failed",
        "fields": {"path": "/products", "method": "GET"},
        "traceback": "Traceback (most recent call last):\n"
        '  File "web/app.py", line 120, in answer\n'
        "    return page.on_get(request)\n"
        "KeyError: 'gtin'",
        "logged_at": datetime(2026, 11, 22, 13, 5, tzinfo=UTC),
        "times": 37,
    },
)

TRIAL = EmailType(
    key="trial",
    description="A trial, sent with poser mail send-test.",
    subject="Poser can send mail from {node}",
    sample={"node": "store-1", "asked_by": "anna"},
    repeats_within=timedelta(0),
    hidden=True,
)
