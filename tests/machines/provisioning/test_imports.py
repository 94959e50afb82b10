# SPDX-License-Identifier: Apache-2.0
"""A scheduled import on a real machine: it runs, a failure is mailed, and it goes when unnamed."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.shop import Shop

pytestmark = pytest.mark.lab
NAME = "buyer-1"
FILE = "/srv/incoming/vendors.csv"
START = "systemctl start poser-import-vendors"
PATIENCE_S = 60


@pytest.fixture(scope="module")
def buyer(shop: Shop, built: str) -> Iterator[Shop]:
    """Give a whole store with an import at its hour."""
    schedule = f"vendors at 03:30: csv Vendor --key number --from {FILE}"
    shop.settings[NAME] = {"import.schedules": schedule}
    shop.clone(built, NAME)
    report = shop.provision(NAME)
    assert report.verified
    assert not report.verified.failed, report.verified.failures
    shop.run(NAME, f"mkdir -p $(dirname {FILE})")
    yield shop
    shop.lab.down([NAME])


def schedules(shop: Shop) -> dict[str, Any]:
    said = shop.run(NAME, "poser import schedules --json || test $? = 3")
    (one,) = json.loads(said)
    return dict(one)


def asked(shop: Shop, query: str) -> str:
    return shop.run(NAME, f'runuser -u postgres -- psql -XAtd poser -c "{query}"')


def wait_for_mail(shop: Shop, words: str) -> str:
    """Wait until root's mailbox has some words."""
    for _ in range(PATIENCE_S):
        mailbox = shop.run(NAME, "cat /var/mail/root || true")
        if words in mailbox:
            return mailbox
        time.sleep(1)
    units = "-u poser-import-vendors -u poser-mail"
    said = shop.run(NAME, f"poser mail queue; mailq; journalctl {units} -n 40 --no-pager")
    raise AssertionError(f"no mail with {words!r} came: {said}")


def test_its_timer_brings_a_file_in(buyer: Shop) -> None:
    assert schedules(buyer)["last_run"] is None
    buyer.run(NAME, f"printf 'number,name\\n7,Pavlova\\n8,Tokyo\\n' >{FILE}")
    buyer.run(NAME, START)
    one = schedules(buyer)
    assert (one["status"], one["failure"], one["missed_at"]) == ("done", "", None)
    names = "select name from vendors where number in ('7', '8')"
    assert sorted(asked(buyer, names).split()) == ["Pavlova", "Tokyo"]
    author = "select distinct source, via from history_transactions where via like 'import csv%'"
    assert asked(buyer, author).startswith("import|import csv run ")


def test_one_that_fails_is_mailed_and_the_doctor_says_so(buyer: Shop) -> None:
    buyer.run(NAME, f"rm -f {FILE}; {START} && exit 1; systemctl reset-failed")
    mailbox = wait_for_mail(buyer, "import vendors failed")
    assert "No such file or directory" in mailbox
    said = buyer.run(NAME, "poser doctor imports --json; test $? = 3")
    (finding,) = json.loads(said)
    assert finding["state"] == "wrong"
    assert "vendors failed at" in finding["sentence"]


def test_one_that_is_killed_is_mailed_too(buyer: Shop) -> None:
    buyer.run(NAME, f"rm -f {FILE}; mkfifo {FILE}; {START} --no-block")
    buyer.run(
        NAME,
        "for n in $(seq 100); do poser import runs --limit 1 --json | grep -q running && break;"
        " sleep 0.2; done; systemctl kill -s KILL --kill-whom=main poser-import-vendors; sleep 2;"
        f" systemctl reset-failed; rm {FILE}",
    )
    assert "systemd ended it: signal" in wait_for_mail(buyer, "systemd ended it")


def test_a_line_that_is_gone_takes_its_timer_with_it(buyer: Shop) -> None:
    units = "ls /etc/systemd/system | grep -c poser-import || true"
    assert buyer.run(NAME, units).strip() == "4"
    buyer.settings[NAME] = {}
    report = buyer.provision(NAME)
    assert report.verified
    assert buyer.run(NAME, units).strip() == "0"
    assert "poser-import" not in buyer.run(NAME, "systemctl list-timers --all --no-pager")
