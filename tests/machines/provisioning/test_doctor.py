# SPDX-License-Identifier: Apache-2.0
"""`poser doctor` on a machine with troubles: each is made once, must be named, and is mended."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.shop import Shop

pytestmark = pytest.mark.lab
NAME = "ill-1"
NGINX = "/etc/nginx/nginx.conf"
SECRET = "/etc/poser/credentials/web-secret"
PSQL = "runuser -u postgres -- psql -qAtd trainwreck -c"
KEEP = f"{PSQL} 'select version_num from alembic_version' >/root/kept"  # noqa: S608 - our own
WRITE = "update alembic_version set version_num = "
OLDER = f"{KEEP}; {PSQL} \"{WRITE}'trainwreck_0001'\""
AS_IT_WAS = f"{PSQL} \"{WRITE}'$(cat /root/kept)'\""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What goes wrong, which check says what about it, and how it is undone."""

    make: str
    check: str
    says: str
    mend: str
    with_setting: str = ""


TROUBLES = {
    "a stopped service": Trouble(
        make="systemctl stop postfix",
        check="services",
        says="postfix.service is inactive",
        mend="systemctl start postfix",
    ),
    "a changed file": Trouble(
        make=f"cp -p {NGINX} /root/kept; echo '# by hand' >>{NGINX}",
        check="role",
        says=f"file {NGINX}: differs",
        mend=f"cp -p /root/kept {NGINX}",
    ),
    "a changed secret": Trouble(
        make=f"cp -p {SECRET} /root/kept; echo x >>{SECRET}",
        check="role",
        says=f"file {SECRET}: differs",
        mend=f"cp -p /root/kept {SECRET}",
    ),
    "a full disk": Trouble(
        make="true",
        check="disk",
        says="less than 100 %",
        mend="true",
        with_setting="POSER_DOCTOR_DISK_FREE_PERCENT=100 ",
    ),
    "another revision": Trouble(
        make=OLDER,
        check="schema",
        says="trainwreck is behind at trainwreck_0001",
        mend=AS_IT_WAS,
    ),
    "a failed unit": Trouble(
        make="systemd-run -q --unit=ended-badly false; sleep 1",
        check="systemd",
        says="ended-badly.service failed",
        mend="systemctl reset-failed",
    ),
}


@pytest.fixture(scope="module")
def ill(shop: Shop, built: str) -> Iterator[Shop]:
    """Give a whole store of its own."""
    shop.clone(built, NAME)
    assert shop.provision(NAME).verified
    yield shop
    shop.lab.down([NAME])


def doctor(shop: Shop, setting: str = "") -> dict[str, Any]:
    """Ask the machine, as root; answers the findings by name."""
    said = shop.run(NAME, f"{setting}poser doctor --json || test $? = 3")
    return {one["name"]: one for one in json.loads(said)}


@pytest.mark.parametrize("name", TROUBLES)
def test_a_trouble_is_named_and_gone_when_it_is_mended(ill: Shop, name: str) -> None:
    trouble = TROUBLES[name]
    ill.run(NAME, trouble.make)
    try:
        found = doctor(ill, trouble.with_setting)[trouble.check]
    finally:
        ill.run(NAME, trouble.mend)
    assert found["state"] == "wrong"
    assert trouble.says in found["sentence"]
    assert found["hint"]
    assert doctor(ill)[trouble.check]["state"] == "ok"
