# SPDX-License-Identifier: Apache-2.0
"""What `poser doctor` finds on a node: each check once well, and once with its trouble."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from poser.cli.app import Node
from poser.clock import Clock, utc_now
from poser.db import engine, transaction
from poser.doctor import Finding, State, Subject, chosen, look
from tests.support.postgresql import OWNER, Server

pytestmark = pytest.mark.postgresql

Poser = Callable[..., int]


def as_owner(made: Engine) -> Engine:
    return engine(made.url.set(username=OWNER).render_as_string(hide_password=False))


def execute(made: Engine, statement: str) -> None:
    with transaction(as_owner(made)) as session:
        session.execute(text(statement))


@pytest.fixture
def found(config: Path) -> Callable[..., Finding]:
    def find(name: str, *, clock: Clock = utc_now) -> Finding:
        node = Node([config], debug=False)
        return look(chosen([name])[0], Subject(node=node, clock=clock))

    return find


@pytest.mark.parametrize("name", ["settings", "databases", "schema", "partitions", "history"])
def test_a_new_node_is_well(found: Callable[..., Finding], name: str) -> None:
    finding = found(name)
    assert finding.state is State.OK, finding


def test_a_setting_that_is_wrong_is_named_with_its_line(
    found: Callable[..., Finding], config: Path
) -> None:
    config.write_text(config.read_text() + "[doctor]\nmail_hours = often\n")
    finding = found("settings")
    assert finding.state is State.WRONG
    assert "poser.conf:" in finding.sentence
    assert "mail_hours" in finding.sentence


def test_a_row_that_is_wrong_is_a_warning(
    found: Callable[..., Finding], engines: dict[str, Engine]
) -> None:
    execute(engines["poser"], "INSERT INTO settings (name, value) VALUES ('web.threads', 'often')")
    finding = found("settings")
    assert finding.state is State.WARNING
    assert "web.threads" in finding.details[0]


def test_a_database_that_is_gone_is_wrong(
    found: Callable[..., Finding], engines: dict[str, Engine], postgresql: Server
) -> None:
    name = engines["trainwreck"].url.database or ""
    engines["trainwreck"].dispose()
    postgresql.drop(name)
    finding = found("databases")
    assert finding.state is State.WRONG
    assert name in finding.sentence
    assert found("schema").state is State.NOT_KNOWN


def test_without_its_databases_a_node_is_told_all_the_rest(
    found: Callable[..., Finding], engines: dict[str, Engine], postgresql: Server
) -> None:
    for made in engines.values():
        made.dispose()
        postgresql.drop(made.url.database or "")
    assert found("disk").state is not State.NOT_KNOWN
    assert "all right" in found("settings").sentence


def test_a_database_that_takes_no_changes_is_wrong(
    found: Callable[..., Finding], engines: dict[str, Engine], postgresql: Server
) -> None:
    name = engines["poser"].url.database
    postgresql.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    finding = found("databases")
    assert finding.state is State.WRONG
    assert "takes no changes" in finding.sentence


def test_another_revision_is_wrong(
    found: Callable[..., Finding], engines: dict[str, Engine]
) -> None:
    execute(engines["trainwreck"], "UPDATE alembic_version SET version_num = 'trainwreck_0001'")
    finding = found("schema")
    assert finding.state is State.WRONG
    assert "trainwreck_0001" in finding.sentence


def test_a_trigger_that_somebody_switched_off_is_wrong(
    found: Callable[..., Finding], engines: dict[str, Engine]
) -> None:
    execute(engines["poser"], "ALTER TABLE brands DISABLE TRIGGER keep_update")
    finding = found("schema")
    assert finding.state is State.WRONG
    assert "brands.keep_update" in finding.details[0]


def test_partitions_that_nobody_made_are_a_warning(found: Callable[..., Finding]) -> None:
    finding = found("partitions", clock=lambda: datetime.now(UTC) + timedelta(days=100))
    assert finding.state is State.WARNING
    assert "upkeep" in finding.hint


def test_a_table_whose_history_is_off_is_named(
    found: Callable[..., Finding], engines: dict[str, Engine]
) -> None:
    execute(
        engines["poser"], "UPDATE recorded_tables SET is_history_on = false WHERE name = 'brands'"
    )
    finding = found("history")
    assert finding.state is State.WARNING
    assert finding.details == ("brands: history is off",)


def test_a_clock_that_jumped_back_is_named_with_both_times(
    found: Callable[..., Finding], engines: dict[str, Engine]
) -> None:
    with transaction(engines["poser"]) as session:
        session.execute(text("INSERT INTO brands (name) VALUES ('Alder')"))
    early = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    finding = found("clock", clock=lambda: early)
    assert finding.state is State.WRONG
    assert "2026-01-02 03:04:05 UTC" in finding.sentence
    assert f"{datetime.now(UTC):%Y-%m-%d}" in finding.sentence


def test_a_clock_that_is_far_ahead_is_doubted(
    found: Callable[..., Finding], engines: dict[str, Engine]
) -> None:
    with transaction(engines["poser"]) as session:
        session.execute(text("INSERT INTO brands (name) VALUES ('Alder')"))
    finding = found("clock", clock=lambda: datetime(2099, 1, 1, tzinfo=UTC))
    assert finding.state is State.WARNING
    assert "2099-01-01" in finding.sentence


def test_checks_of_root_say_that_it_takes_root(found: Callable[..., Finding]) -> None:
    for name in ("role", "services", "systemd"):
        finding = found(name)
        assert finding.state is State.NOT_KNOWN
        assert finding.hint == "run it as root: sudo poser doctor"


def test_the_command_shows_a_table_and_ends_with_3_when_something_is_wrong(
    poser: Poser, engines: dict[str, Engine], capsys: pytest.CaptureFixture[str]
) -> None:
    assert poser("doctor", "databases", "history") == 0
    assert capsys.readouterr().out.splitlines()[-1] == "all is well: 2 checks"
    execute(engines["poser"], "UPDATE alembic_version SET version_num = 'poser_0001'")
    assert poser("doctor", "databases", "schema") == 3
    out = capsys.readouterr().out
    assert out.splitlines()[1].split()[:3] == ["schema", "wrong", "poser"]
    assert "hint: sudo poser db upgrade" in out
    assert "\x1b" not in out  # no color where nobody looks


def test_the_command_writes_json(poser: Poser, capsys: pytest.CaptureFixture[str]) -> None:
    assert poser("doctor", "databases", "role", "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert [(one["name"], one["state"]) for one in answer] == [
        ("databases", "ok"),
        ("role", "not known"),
    ]


def test_a_check_that_is_none_is_answered_with_the_nearest(
    poser: Poser, capsys: pytest.CaptureFixture[str]
) -> None:
    assert poser("doctor", "scheme") == 1
    assert "did you mean schema?" in capsys.readouterr().err


def test_a_disk_with_too_little_room_is_told(
    poser: Poser, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSER_DOCTOR_DISK_FREE_PERCENT", "0")
    assert poser("doctor", "disk") == 0
    monkeypatch.setenv("POSER_DOCTOR_DISK_FREE_PERCENT", "100")
    poser("doctor", "disk")
    out = capsys.readouterr().out
    assert "less than 100 %" in out
