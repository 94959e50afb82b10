# SPDX-License-Identifier: Apache-2.0
"""The web app comes back by itself when it is killed and when it hangs."""

import pytest
from testinfra.host import Host as Observed

from poser import services

WITHIN_S = 3


@pytest.mark.promise("poser-web comes back after it hangs")
def test_it_comes_back_after_sigstop(recovered: float) -> None:
    assert 0 < recovered <= services.WEB.watchdog_s + WITHIN_S


@pytest.mark.promise("poser-web comes back after it is killed")
@pytest.mark.usefixtures("recovered")
def test_it_comes_back_after_kill_9(host: Observed) -> None:
    assert killed(host, services.WEB.unit) <= WITHIN_S
    assert host.service(services.WEB.unit).is_running


def killed(host: Observed, unit: str) -> float:
    """Kill the main process of a unit; answers after how many seconds the unit was active anew.

    Seconds in which it could have run but others had the processors do not count: they say how
    busy the machine is with other work, such as being built beside others on one computer.
    """
    took = host.run(
        "p=$(systemctl show -P MainPID %s); read t _ </proc/uptime; kill -9 $p; n=0;"
        " while [ $n -lt 600 ]; do n=$((n+1)); sleep 0.05;"
        ' q=$(systemctl show -P MainPID %s); [ "$q" != "$p" ] && [ "$q" != 0 ]'
        " && systemctl is-active -q %s && break; done;"
        ' read u _ </proc/uptime; echo "$t $u";'
        # The unit's group of processes was made anew, and its count of waiting with it.
        " grep -s ^some /sys/fs/cgroup/system.slice/%s/cpu.pressure",
        unit,
        unit,
        unit,
        unit,
    )
    times, _, waited = took.stdout.partition("\n")
    before, after = (float(each) for each in times.split())
    waited_s = int(waited.rpartition("total=")[2] or 0) / 1_000_000
    return after - before - waited_s
