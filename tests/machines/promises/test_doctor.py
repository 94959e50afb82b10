# SPDX-License-Identifier: Apache-2.0
"""`poser doctor` says that all is well, having looked at everything that it can look at."""

import json

import pytest
from testinfra.host import Host as Observed

from control.verify import Subject

PROMISE = "poser doctor finds nothing wrong"
MAY_BE_UNKNOWN = {"clock"}
"""The clock of a container is not its own."""


@pytest.mark.promise(PROMISE)
@pytest.mark.usefixtures("recovered")
def test_it_finds_nothing_wrong_and_looks_at_everything(host: Observed, subject: Subject) -> None:
    said = host.run("poser doctor --json")
    assert said.rc == 0, said.stdout + said.stderr
    found = {one["name"]: one for one in json.loads(said.stdout)}
    bad = [one for one in found.values() if one["state"] not in {"ok", "not known"}]
    assert not bad
    assert {name for name, one in found.items() if one["state"] == "not known"} <= MAY_BE_UNKNOWN
    count = len(subject.role.resources)
    assert found["role"]["sentence"].endswith(f"{count} things"), found["role"]


@pytest.mark.promise(PROMISE)
@pytest.mark.usefixtures("recovered")
def test_without_root_it_says_what_only_root_can_see(host: Observed) -> None:
    said = host.run("runuser -u poser -- poser doctor role --json")
    assert said.rc == 0, said.stderr
    assert json.loads(said.stdout)[0]["state"] == "not known"


@pytest.mark.promise(PROMISE)
def test_what_the_machine_keeps_of_its_role_is_for_root_and_has_no_secret(
    host: Observed, subject: Subject
) -> None:
    kept = host.file("/var/lib/poser-kit/wanted.json")
    assert (kept.mode, kept.user) == (0o600, "root")
    text = kept.content_string
    for name, secret in subject.host.secrets.items():
        assert secret.reveal() not in text, name
    assert subject.host.key_pem.reveal().splitlines()[1] not in text
