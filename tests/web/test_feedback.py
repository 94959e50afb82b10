# SPDX-License-Identifier: Apache-2.0
"""User feedback: said on any page, kept, and mailed."""

import pytest
from sqlalchemy import Engine, select

from poser.db import transaction
from poser.model.feedback import UserFeedback
from poser.model.mail import Email
from tests.web.conftest import Browser

pytestmark = pytest.mark.postgresql


def test_what_somebody_says_is_kept_and_mailed(admin: Browser, engines: dict[str, Engine]) -> None:
    admin.get("/vendors")
    assert 'href="/say?page=/vendors"' in admin.text
    admin.get("/say?page=/vendors")
    fields = {"csrf": admin.token(), "page": "/vendors", "text": " The list is <good>. "}
    assert admin.post("/say", fields).headers["location"] == "/vendors"
    with transaction(engines["poser"], read_only=True) as session:
        row = session.scalars(select(UserFeedback)).one()
        assert (row.text, row.page, row.user_name) == ("The list is <good>.", "/vendors", "ada")
        assert session.scalars(select(Email.key)).one() == "user_feedback"
    raw = admin.get("/feedback").text
    assert "The list is &lt;good&gt;." in raw
    assert admin.get(f"/feedback/{row.id}").status_code == 200


def test_nothing_said_is_nothing_kept(admin: Browser, engines: dict[str, Engine]) -> None:
    admin.get("/say")
    fields = {"csrf": admin.token(), "page": "https://elsewhere.example/", "text": "  "}
    assert admin.post("/say", fields).status_code == 422
    assert "elsewhere" not in admin.text
    with transaction(engines["poser"], read_only=True) as session:
        assert session.scalars(select(UserFeedback)).all() == []
