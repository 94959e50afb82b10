# SPDX-License-Identifier: Apache-2.0
"""Scheduled imports: run by their timer, looked after, and mailed when they fail."""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from poser.cli.app import Node
from poser.config import Config, load
from poser.doctor import Finding, State, Subject, chosen, look
from poser.importing.schedules import configured
from poser.importing.standing import Standing, next_after, standings
from poser.model.mail import Email
from tests.support.poslog import EXAMPLE

pytestmark = pytest.mark.postgresql

Typed = Callable[..., int]
Write = Callable[..., Path]
Said = pytest.CaptureFixture[str]
Schedule = Callable[..., Config]

LIST = "id,name,terms,discount\n1,Anise & Co,30 days,2.5\n2,Basil,,\n"
DAY = timedelta(days=1)


def mails(engine: Engine) -> list[tuple[str, dict[str, object]]]:
    with engine.connect() as connection:
        table = Email.__table__
        rows = connection.execute(table.select().order_by(table.c.id))
        return [(row.key, row.data) for row in rows]


@pytest.fixture
def schedule(config: Path, typed: Typed) -> Schedule:  # noqa: ARG001 - the node is made first
    """Give a function that writes the setting, as if long ago."""

    def write(*lines: str) -> Config:
        said = "\n    ".join(lines)
        with config.open("a", encoding="utf-8") as file:
            file.write(f"[import]\nschedules = {said}\n")
        long_ago = datetime(2020, 1, 1, tzinfo=UTC).timestamp()
        os.utime(config, (long_ago, long_ago))
        return load([config])

    return write


@pytest.fixture
def found(config: Path) -> Callable[..., Finding]:
    """Give a function that asks the doctor, at some time."""

    def ask(now: datetime) -> Finding:
        node = Node([config], debug=False)
        return look(chosen(["imports"])[0], Subject(node=node, clock=lambda: now))

    return ask


def stands(engine: Engine, config: Config, now: datetime) -> Standing:
    with engine.connect() as connection:
        (one,) = standings(connection, configured(config), config, now)
    return one


def test_a_scheduled_run_does_its_words_and_is_recorded_as_its_own(
    typed: Typed, schedule: Schedule, a_file: Write, engines: dict[str, Engine], capsys: Said
) -> None:
    a_file(LIST)
    schedule("week at Sun 05:00: spices Vendor --from list.csv -m weekly")
    assert typed("scheduled week") == 0
    assert "spices from list.csv: 2 changes" in capsys.readouterr().out
    assert typed("runs --json") == 0
    (run,) = json.loads(capsys.readouterr().out)
    assert (run["schedule"], run["comment"], run["status"]) == ("week", "weekly", "done")
    assert mails(engines["poser"]) == []


def test_scheduled_pos_logs_are_runs_of_their_schedule_too(
    typed: Typed, schedule: Schedule, engines: dict[str, Engine]
) -> None:
    config = schedule(f"logs at 05:00: poslog {EXAMPLE}")
    assert typed("scheduled logs") == 0
    last = stands(engines["poser"], config, datetime.now(UTC)).last
    assert last
    assert last.status == "done"


def test_one_that_keeps_records_aside_is_no_failure(
    typed: Typed, schedule: Schedule, a_file: Write, engines: dict[str, Engine]
) -> None:
    a_file(LIST + "3,Cumin,,x\n")
    schedule("week at Sun 05:00: spices --from list.csv")
    assert typed("scheduled week") == 5
    assert mails(engines["poser"]) == []


def test_one_that_fails_is_mailed_with_what_to_do(
    typed: Typed, schedule: Schedule, engines: dict[str, Engine], capsys: Said
) -> None:
    schedule("week at Sun 05:00: spices --from nowhere.csv")
    assert typed("scheduled week") == 1
    assert "cannot read nowhere.csv" in capsys.readouterr().err
    ((key, data),) = mails(engines["poser"])
    assert key == "import_failed"
    assert data["why"] == "cannot read nowhere.csv: No such file or directory"
    assert (data["schedule"], data["when"], data["run"]) == ("week", "Sun 05:00", 1)
    assert data["command"] == "poser import spices --from nowhere.csv"


def test_one_that_is_stopped_for_safety_is_mailed(
    typed: Typed, schedule: Schedule, a_file: Write, engines: dict[str, Engine]
) -> None:
    a_file(LIST)
    typed("spices --from list.csv")
    a_file(LIST.rpartition("2,Basil")[0])
    schedule("week at Sun 05:00: spices --from list.csv --delete")
    assert typed("scheduled week") == 6
    ((key, data),) = mails(engines["poser"])
    assert key == "import_failed"
    assert str(data["why"]).startswith("1 of 2 vendors would be deleted")
    assert "insists" in str(data["hint"])


