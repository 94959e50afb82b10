# SPDX-License-Identifier: Apache-2.0
"""Security updates come by themselves; nothing else does."""

import pytest
from testinfra.host import Host as Observed

from control.verify import Subject

PROMISE = "security updates are enabled"


@pytest.mark.promise(PROMISE)
def test_apt_is_told_to_upgrade_every_day_from_security_only(host: Observed) -> None:
    said = host.check_output("apt-config dump").splitlines()
    assert 'APT::Periodic::Update-Package-Lists "1";' in said
    assert 'APT::Periodic::Unattended-Upgrade "1";' in said
    origins = [line for line in said if line.startswith("Unattended-Upgrade::Origins-Pattern:: ")]
    assert len(origins) == 1
    assert "label=Debian-Security" in origins[0]


@pytest.mark.promise(PROMISE)
@pytest.mark.parametrize("timer", ["apt-daily.timer", "apt-daily-upgrade.timer"])
def test_the_timer_waits_for_its_hour(host: Observed, timer: str) -> None:
    assert host.service(timer).is_running
    assert host.service(timer).is_enabled
    assert host.service(timer).systemd_properties["NextElapseUSecRealtime"]


@pytest.mark.promise(PROMISE)
def test_apt_knows_the_security_suite(host: Observed, subject: Subject) -> None:
    said = host.check_output("apt-cache policy")
    assert f"{subject.host.mirror.suite}-security" in said
