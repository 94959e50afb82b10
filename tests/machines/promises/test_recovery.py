# SPDX-License-Identifier: Apache-2.0
"""The web app comes back by itself when it is killed and when it hangs."""

import pytest
from testinfra.host import Host as Observed

from poser import services

WITHIN_S = 3


@pytest.mark.promise("poser-web comes back after it hangs")
def test_it_comes_back_after_sigstop(recovered: float) -> None:
    assert recovered <= services.WEB.watchdog_s + WITHIN_S


@pytest.mark.promise("poser-web comes back after it is killed")
def test_it_comes_back_after_kill_9(host: Observed, recovered: float) -> None:
    assert recovered
    unit = services.WEB.unit
    took = host.run(
        "p=$(systemctl show -P MainPID %s); read t _ </proc/uptime; kill -9 $p; n=0;"
        " while [ $n -lt 100 ]; do n=$((n+1)); sleep 0.1;"
        ' q=$(systemctl show -P MainPID %s); [ "$q" != "$p" ] && [ "$q" != 0 ]'
        " && systemctl is-active -q %s && break; done;"
        ' read u _ </proc/uptime; echo "$t $u"',
        unit,
        unit,
        unit,
    )
    before, after = (float(each) for each in took.stdout.split())
    assert after - before <= WITHIN_S
    assert host.service(unit).is_running
