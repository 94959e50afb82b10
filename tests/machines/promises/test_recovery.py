# SPDX-License-Identifier: Apache-2.0
"""The web app comes back by itself when it is killed and when it hangs."""

import pytest
from testinfra.host import Host as Observed

from poser import services

WITHIN_S = 3


@pytest.fixture
def within_s(host: Observed) -> float:
    """Return the limit, in proportion longer where there is more to do than processors."""
    load = float(host.check_output("cat /proc/loadavg").split()[0])
    return WITHIN_S * max(1.0, load / int(host.check_output("nproc")))


@pytest.mark.promise("poser-web comes back after it hangs")
def test_it_comes_back_after_sigstop(recovered: float, within_s: float) -> None:
    assert 0 < recovered <= services.WEB.watchdog_s + within_s


@pytest.mark.promise("poser-web comes back after it is killed")
@pytest.mark.usefixtures("recovered")
def test_it_comes_back_after_kill_9(host: Observed, within_s: float) -> None:
    assert killed(host, services.WEB.unit) <= within_s
    assert host.service(services.WEB.unit).is_running


def killed(host: Observed, unit: str) -> float:
    """Kill the main process of a unit; answers after how many seconds the unit was active anew."""
    took = host.run(
        "p=$(systemctl show -P MainPID %s); read t _ </proc/uptime; kill -9 $p; n=0;"
        " while [ $n -lt 600 ]; do n=$((n+1)); sleep 0.1;"
        ' q=$(systemctl show -P MainPID %s); [ "$q" != "$p" ] && [ "$q" != 0 ]'
        " && systemctl is-active -q %s && break; done;"
        ' read u _ </proc/uptime; echo "$t $u"',
        unit,
        unit,
        unit,
    )
    before, after = (float(each) for each in took.stdout.split())
    return after - before
