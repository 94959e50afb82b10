# SPDX-License-Identifier: Apache-2.0
"""Import runs at their hours: lines of a setting become jobs of systemd."""

import os
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from poser.config import load
from poser.errors import ConfigError
from poser.importing.schedules import WATCH, Schedule, configured, jobs, named, schedules
from poser.machine.resources.command import Command
from poser.machine.resources.service import Service
from roles import build
from roles.paper import paper
from roles.parts.imports import PROMISE
from roles.poser_conf import poser_conf
from roles.values import Host

LINES = """
# every night
prices at 03:30: csv Product --from "/srv/in coming/prices.csv"
vendors at Mon..Sat 06,18:00 Europe/Berlin with network: northwind Vendor --from postgresql://h/db
"""
GOOD = (
    "03:30", "03:30:15", "*:10", "*:0/15", "Mon 04:00", "Mon..Fri 18:00 Europe/Berlin",
    "Sat,Sun 7:05 UTC", "*-*-01 04:00", "2026-12-24 18:00", "*-*~01 23:00", "hourly", "daily UTC",
    "*-*-1..7 06,18:00", "Tue *-1,4,7,10-1/7 00:00:00 America/New_York", "weekly",
)  # fmt: skip
BAD = (
    "half past three", "25:00", "3:61", "03.30", "Mo 03:30", "every day", "03:30 mars", "03", "",
    "03:30 UTC 04:00", "2026-12-24T18:00",
)  # fmt: skip


def a_host(text: str) -> Host:
    return replace(paper("store"), settings={"import.schedules": text})


def test_a_line_says_name_hour_and_words() -> None:
    assert schedules(LINES, "here") == (
        Schedule(
            name="prices",
            when="03:30",
            words=("csv", "Product", "--from", "/srv/in coming/prices.csv"),
        ),
        Schedule(
            name="vendors",
            when="Mon..Sat 06,18:00 Europe/Berlin",
            words=("northwind", "Vendor", "--from", "postgresql://h/db"),
            network=True,
        ),
    )


@pytest.mark.parametrize("when", GOOD)
def test_what_systemd_takes_is_taken(when: str) -> None:
    (one,) = schedules(f"x at {when}: csv", "here")
    assert one.when == when
    checked = subprocess.run(
        ("systemd-analyze", "calendar", when), capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("when", BAD)
def test_what_systemd_would_refuse_is_refused_before_anything_is_sent(when: str) -> None:
    with pytest.raises(ConfigError, match=r"^machine a: "):
        schedules(f"x at {when}: csv", "machine a")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("prices 03:30 csv", "schedules no import run"),
        ("prices at 03:30: ", "schedules no import run"),
        ("Prices at 03:30: csv", "cannot be called 'Prices'"),
        ("watch at 03:30: csv", "cannot be called 'watch'"),
        ("a at 03:30: csv\na at 04:30: csv", "two import runs have the name a"),
        ("a at 03:30: csv 'open", "No closing quotation"),
    ],
)
def test_a_line_that_is_none_is_named_with_its_place(line: str, words: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(words)) as raised:
        schedules(line, "inventory")
    assert raised.value.message.startswith("inventory: ")
    assert raised.value.hint


def test_the_role_makes_a_timer_of_each_and_one_that_looks_for_missed_ones() -> None:
    role = build(a_host(LINES))
    running = {one.unit for one in role.resources if isinstance(one, Service)}
    timers = {f"poser-import-{name}.timer" for name in ("prices", "vendors", "watch")}
    assert timers <= running
    assert not {one for one in running if one.startswith("poser-import")} - timers
    assert PROMISE in role.promises
    assert PROMISE not in build(a_host("")).promises


def test_to_verify_a_machine_runs_no_import() -> None:
    assert [job.name for job in build(a_host(LINES)).timed if "import" in job.name] == [WATCH.name]


def test_a_timer_that_is_no_longer_scheduled_is_taken_away(tmp_path: Path) -> None:
    (command,) = (
        one
        for one in build(a_host(LINES)).resources
        if isinstance(one, Command) and one.name == "no other scheduled imports"
    )
    stay = {f"poser-import-{name}.{kind}" for name in ("prices", "vendors", "watch")
            for kind in ("timer", "service")}  # fmt: skip
    go = {"poser-import-gone.timer", "poser-import-gone.service"}
    for name in (*stay, *go, "poser-web.service"):
        (tmp_path / name).touch()
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "systemctl").write_text(f'#!/bin/sh\necho "$@" >>{programs}/said\n')
    (programs / "systemctl").chmod(0o755)

    def do(words: tuple[str, ...]) -> int:
        here = [str(tmp_path) if word == "/etc/systemd/system" else word for word in words]
        path = f"{programs}:{os.environ['PATH']}"
        return subprocess.run(here, env={"PATH": path}, check=False).returncode

    assert do(command.unless) != 0
    assert do(command.run) == 0
    assert {one.name for one in tmp_path.iterdir()} == {*stay, "poser-web.service", "programs"}
    assert (programs / "said").read_text().splitlines() == [
        "disable --now poser-import-gone.timer", "daemon-reload",
    ]  # fmt: skip
    assert do(command.unless) == 0


def test_words_with_a_password_are_in_the_settings_file_only() -> None:
    for job in jobs("x at 03:30: csv --from postgresql://u:hunter2@h/db", "here"):
        assert "hunter2" not in " ".join((*job.command, *job.afterwards))


def test_a_wrong_line_in_the_inventory_names_the_machine() -> None:
    with pytest.raises(ConfigError, match=r"^machine store-1: import\.schedules: 'now csv'"):
        build(a_host("now csv"))


def test_the_node_reads_the_lines_that_the_role_wrote(tmp_path: Path) -> None:
    path = tmp_path / "poser.conf"
    text = poser_conf(a_host(LINES), {})
    path.write_text(text, encoding="utf-8")
    config = load([path])
    assert configured(config) == schedules(LINES, "here")
    assert named(config, "vendors").network
    with pytest.raises(ConfigError, match="'price'") as raised:
        named(config, "price")
    assert raised.value.hint == "scheduled are prices, vendors"
