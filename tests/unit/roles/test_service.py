# SPDX-License-Identifier: Apache-2.0
"""A service of ours becomes a systemd unit that says what the service needs, and no more."""

from dataclasses import replace

import pytest

from poser import services
from poser.services import Service
from roles.parts.service import HARDENING, timed_unit, timer, unit

PLAIN = Service(name="probe", what="A probe", command=("/bin/true", "--now"))


def read(text: str) -> dict[str, dict[str, list[str]]]:
    """Return sections, keys and all values of a unit file."""
    found: dict[str, dict[str, list[str]]] = {}
    section = ""
    for line in text.splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(section, {}).setdefault(key, []).append(value)
    return found


def test_it_starts_the_command_as_the_nodes_own_user() -> None:
    service = read(unit(PLAIN))["Service"]
    assert service["ExecStart"] == ["/bin/true --now"]
    assert service["User"] == ["poser"]
    assert service["Type"] == ["notify"]


def test_it_is_killed_when_it_hangs_and_comes_back_for_ever() -> None:
    found = read(unit(services.WEB))
    assert found["Service"]["WatchdogSec"] == [str(services.WEB.watchdog_s)]
    assert found["Service"]["Restart"] == ["always"]
    assert found["Unit"]["StartLimitIntervalSec"] == ["0"]


def test_it_comes_after_what_it_needs() -> None:
    found = read(unit(services.WEB))["Unit"]
    assert found["After"] == ["network.target postgresql.service"]
    assert found["Wants"] == ["postgresql.service"]


def test_without_needs_nothing_is_wanted() -> None:
    text = unit(PLAIN)
    assert "Wants" not in read(text)["Unit"]
    assert not [line for line in text.splitlines() if line != line.rstrip()]


def test_credentials_come_from_files_that_only_root_reads() -> None:
    assert read(unit(services.WEB))["Service"]["LoadCredential"] == [
        "web-secret:/etc/poser/credentials/web-secret"
    ]


def test_groups_let_it_reach_sockets_of_others_and_no_network() -> None:
    found = read(unit(services.MAIL))["Service"]
    assert found["SupplementaryGroups"] == ["poser postdrop"]
    assert found["PrivateNetwork"] == ["yes"]
    assert read(unit(PLAIN))["Service"]["SupplementaryGroups"] == ["poser"]


def test_the_web_app_alone_may_read_the_journal() -> None:
    assert read(unit(services.WEB))["Service"]["SupplementaryGroups"] == ["poser systemd-journal"]
    for other in (services.MAIL, services.TASKS, services.EVENTS):
        assert "systemd-journal" not in unit(other)


@pytest.mark.parametrize("service", [PLAIN, services.WEB, services.MAIL], ids=lambda one: one.name)
def test_every_service_is_confined_alike(service: Service) -> None:
    found = read(unit(service))["Service"]
    assert found["ProtectSystem"] == ["strict"]
    assert found["CapabilityBoundingSet"] == [""]
    assert found["SystemCallFilter"] == ["@system-service", "~@privileged @resources"]
    assert found["MemoryMax"] == [f"{service.memory_mib}M"]


def test_a_timed_job_runs_once_as_its_own_user_and_is_confined_alike() -> None:
    text = timed_unit(services.UPKEEP)
    found = read(text)["Service"]
    assert found["Type"] == ["oneshot"]
    assert found["User"] == ["poser_owner"]
    assert found["ExecStart"] == ["/opt/poser/current/bin/poser db upkeep"]
    assert found["TimeoutStartSec"] == ["3600"]
    assert "Restart" not in found
    assert HARDENING in text
    assert read(text)["Unit"]["Requires"] == ["postgresql.service"]


def test_a_timed_job_is_made_up_for_after_a_boot() -> None:
    found = read(timer(services.UPKEEP))
    assert found["Timer"]["OnCalendar"] == ["*-*-* 03:15:00 UTC"]
    assert found["Timer"]["Persistent"] == ["yes"]
    assert found["Install"]["WantedBy"] == ["timers.target"]


def test_a_timed_job_may_reach_other_machines_when_it_says_so_and_nothing_else_more() -> None:
    confined = read(timed_unit(services.UPKEEP))["Service"]
    reaching = read(timed_unit(replace(services.UPKEEP, network=True)))["Service"]
    assert reaching["RestrictAddressFamilies"] == ["AF_UNIX AF_INET AF_INET6"]
    differ = {key for key in confined if confined[key] != reaching.get(key)}
    assert differ == {"RestrictAddressFamilies", "PrivateNetwork", "IPAddressDeny"}


def test_what_comes_after_a_job_runs_however_it_ended() -> None:
    job = replace(services.UPKEEP, afterwards=("/bin/poser", "tell"), fine=(3, 5))
    found = read(timed_unit(job))["Service"]
    assert found["ExecStopPost"] == ["/bin/poser tell"]
    assert found["SuccessExitStatus"] == ["3 5"]
    assert "ExecStopPost" not in read(timed_unit(services.UPKEEP))["Service"]
