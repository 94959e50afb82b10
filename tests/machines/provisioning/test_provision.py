# SPDX-License-Identifier: Apache-2.0
"""A store from nothing, and again: what `bin/fab provision` promises, on a real machine."""

import json
import re

import pytest

from control.machines import Converged
from control.provision import Report
from poser.databases import DATABASES
from tests.support.cuts import Stages
from tests.support.shop import Shop

pytestmark = pytest.mark.lab
CONF = "/etc/poser/poser.conf"


@pytest.fixture(scope="module")
def first(stages: Stages) -> Report:
    return stages.report


def counted(shop: Shop, name: str) -> tuple[int, int]:
    """Return how many SSH connections and sessions the machine has taken since it was booted."""
    log = shop.run(name, "journalctl -b -q --no-pager -o cat -t sshd-session -t sshd")
    return len(re.findall(r"^Accepted publickey", log, re.MULTILINE)), len(
        re.findall(r"^Starting session: (?:command|shell|subsystem)", log, re.MULTILINE)
    )


def test_a_first_build_converges(first: Report) -> None:
    assert first.converged.done["changed"] > 30
    assert first.filled == 1


def test_a_first_build_keeps_every_promise(first: Report) -> None:
    assert first.verified
    assert [str(failure) for failure in first.verified.failures] == []
    assert first.verified.passed > len(first.role.promises)


def test_a_machine_that_was_switched_off_comes_back_as_it_was(shop: Shop, built: str) -> None:
    """The machine of BUILT was switched off to be kept, and booted again."""
    assert built
    assert planned_keys(shop.provision("store-1", check=True).converged) == []


def test_a_second_run_changes_nothing_in_one_connection_and_one_session(
    shop: Shop, built: str
) -> None:
    assert built
    before = counted(shop, "store-1")
    again = shop.provision("store-1")
    connections, sessions = counted(shop, "store-1")
    assert again.converged.done["changed"] == 0
    assert again.verified is None, "what was verified with the same values is not verified again"
    # Counting needs one of each itself.
    assert (connections - before[0] - 1, sessions - before[1] - 1) == (1, 1)


def test_a_changed_file_is_drift_that_check_finds_and_a_run_mends(shop: Shop, built: str) -> None:
    assert built
    shop.run("store-1", f"echo '# by hand' >>{CONF}")
    found = shop.fab("provision", "host=store-1", "--check")
    assert found.returncode == 3, found.stderr
    assert CONF in found.stdout
    assert "-# by hand" in found.stdout
    assert shop.run("store-1", f"tail -1 {CONF}") == "# by hand\n", "--check changed something"
    mended = shop.fab("provision", "host=store-1")
    assert mended.returncode == 0, mended.stderr
    assert "by hand" not in shop.run("store-1", f"cat {CONF}")
    assert shop.fab("provision", "host=store-1", "--check").returncode == 0


# What somebody does by hand, and the resource that it is drift of.
HARMS = {
    "systemctl stop poser-web": "service poser-web.service",
    "systemctl disable nginx": "service nginx.service",
    "nft delete table inet poser": "nftables",
    "chmod 0644 /etc/ssl/private/poser.key": "file /etc/ssl/private/poser.key",
    "chown root /var/lib/poser": "directory /var/lib/poser",
    "gpasswd -d www-data poser-web": "user www-data",
    "rm /opt/poser/current": "current release /opt/poser/current",
    "apt-get remove -y unattended-upgrades": "packages",
    "sed -i s/TLSv1.3/TLSv1/ /etc/postgresql/17/main/conf.d/poser.conf": "postgresql settings",
    "echo 'host all all all trust' >>/etc/postgresql/17/main/pg_hba.conf": "postgresql access",
    "runuser -u postgres -- psql -c 'alter database poser owner to postgres'": (
        "postgresql database poser"
    ),
    "sed -i s/WatchdogSec=10/WatchdogSec=0/ /etc/systemd/system/poser-web.service": (
        "unit poser-web.service"
    ),
    "echo intruder >>/root/.ssh/authorized_keys": "file /root/.ssh/authorized_keys",
}


def test_what_was_harmed_by_hand_is_named_and_mended(shop: Shop, built: str) -> None:
    assert built
    for harm in HARMS:
        shop.run("store-1", harm)
    planned = planned_keys(shop.provision("store-1", check=True).converged)
    unseen = {
        harm
        for harm, resource in HARMS.items()
        if not any(key.startswith(resource) for key in planned)
    }
    assert not unseen, planned
    mended = shop.provision("store-1")
    assert mended.verified
    assert [str(failure) for failure in mended.verified.failures] == []
    assert planned_keys(shop.provision("store-1", check=True).converged) == []


def planned_keys(converged: Converged) -> list[str]:
    """Return the keys of the resources that were found wrong."""
    return [str(step["key"]) for step in converged.planned]


def test_check_on_a_fresh_machine_predicts_and_changes_nothing(shop: Shop) -> None:
    shop.machine("store-3")
    shop.lab.up(["store-3"])
    state = "dpkg-query -W; find /etc /opt /var/lib /usr/local -newer /proc/1/cmdline -type f"
    before = shop.run("store-3", state)
    report = shop.provision("store-3", check=True)
    planned = planned_keys(report.converged)
    assert {one.key for one in report.role.resources} >= set(planned)
    assert "service poser-web.service" in planned
    assert "postgresql database poser" in planned
    changed = set(shop.run("store-3", state).splitlines()) - set(before.splitlines())
    assert {line for line in changed if "/var/lib/poser-kit/kit/" not in line} == set()


def test_mail_to_root_is_delivered_on_the_machine(shop: Shop, built: str) -> None:
    assert built
    shop.run("store-1", "printf 'Subject: from the test\\n\\nbody\\n' | sendmail root")
    letter = shop.run(
        "store-1",
        "for n in $(seq 50); do grep -s 'from the test' /var/mail/root && break; sleep .1; done",
    )
    assert letter == "Subject: from the test\n"


def test_the_examples_show_in_the_database_once(shop: Shop, first: Report) -> None:
    assert first.filled
    ask = "runuser -u postgres -- psql -XAtqd {} -c 'select count(*) from {}'"
    assert int(shop.run("store-1", ask.format("poser", "products"))) > 100
    assert int(shop.run("store-1", ask.format("trainwreck", "pos_transactions"))) > 10


def test_root_has_the_command_poser_on_its_path(shop: Shop, built: str) -> None:
    assert built
    assert "poser" in shop.run("store-1", "poser --version")
    found = json.loads(shop.run("store-1", "poser db status --json"))
    assert {one["database"]: one["state"] for one in found} == dict.fromkeys(DATABASES, "current")
