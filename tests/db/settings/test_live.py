# SPDX-License-Identifier: Apache-2.0
"""Following the table of settings: at once, in every process, whatever the connection does."""

import logging
import os
import subprocess
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine as AnyEngine

from poser.config import Config, Flag, Row
from poser.db.settings import DB_URL
from poser.settings import Live
from poser.shown import TIME_ZONE
from tests.db.settings.conftest import Node, until
from web.settings import BIND, THREADS, WORKERS

pytestmark = pytest.mark.postgresql

Follow = Callable[[Config], Live]

SLOW_MACHINE_S = 10.0


def test_a_row_holds_where_no_file_says_otherwise(node: Node, live: Follow) -> None:
    node.put("web.workers", "7")
    node.put("web.threads", "9")
    config = node.config("[web]", "threads = 3")
    live(config)
    assert WORKERS(config) == 7
    assert THREADS(config) == 3


def test_a_change_is_seen_within_a_second_in_this_process_and_in_another(
    node: Node, live: Follow, follower: subprocess.Popen[str]
) -> None:
    config = node.config()
    live(config)
    assert follower.stdout is not None
    assert follower.stdout.readline() == "2\n"
    for number in ("5", "6", "7"):
        began = time.monotonic()
        node.put("web.workers", number)
        until(lambda wanted=number: str(WORKERS(config)) == wanted, within_s=1.0)  # type: ignore[misc]
        assert follower.stdout.readline() == f"{number}\n"
        assert time.monotonic() - began < 1.0


def test_what_is_rolled_back_is_never_seen(node: Node, live: Follow) -> None:
    config = node.config()
    live(config)
    with node.engine.connect() as connection:
        connection.exec_driver_sql("INSERT INTO settings (name, value) VALUES ('web.workers', '9')")
        time.sleep(0.3)
        assert WORKERS(config) == 2
        connection.rollback()
    node.put("web.time_zone", "Europe/Berlin")
    until(lambda: TIME_ZONE(config).key == "Europe/Berlin", within_s=1.0)
    assert WORKERS(config) == 2


def test_a_row_that_is_taken_out_is_forgotten(node: Node, live: Follow) -> None:
    node.put("web.workers", "7")
    config = node.config()
    live(config)
    assert WORKERS(config) == 7
    node.write("DELETE FROM settings")
    until(lambda: WORKERS(config) == 2, within_s=1.0)
    node.put("web.workers", "8")
    until(lambda: WORKERS(config) == 8, within_s=1.0)


def test_reading_asks_the_database_nothing(node: Node, live: Follow) -> None:
    new = Flag("test.reading", doc="Only here.")
    node.put("web.workers", "7")
    node.put("test.reading", "yes")
    config = node.config()
    live(config)
    sent: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        sent.append(statement)

    event.listen(AnyEngine, "before_cursor_execute", note)
    try:
        for _ in range(1000):
            assert WORKERS(config) == 7
            assert new(config) is True
    finally:
        event.remove(AnyEngine, "before_cursor_execute", note)
    assert sent == []


def test_after_the_server_ended_the_connection_what_was_missed_is_read(
    node: Node, live: Follow, caplog: pytest.LogCaptureFixture
) -> None:
    config = node.config()
    following = live(config)
    node.put("web.workers", "5")
    until(lambda: WORKERS(config) == 5, within_s=1.0)
    assert node.engine.url.database
    with caplog.at_level(logging.INFO):
        # The row is written while nobody can listen: connections are refused for a while.
        name = node.engine.url.database
        node.engine.dispose()
        node.server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        node.server.end_connections(name)
        until(lambda: not following.is_fresh, within_s=SLOW_MACHINE_S)
        time.sleep(0.5)
        assert WORKERS(config) == 5
        node.server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        node.put("web.workers", "6")
        until(lambda: WORKERS(config) == 6, within_s=SLOW_MACHINE_S)
    assert following.is_fresh
    said = [record.getMessage() for record in caplog.records]
    assert said.count("settings are not followed") == 1
    assert said.count("settings are followed") == 1
    node.put("web.workers", "8")
    until(lambda: WORKERS(config) == 8, within_s=1.0)


