# SPDX-License-Identifier: Apache-2.0
"""Every service of ours may do what it needs and nothing else."""

import pytest
from testinfra.host import Host as Observed

from control.verify import Subject

# `systemd-analyze security` from 0 (locked up) to 10 (may do everything), times ten.
EXPOSED_AT_MOST = 15


@pytest.mark.promise("every service of ours is confined")
def test_the_exposure_of_every_own_unit_is_low(host: Observed, subject: Subject) -> None:
    assert subject.role.services
    for service in subject.role.services:
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
