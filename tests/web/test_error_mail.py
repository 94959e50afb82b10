# SPDX-License-Identifier: Apache-2.0
"""An error of the web app, in a worker of its own process, becomes a mail in the outbox."""

import time
from pathlib import Path

from sqlalchemy import create_engine, text

from tests.support.postgresql import Server
from tests.web.running import running
from web.cookies import SESSION


def test_a_page_that_fails_is_mailed(
    postgresql: Server, templates: dict[str, str], tmp_path: Path
) -> None:
    names = {kind: postgresql.create(template) for kind, template in templates.items()}
    urls = {kind: postgresql.url(name) for kind, name in names.items()}
    with running(tmp_path, urls) as app:
        owner = create_engine(postgresql.owner_url(names["poser"]))
        with owner.begin() as connection:
            connection.execute(text("ALTER TABLE user_sessions RENAME TO lost"))
        with app.connect() as line:
            cookie = f"{SESSION}={'A' * 43}"
            line.sendall(f"GET / HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\r\n".encode())
            assert line.recv(100).split(b" ")[1] == b"500"
        found = None
        give_up = time.monotonic() + 30
        while found is None and time.monotonic() < give_up:
            with owner.begin() as connection:
                found = connection.execute(text("SELECT key, data FROM emails")).one_or_none()
            time.sleep(0.05)
        owner.dispose()
    assert found is not None
    key, data = found
    assert key == "logged_errors"
    assert (data["program"], data["message"]) == ("poser-web", "page failed")
    assert data["fields"]["path"] == "/"
    assert 'relation "user_sessions" does not exist' in data["traceback"]
