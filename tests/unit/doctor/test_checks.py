# SPDX-License-Identifier: Apache-2.0
"""Checks of the doctor that need no database: mail, certificate, what root saw."""

import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from poser.config import load
from poser.doctor import State, Subject, checks, chosen, look
from poser.doctor.checks.certificate import end_of
from poser.doctor.checks.mail import judged
from poser.doctor.kernel_clock import is_synchronized
from poser.errors import ConfigError, PoserError

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOURS = timedelta(hours=4)
WELL = {
    "role": "store", "last_converge": "2026-11-22T11:00:00Z", "is_finished": True, "drift": [],
    "resources": 7, "services": {"a.service": {"active": "active", "sub": "running"}}, "failed": [],
}  # fmt: skip


def mail(age: timedelta, reason: str) -> str:
    recipients = [{"address": "x@example.com", "delay_reason": reason}]
    return json.dumps({"arrival_time": (NOW - age).timestamp(), "recipients": recipients}) + "\n"


def state_of(name: str, root_saw: dict[str, Any] | None) -> tuple[State, str]:
    node: Any = SimpleNamespace()
    finding = look(chosen([name])[0], Subject(node=node, root_saw=root_saw))
    return finding.state, finding.sentence


def test_every_check_says_what_it_means_and_how_to_mend() -> None:
    found = checks()
    assert {"clock", "disk", "role", "schema", "services"} <= {check.name for check in found}
    assert all(check.means and check.mend for check in found)


def test_mail_that_waits_for_long_is_told_with_its_reason() -> None:
    assert judged("", NOW, HOURS).state is State.OK
    young = mail(timedelta(hours=1), "greylisted")
    assert judged(young, NOW, HOURS).state is State.OK
    finding = judged(young + mail(timedelta(days=2), "relay refused"), NOW, HOURS)
    assert finding.state is State.WARNING
    assert "1 mails wait, the oldest since 2026-11-20 12:00 UTC: relay refused" in finding.sentence


@pytest.mark.parametrize(
    ("change", "name", "says"),
    [
        ({"drift": [{"key": "file /x", "reason": "differs"}]}, "role", "file /x: differs"),
        ({"is_finished": False}, "role", "did not come to its end"),
        ({"services": {"a.service": {"active": "failed", "sub": "failed"}}}, "services", "failed"),
        ({"services": {"a.service": None}}, "services", "a.service is not there"),
        ({"failed": ["b.service"]}, "systemd", "b.service failed"),
    ],
)
def test_what_root_saw_is_judged(change: dict[str, Any], name: str, says: str) -> None:
    assert state_of(name, WELL)[0] is State.OK
    state, sentence = state_of(name, {**WELL, **change})
    assert state is State.WRONG
    assert says in sentence


@pytest.mark.parametrize("seen", [None, {}, {"error": "no systemctl", "hint": ""}])
def test_what_root_did_not_see_is_not_known(seen: dict[str, Any] | None) -> None:
    assert state_of("role", seen)[0] is State.NOT_KNOWN


def test_a_check_that_fails_itself_does_not_stop_the_others() -> None:
    state, sentence = state_of("release", None)
    assert state is State.NOT_KNOWN
    assert "the check itself failed" in sentence


def test_what_is_wrong_with_the_settings_is_said_once() -> None:
    class Misled:
        @property
        def config(self) -> None:
            raise ConfigError("poser.conf:3: there is no setting web.workerz")

    node: Any = Misled()
    said = [look(check, Subject(node=node)).sentence for check in chosen(["disk", "settings"])]
    assert said == ["the settings are wrong", "poser.conf:3: there is no setting web.workerz"]


def test_a_name_that_is_none_gets_a_hint() -> None:
    with pytest.raises(PoserError, match="no check 'clok'") as caught:
        chosen(["clok"])
    assert caught.value.hint == "did you mean clock?"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Make a certificate that is good for 20 days from now."""
    path = tmp_path / "node.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-days", "20"]
    files = ["-keyout", str(tmp_path / "key"), "-out", str(path), "-subj", "/CN=node"]
    subprocess.run([*command, *files], check=True, capture_output=True)
    return path


@pytest.mark.parametrize(
    ("after_days", "state"),
    [(0, State.WARNING), (21, State.WRONG), (-100, State.OK)],
)
def test_the_end_of_a_certificate_is_watched(
    certificate: Path, tmp_path: Path, after_days: int, state: State
) -> None:
    conf = tmp_path / "poser.conf"
    conf.write_text(f"[doctor]\ncertificate = {certificate}\n")
    node: Any = SimpleNamespace(config=load([conf]))
    at = datetime.now(UTC) + timedelta(days=after_days)
    finding = look(chosen(["certificate"])[0], Subject(node=node, clock=lambda: at))
    assert finding.state is state, finding


def test_what_is_no_certificate_is_refused_with_openssl_s_words(tmp_path: Path) -> None:
    path = tmp_path / "node.pem"
    path.write_text("nothing")
    with pytest.raises(ValueError, match="certificate"):
        end_of(path)


def test_the_kernel_says_whether_its_clock_is_kept_right() -> None:
    assert is_synchronized() in {True, False, None}