def test_a_database_that_does_not_answer_yet_is_waited_for(node: Node) -> None:
    config = node.config()
    config.take([Row(name="web.workers", value="4")])
    following = Live(config, node.url + "_nowhere", application="a test")
    following.start()
    assert not following.wait(0.5)
    assert WORKERS(config) == 4
    following.stop()
    assert not following.is_fresh


def test_a_row_that_expires_stops_to_hold_by_itself(node: Node, live: Follow) -> None:
    config = node.config()
    live(config)
    node.write(
        "INSERT INTO settings (name, value, expires_at)"
        " VALUES ('web.workers', '9', clock_timestamp() + interval '1.5 s')"
    )
    until(lambda: WORKERS(config) == 9, within_s=1.0)
    assert until(lambda: WORKERS(config) == 2, within_s=SLOW_MACHINE_S) < 2.5


def test_a_user_role_that_is_deleted_takes_its_rows_along(node: Node, live: Follow) -> None:
    new = Flag("test.reading", doc="Only here.")
    node.write("INSERT INTO user_roles (name) VALUES ('Buyers')")
    node.write(
        "INSERT INTO settings (name, user_role_id, value)"
        " SELECT 'test.reading', id, 'yes' FROM user_roles WHERE name = 'Buyers'"
    )
    config = node.config()
    live(config)
    (row,) = config.rows["test.reading"]
    assert row.user_role_id is not None
    assert new(config, user_roles={row.user_role_id})
    node.write("DELETE FROM user_roles WHERE name = 'Buyers'")
    until(lambda: not new(config, user_roles={row.user_role_id}), within_s=1.0)


def test_a_forked_process_follows_with_a_connection_of_its_own(node: Node, live: Follow) -> None:
    config = node.config()
    following = live(config)
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        # As a worker of the web app: what the parent had is there, and no thread.
        code = 1
        try:
            os.close(reads)
            assert WORKERS(config) == 2
            following.start()
            assert following.wait(10)
            os.write(writes, b"ready")
            until(lambda: WORKERS(config) == 6, within_s=SLOW_MACHINE_S)
            following.stop()
            code = 0
        finally:
            os._exit(code)
    os.close(writes)
    assert os.read(reads, 10) == b"ready"
    os.close(reads)
    node.put("web.workers", "6")
    until(lambda: WORKERS(config) == 6, within_s=1.0)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    # The child ended its own connection, not ours.
    node.put("web.workers", "7")
    until(lambda: WORKERS(config) == 7, within_s=1.0)


def test_starting_twice_is_starting_once_and_stopping_ends_the_thread(
    node: Node, live: Follow
) -> None:
    following = live(node.config())
    following.start()
    threads = [thread for thread in threading.enumerate() if thread.name == "settings"]
    assert len(threads) == 1
    following.stop()
    following.stop()
    assert not [thread for thread in threading.enumerate() if thread.name == "settings"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("web.workers", "many"), "web.workers must be a whole number, not 'many'"),
        (("web.workers", "65"), "web.workers must be 1 to 64, not '65'"),
        (("web.wrokers", "4"), "no setting web.wrokers"),
    ],
)
def test_a_row_that_is_wrong_is_logged_and_stops_nothing(
    node: Node, live: Follow, caplog: pytest.LogCaptureFixture, row: tuple[str, str], reason: str
) -> None:
    node.put(*row)
    config = node.config()
    live(config)
    assert WORKERS(config) == 2
    WORKERS(config)
    reasons = [vars(record).get("reason", "") for record in caplog.records]
    assert len([one for one in reasons if reason in one]) == 1


def test_a_row_never_says_what_only_files_may_say(node: Node, live: Follow) -> None:
    node.put("web.bind", "127.0.0.1:1")
    node.put("db.url", "postgresql:///elsewhere")
    config = node.config()
    live(config)
    assert BIND(config) == "unix:/run/poser-web/web.sock"
    assert DB_URL(config) == node.url


def test_readers_always_see_one_whole_state(node: Node, live: Follow) -> None:
    config = node.config()
    live(config)
    wrong: list[Any] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            value = WORKERS(config)
            if value not in {2, 10, 20}:
                wrong.append(value)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for number in range(30):
        node.put("web.workers", "10" if number % 2 else "20")
    done.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    until(lambda: WORKERS(config) == 10, within_s=1.0)
