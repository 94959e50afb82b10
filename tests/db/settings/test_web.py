# SPDX-License-Identifier: Apache-2.0
"""The web app goes by the settings of the database: when it starts, and in each worker."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from tests.db.settings.conftest import until
from tests.web.running import running

pytestmark = pytest.mark.postgresql


def test_every_worker_follows_the_settings_with_a_connection_of_its_own(
    new_database: Callable[[str], Engine], tmp_path: Path
) -> None:
    engines = {name: new_database(name) for name in ("poser", "trainwreck")}
    urls = {name: one.url.render_as_string(hide_password=False) for name, one in engines.items()}
    with engines["poser"].begin() as connection:
        connection.execute(text("INSERT INTO settings (name, value) VALUES ('web.workers', '3')"))

    def followers() -> set[int]:
        with engines["poser"].connect() as connection:
            found = connection.execute(
                text(
                    "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                    " AND application_name = 'poser-web settings'"
                )
            )
            return set(found.scalars())

    with running(tmp_path, urls, workers="") as app:
        assert len(app.workers()) == 3
        until(lambda: len(followers()) == 3, within_s=10)
        before = followers()
        os.kill(app.workers()[0], signal.SIGKILL)
        until(lambda: len(followers()) == 3 and followers() != before, within_s=20)