@pytest.mark.parametrize(
    "case",
    [
        ("spices --frm x", 2, "No such option '--frm'."),
        ("spicse --from x", 1, "there is no import handler 'spicse'"),
        ("silent --from x", 1, "RuntimeError: nobody answers"),
        ("poslog /nowhere.xml", 1, "it exited with 1"),
    ],
)
def test_whatever_goes_wrong_with_it_is_mailed(
    typed: Typed, schedule: Schedule, engines: dict[str, Engine], case: tuple[str, int, str]
) -> None:
    words, code, why = case
    schedule(f"week at Sun 05:00: {words}")
    assert typed("scheduled week") == code
    ((key, data),) = mails(engines["poser"])
    assert key == "import_failed"
    assert why in str(data["why"])


def test_without_its_database_it_fails_with_the_reason_all_the_same(
    typed: Typed, schedule: Schedule, config: Path, capsys: Said
) -> None:
    schedule("week at Sun 05:00: spices --from list.csv")
    lines = config.read_text(encoding="utf-8").splitlines()
    gone = ["url = postgresql:///x?host=/nowhere" if "url =" in one else one for one in lines]
    config.write_text("\n".join(gone), encoding="utf-8")
    assert typed("scheduled week") == 1
    said = capsys.readouterr().err
    assert "no mail can be queued about it: database 'x' does not answer" in said
    assert "error: database 'x' does not answer" in said


