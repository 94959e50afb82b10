# SPDX-License-Identifier: Apache-2.0
"""Services come back by themselves when they are killed, the web app also when it hangs."""

import re

import pytest
from testinfra.host import Host as Observed

from poser import services

WITHIN_S = 3
HOWEVER_BUSY_S = 30
OTHERS = {
    services.MAIL.unit: "poser-mail hands mail over, and comes back after it is killed",
    services.TASKS.unit: "poser-tasks waits for work, and comes back after it is killed",
    services.EVENTS.unit: "open pages are told of changes",
}


@pytest.mark.promise("poser-web comes back after it hangs")
def test_it_comes_back_after_sigstop(recovered: float) -> None:
    assert 0 < recovered <= services.WEB.watchdog_s + WITHIN_S


@pytest.mark.promise("poser-web comes back after it is killed")
@pytest.mark.usefixtures("recovered")
def test_it_comes_back_after_kill_9(host: Observed) -> None:
    begun_s, took_s, waited_s = killed(host, services.WEB.unit)
    assert 0 < begun_s <= WITHIN_S
    assert took_s <= HOWEVER_BUSY_S
    assert took_s - waited_s <= WITHIN_S
    assert host.service(services.WEB.unit).is_running


@pytest.mark.parametrize(
    "unit", [pytest.param(unit, marks=pytest.mark.promise(OTHERS[unit])) for unit in OTHERS]
)
def test_another_service_comes_back_after_kill_9(host: Observed, unit: str) -> None:
    assert host.service(unit).is_running, f"{unit} does not run"
    killed(host, unit)
    assert host.service(unit).is_running, host.run("systemctl status %s", unit).stdout


def killed(host: Observed, unit: str) -> tuple[float, float, float]:
    """Kill the main process of a unit.

    Answers after how many seconds its next process began and the unit was active anew, and in how
    many of them something on the computer waited for a processor or a disk: how busy it is with
    other work, such as machines that are built beside this one, is not what the promise is about.
    """
    waited = "cat /proc/pressure/cpu /proc/pressure/io 2>/dev/null | grep ^some;"
    took = host.run(
        "p=$(systemctl show -P MainPID %s); read t _ </proc/uptime; " + waited + " kill -9 $p; n=0;"
        " while [ $n -lt 600 ]; do n=$((n+1)); sleep 0.05;"
        ' q=$(systemctl show -P MainPID %s); [ "$q" != "$p" ] && [ "$q" != 0 ]'
        " && systemctl is-active -q %s && break; done;"
        " read u _ </proc/uptime; m=$(systemctl show -P ExecMainStartTimestampMonotonic %s);"
        ' echo "= $t $u $m"; ' + waited,
        unit,
        unit,
        unit,
        unit,
    )
    before, _, after = took.stdout.partition("= ")
    killed_at, ended, begun_us = (float(each) for each in after.split("\n", 1)[0].split())
    begun_s = begun_us / 1_000_000 - killed_at
    return begun_s, ended - killed_at, _waited_s(after) - _waited_s(before)


def _waited_s(text: str) -> float:
    return sum(int(us) for us in re.findall(r"total=(\d+)", text)) / 1_000_000
