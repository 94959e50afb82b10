# SPDX-License-Identifier: Apache-2.0
"""Open pages hear of what is done elsewhere."""

from urllib.parse import urlsplit

import pytest

from control.verify import Subject
from tests.support.browser import Browser

TOLD = "open pages are told of changes"
NO_TASK = "/events/tasks/0196f3c0-0000-7000-8000-000000000000"


@pytest.mark.promise(TOLD)
def test_streams_answer_behind_the_web_server(subject: Subject) -> None:
    # Strangers hear of no task; the web app itself would send them to its door.
    where = urlsplit(subject.role.url).netloc
    browser = Browser(where, subject.host.authority_pem, subject.person_pem)
    assert browser.get(NO_TASK).status == 404