def test_one_that_systemd_killed_is_mailed_by_what_comes_after(
    typed: Typed, schedule: Schedule, engines: dict[str, Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule("week at Sun 05:00: spices --from list.csv")
    for fine in ("success", "exit-code"):
        monkeypatch.setenv("SERVICE_RESULT", fine)
        assert typed("scheduled week --ended") == 0
    assert mails(engines["poser"]) == []
    monkeypatch.setenv("SERVICE_RESULT", "oom-kill")
    assert typed("scheduled week --ended") == 0
    ((_, data),) = mails(engines["poser"])
    assert data["why"] == "systemd ended it: oom-kill"


def test_a_name_that_is_not_scheduled(typed: Typed, schedule: Schedule, capsys: Said) -> None:
    schedule("week at Sun 05:00: spices --from list.csv")
    assert typed("scheduled weak") == 1
    said = capsys.readouterr().err
    assert "no import run is scheduled by the name 'weak'" in said
    assert "hint: scheduled are week" in said


def test_schedules_are_shown_with_their_last_run(
    typed: Typed, schedule: Schedule, a_file: Write, capsys: Said
) -> None:
    a_file(LIST)
    schedule(
        "years at *-01-01 05:00: spices --from list.csv", "#", "n at hourly with network: silent"
    )
    typed("scheduled years")
    capsys.readouterr()
    assert typed("schedules") == 3
    said = capsys.readouterr()
    lines = [line.split() for line in said.out.splitlines()]
    assert lines[1][0] == "years"
    assert "done" in lines[1]
    assert lines[2][:4] == ["n", "hourly", "with", "network"]
    assert "never" in lines[2]
    assert "missed: n should have run at 2020-01-01 01:00Z" in said.err
    assert typed("schedules --json") == 3
    assert [one["name"] for one in json.loads(capsys.readouterr().out)] == ["years", "n"]


def test_a_missed_run_is_mailed_once(
    typed: Typed, schedule: Schedule, engines: dict[str, Engine], capsys: Said
) -> None:
    schedule("week at Sun 05:00: spices --from list.csv")
    assert typed("schedules --mail") == 0
    assert "week should have run at 2020-01-05 05:00Z; mailed" in capsys.readouterr().err
    assert typed("schedules --mail") == 0
    assert "; mailed" not in capsys.readouterr().err
    ((key, data),) = mails(engines["poser"])
    assert (key, data["schedule"], data["last_at"]) == ("import_missed", "week", None)


def test_nothing_is_scheduled(typed: Typed, capsys: Said) -> None:
    assert typed("schedules") == 0
    assert capsys.readouterr().out == "no import is scheduled\n"


def test_a_run_is_missed_an_hour_after_its_own_and_not_before(
    typed: Typed, schedule: Schedule, a_file: Write, engines: dict[str, Engine]
) -> None:
    a_file(LIST)
    config = schedule("day at 05:00: spices --from list.csv")
    typed("scheduled day")
    now = datetime.now(UTC)
    due = next_after("05:00", now)
    assert due
    assert now < due <= now + DAY
    assert stands(engines["poser"], config, due + timedelta(minutes=50)).missed_at is None
    assert stands(engines["poser"], config, due + timedelta(minutes=70)).missed_at == due


def test_a_run_that_goes_on_is_not_missed_unless_it_died(
    typed: Typed, schedule: Schedule, a_file: Write, engines: dict[str, Engine]
) -> None:
    a_file(LIST)
    config = schedule("often at hourly: spices --from list.csv")
    typed("scheduled often")
    with engines["poser"].begin() as connection:
        connection.execute(text("UPDATE import_runs SET status = 'running', ended_at = NULL"))
    soon = datetime.now(UTC) + timedelta(hours=4)
    assert stands(engines["poser"], config, soon).missed_at is None
    later = stands(engines["poser"], config, soon + timedelta(hours=4))
    assert later.failure == "its program ended before it did"
    assert later.missed_at


def test_a_calendar_that_systemd_does_not_know_is_no_schedule() -> None:
    from poser.errors import PoserError  # noqa: PLC0415

    with pytest.raises(PoserError, match="'half past' is no time of systemd's calendar"):
        next_after("half past", datetime.now(UTC))
    assert next_after("2020-01-01 05:00 UTC", datetime.now(UTC)) is None
    base = datetime(2026, 6, 30, 12, tzinfo=UTC)
    assert next_after("05:00 Europe/Berlin", base) == datetime(2026, 7, 1, 3, tzinfo=UTC)


def test_the_doctor_is_content_with_none_and_with_runs_that_end_well(
    typed: Typed, schedule: Schedule, a_file: Write, found: Callable[..., Finding]
) -> None:
    assert found(datetime.now(UTC)).sentence == "no import is scheduled"
    a_file(LIST)
    schedule("day at 05:00: spices --from list.csv")
    typed("scheduled day")
    finding = found(datetime.now(UTC))
    assert finding.state is State.OK, finding
    assert finding.sentence.startswith("1 imports are scheduled and ran as they should")


def test_the_doctor_sees_missed_and_failed_runs(
    typed: Typed, schedule: Schedule, found: Callable[..., Finding]
) -> None:
    schedule("day at 05:00: spices --from nowhere.csv", "week at Sun 05:00: spices --from x")
    typed("scheduled day")
    finding = found(datetime.now(UTC))
    assert finding.state is State.WRONG
    said = [finding.sentence, *finding.details]
    assert any("day failed at" in one and "cannot read nowhere.csv" in one for one in said)
    assert "week should have run at 2020-01-05 05:00 UTC and did not" in said
    assert "journalctl -u poser-import-day" in finding.hint


def test_the_doctor_warns_of_records_that_were_kept_aside(
    typed: Typed, schedule: Schedule, a_file: Write, found: Callable[..., Finding]
) -> None:
    a_file(LIST + "3,Cumin,,x\n")
    schedule("day at 05:00: spices --from list.csv")
    typed("scheduled day")
    finding = found(datetime.now(UTC))
    assert finding.state is State.WARNING
    assert "day kept 1 records aside" in finding.sentence
    assert finding.hint == "poser import show 1 --refused"


def test_warnings_mode_mails_what_nobody_expected(
    typed: Typed, a_file: Write, engines: dict[str, Engine]
) -> None:
    a_file(LIST)
    assert typed("spices --from list.csv --warnings --mail-to buyer@shop.example") == 3
    ((key, data),) = mails(engines["poser"])
    assert key == "import_changes"
    assert (data["changes"], data["is_written"], data["run"]) == (2, True, 1)
    differences = data["differences"]
    assert isinstance(differences, list)
    assert differences[0]["title"] == "create Vendor 1"
    assert {"name": "name", "old": "", "new": "Anise & Co"} in differences[0]["fields"]
    with engines["poser"].connect() as connection:
        to = connection.execute(text("SELECT recipients FROM emails")).scalar_one()
    assert to == ["buyer@shop.example"]
    assert typed("spices --from list.csv --warnings") == 0
    assert len(mails(engines["poser"])) == 1


def test_warnings_of_a_dry_run_say_that_nothing_is_changed(
    typed: Typed, a_file: Write, engines: dict[str, Engine]
) -> None:
    a_file(LIST)
    assert typed("spices --from list.csv --warnings --dry-run --max-diffs 1") == 3
    ((_, data),) = mails(engines["poser"])
    assert (data["changes"], data["is_written"], data["more"]) == (2, False, 1)


def test_a_run_that_fails_mails_no_warning(typed: Typed, engines: dict[str, Engine]) -> None:
    assert typed("spices --from nowhere.csv --warnings") == 1
    assert mails(engines["poser"]) == []
