# SPDX-License-Identifier: Apache-2.0
"""Long work waits for nobody: its service is there, and open pages hear of what it does."""

import pytest
from testinfra.host import Host as Observed

from control.verify import Subject
from poser import services
from tests.support.browser import Browser

WAITS = "poser-tasks waits for work, and comes back after it is killed"
TOLD = "open pages are told of changes"
NO_TASK = "/events/tasks/0196f3c0-0000-7000-8000-000000000000"


@pytest.mark.promise(WAITS)
def test_the_service_comes_back_after_kill_9(host: Observed) -> None:
    unit = services.TASKS.unit
    before = host.check_output("systemctl show -P MainPID %s", unit)
    assert before != "0"
    took = host.run(
        "kill -9 %s; n=0; while [ $n -lt 600 ]; do n=$((n+1)); sleep 0.1;"
        ' q=$(systemctl show -P MainPID %s); [ "$q" != %s ] && [ "$q" != 0 ]'
        " && systemctl is-active -q %s && exit 0; done; exit 1",
        before,
        unit,
        before,
        unit,
    )
    assert took.rc == 0, host.run("systemctl status %s", unit).stdout


@pytest.mark.promise(TOLD)
def test_streams_answer_behind_the_web_server(subject: Subject) -> None:
    # Strangers hear of no task; the web app itself would send them to its door.
    browser = Browser(subject.host.address, subject.host.authority_pem)
    assert browser.get(NO_TASK).status == 404
