# SPDX-License-Identifier: Apache-2.0
"""Every service of ours may do what it needs and nothing else."""

import json

import pytest
from testinfra.host import Host as Observed

from control.verify import Subject

# `systemd-analyze security` from 0 (locked up) to 10 (may do everything), times ten.
EXPOSED_AT_MOST = 15


@pytest.mark.promise("every service of ours is confined")
def test_the_exposure_of_every_own_unit_is_low(host: Observed, subject: Subject) -> None:
    assert subject.role.services
    assert subject.role.timed
    for service in (*subject.role.services, *subject.role.timed):
        said = host.run(
            f"systemd-analyze security --no-pager --threshold={EXPOSED_AT_MOST} %s", service.unit
        )
        assert said.rc == 0, said.stdout[-200:]


@pytest.mark.promise("every service of ours is confined")
@pytest.mark.usefixtures("recovered")
def test_no_own_process_runs_as_root(host: Observed, subject: Subject) -> None:
    for service in subject.role.services:
        pids = host.check_output(
            "cat /sys/fs/cgroup$(systemctl show -P ControlGroup %s)/cgroup.procs", service.unit
        )
        assert pids.split(), f"{service.unit} has no process"
        users = host.check_output("ps -o user= -p %s", ",".join(pids.split()))
        assert set(users.split()) == {"poser"}


@pytest.mark.promise("jobs of ours are done at their hours")
def test_a_timed_job_has_its_hour_and_does_its_work_as_its_own_user(
    host: Observed, subject: Subject
) -> None:
    for job in subject.role.timed:
        next_time = host.check_output("systemctl show -P NextElapseUSecRealtime %s", job.timer)
        assert next_time, f"{job.timer} has no next time"
        began = host.check_output("date +%s")
        done = host.run("systemctl start %s", job.unit)
        log = host.check_output(
            "journalctl -q -o json --output-fields=_UID,MESSAGE,_EXE --since=@%s -u %s",
            began,
            job.unit,
        )
        assert done.rc == 0, log
        lines = [json.loads(line) for line in log.splitlines()]
        own = [line for line in lines if "systemd" not in line.get("_EXE", "")]
        assert own, f"{job.unit} said nothing"
        uid = host.check_output("id -u %s", job.user)
        assert {line["_UID"] for line in own} == {uid}
