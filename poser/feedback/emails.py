# SPDX-License-Identifier: Apache-2.0
"""The email about what somebody says about a page."""

from datetime import timedelta

from poser.mail import EmailType

USER_FEEDBACK = EmailType(
    key="user_feedback",
    description="Something that somebody says about a page of the web app.",
    subject="{who} says something about {path}",
    sample={
        "who": "anna",
        "text": "The price of milk is shown twice.\nOn my phone only.",
        "path": "/products",
        "browser": "Mozilla/5.0",
        "id": "0196f3c0-0000-7000-8000-000000000000",
    },
    repeats_within=timedelta(0),
)
