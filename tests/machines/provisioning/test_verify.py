# SPDX-License-Identifier: Apache-2.0
"""Verification sees a promise that is broken: each is broken once, and must be named."""

from typing import TYPE_CHECKING

import pytest

from tests.support.shop import Shop

if TYPE_CHECKING:
    from control.verify import VerifyResult

pytestmark = pytest.mark.lab
NAME = "broken-1"
SCHEDULE = "prices at 03:30: csv Product --from /nowhere/prices.csv"
DROP_IN = "/etc/systemd/system/poser-web.service.d/broken.conf"
TASKS_DROP_IN = "/etc/systemd/system/poser-tasks.service.d/broken.conf"

# What breaks each promise; the web app still runs, so that each is seen on its own account.
BREAKS = {
    "security updates are enabled": "systemctl disable --now apt-daily-upgrade.timer",
    "sshd refuses passwords and weak algorithms": (
        "sed -i 's/^KexAlgorithms /&ecdh-sha2-nistp256,/' /etc/ssh/sshd_config.d/10-poser.conf"
        " && systemctl reload ssh"
    ),
    "no secret is readable by other users or found in any log, process list or environment": (
        'logger "the password is $(cat /etc/poser/credentials/web-secret)"'
    ),
    "the database refuses connections from outside the machine": (
        "sed -i s/TLSv1.3/TLSv1/ /etc/postgresql/17/main/conf.d/poser.conf"
        " && systemctl reload postgresql"
    ),
    "mail is accepted from the machine itself only": (
        "postconf inet_interfaces=all && systemctl restart postfix"
    ),
    "poser-mail hands mail over, and comes back after it is killed": (
        "postconf -MX poser/unix && postfix reload && rm -f /var/spool/postfix/public/poser"
    ),
    "poser-tasks waits for work, and comes back after it is killed": (
        f"mkdir -p $(dirname {TASKS_DROP_IN}) && printf '[Service]\\nRestartSec=90\\n'"
        f" >{TASKS_DROP_IN} && systemctl daemon-reload"
    ),
    "open pages are told of changes": (
        "sed -i s,poser-events/events.sock,poser-events/none.sock, /etc/nginx/conf.d/poser.conf"
        " && systemctl reload nginx"
    ),
    "plain HTTP only redirects": (
        "sed -i 's/return 308.*/return 200 plain;/' /etc/nginx/conf.d/poser.conf"
        " && systemctl reload nginx"
    ),
    "every service of ours is confined": (
        f"mkdir -p $(dirname {DROP_IN}) && printf '[Service]\\nNoNewPrivileges=no\\n"
        "PrivateUsers=no\\nProtectSystem=no\\nCapabilityBoundingSet=CAP_SYS_ADMIN\\n"
        "RestrictAddressFamilies=\\nPrivateNetwork=no\\nSystemCallFilter=\\n"
        f"WatchdogSec=0\\nRestartSec=8\\n' >{DROP_IN}"
        " && systemctl daemon-reload && systemctl restart poser-web"
    ),
    "jobs of ours are done at their hours": "systemctl disable --now poser-upkeep.timer",
    # Its file is not there.
    "scheduled imports have their hours, are confined, and end well": (
        "systemctl start poser-import-prices; systemctl reset-failed"
    ),
    "poser doctor finds nothing wrong": "systemd-run --unit=ended-badly false",
    "nothing but the declared ports listens": "systemd-run -u extra python3 -m http.server 8099",
    "the sign-in page answers over HTTPS": (
        "sed -i 's/ add_header Strict-Transport-Security/ # &/' /etc/nginx/conf.d/poser.conf"
        " && systemctl reload nginx"
    ),
    "a signed-in person finds a product by its barcode": (
        "runuser -u postgres -- psql -d poser -c 'alter table products owner to postgres'"
        " -c 'revoke all on products from poser'"
    ),
    "poser-web comes back after it is killed": "true",
    "poser-web comes back after it hangs": "true",
}


@pytest.fixture(scope="module")
def seen(shop: Shop, built: str) -> "VerifyResult":
    """Break everything there is to break, then look."""
    from control.verify import verify  # noqa: PLC0415 - loads testinfra only for this test

    shop.settings[NAME] = {"import.schedules": SCHEDULE}
    shop.clone(built, NAME)
    report = shop.provision(NAME)
    assert report.verified
    assert report.verified.failed == 0
    for command in BREAKS.values():
        shop.run(NAME, command)
    with shop.connected(NAME) as connection:
        return verify(shop.machine(NAME), connection, report.role, report.host)


def test_every_promise_of_the_role_is_broken_here(shop: Shop, seen: "VerifyResult") -> None:
    assert seen.failed
    assert set(BREAKS) == set(shop.role(NAME).promises)


@pytest.mark.parametrize("promise", BREAKS)
def test_a_broken_promise_is_named_with_what_was_seen(seen: "VerifyResult", promise: str) -> None:
    failures = [failure for failure in seen.failures if failure.promise == promise]
    assert failures, f"nobody noticed; noticed were {[one.promise for one in seen.failures]}"
    for failure in failures:
        assert failure.machine == NAME
        assert failure.seen


def test_a_broken_machine_is_not_noted_as_verified(shop: Shop, seen: "VerifyResult") -> None:
    assert seen.failed
    shop.run(NAME, f"rm {DROP_IN}; systemctl daemon-reload; systemctl stop extra")
    found = shop.provision(NAME, check=True)
    assert found.converged.planned
