# SPDX-License-Identifier: Apache-2.0
"""Scheduled imports have their hours, are confined, and end well. None is run by looking."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from testinfra.host import Host as Observed

from control.verify import Subject
from poser.importing.schedules import SPREAD_S, Schedule, schedules

PROMISE = "scheduled imports have their hours, are confined, and end well"
# `systemd-analyze security` times ten; a run that may reach other machines is more exposed.
EXPOSED_AT_MOST = {False: 15, True: 30}
SLACK = timedelta(seconds=SPREAD_S + 61)


def of_inventory(subject: Subject) -> tuple[Schedule, ...]:
    return schedules(subject.host.settings["import.schedules"], "inventory")


@pytest.mark.promise(PROMISE)
@pytest.mark.usefixtures("recovered")
def test_every_schedule_has_its_timer_and_its_last_run_ended_well(
    host: Observed, subject: Subject
) -> None:
    said = host.run("runuser -u poser -- poser import schedules --json")
    assert said.rc == 0, said.stdout + said.stderr
    found = {one["name"]: one for one in json.loads(said.stdout)}
    assert set(found) == {one.name for one in of_inventory(subject)}
    for one in of_inventory(subject):
        words = host.check_output("systemctl show -P NextElapseUSecRealtime %s", one.job.timer)
        armed = datetime.strptime(words, "%a %Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC)
        due = datetime.fromisoformat(found[one.name]["next_at"])
        assert timedelta(0) <= armed - due <= SLACK, f"{one.name}: {armed}, and {due} was meant"


@pytest.mark.promise(PROMISE)
def test_what_runs_an_import_is_confined(host: Observed, subject: Subject) -> None:
    for one in of_inventory(subject):
        said = host.run(
            f"systemd-analyze security --no-pager --threshold={EXPOSED_AT_MOST[one.network]} %s",
            one.job.unit,
        )
        assert said.rc == 0, said.stdout[-200:]


@pytest.mark.promise(PROMISE)
def test_no_words_of_an_import_are_in_a_unit_that_everybody_reads(
    host: Observed, subject: Subject
) -> None:
    for one in of_inventory(subject):
        unit = host.file(f"/etc/systemd/system/{one.job.unit}").content_string
        assert f"ExecStart=/opt/poser/current/bin/poser import scheduled {one.name}\n" in unit
