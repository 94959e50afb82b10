# SPDX-License-Identifier: Apache-2.0
"""Roles are found by name and are the same value for the same host."""

import json
from collections.abc import Callable

import pytest

from poser.errors import ConfigError
from poser.machine.resource import encode
from poser.machine.resources.file import File
from poser.machine.resources.packages import Packages
from roles import build, names
from roles.values import Host

MakeHost = Callable[..., Host]


def test_an_unknown_role_names_the_nearest_one(a_host: MakeHost) -> None:
    with pytest.raises(ConfigError, match="there is no role 'stroe'") as caught:
        build(a_host(role="stroe"))
    assert "did you mean store" in caught.value.hint


@pytest.mark.parametrize("role", names())
def test_a_role_is_the_same_value_for_the_same_host(a_host: MakeHost, role: str) -> None:
    first, second = build(a_host(role=role)), build(a_host(role=role))
    assert first == second
    assert first.values_sha256 == second.values_sha256


@pytest.mark.parametrize("role", names())
def test_a_role_travels_as_json(a_host: MakeHost, role: str) -> None:
    coded = encode(build(a_host(role=role)).resources)
    assert json.loads(json.dumps(coded)) == coded


def test_another_release_is_another_fingerprint(a_host: MakeHost) -> None:
    host = a_host()
    other = a_host(release=type(host.release)(id="r2", sha256="1" * 64, heads=host.release.heads))
    assert build(host).values_sha256 != build(other).values_sha256


def test_packages_are_installed_in_one_go_after_the_sources(a_host: MakeHost) -> None:
    resources = build(a_host()).resources
    kinds = [type(one).__name__ for one in resources]
    assert kinds.count("Packages") == 1
    assert kinds.index("Packages") > max(n for n, k in enumerate(kinds) if k == "AptSource")
    (packages,) = (one for one in resources if isinstance(one, Packages))
    assert {"nginx", "postgresql-17", "postfix", "nftables"} <= set(packages.names)


def test_the_release_is_migrated_before_it_is_switched_to_and_then_started(
    a_host: MakeHost,
) -> None:
    keys = [one.key for one in build(a_host()).resources]
    order = [
        "release r1",
        "schema of poser",
        "schema of trainwreck",
        "current release /opt/poser/current",
        "service poser-web.service",
    ]
    assert [key for key in keys if key in order] == order


def test_no_secret_shows_in_the_text_of_a_role(a_host: MakeHost) -> None:
    host = a_host()
    for resource in build(host).resources:
        for secret in (*host.secrets.values(), host.key_pem):
            assert secret.reveal() not in repr(resource)


def test_every_file_that_holds_a_secret_is_private(a_host: MakeHost) -> None:
    host = a_host()
    texts = {secret.reveal() for secret in (*host.secrets.values(), host.key_pem)}
    files = [one for one in build(host).resources if isinstance(one, File) and one.secret]
    assert {"/etc/ssl/private/poser.key", "/etc/poser/credentials/web-secret"} <= {
        one.path for one in files
    }
    for one in files:
        assert one.mode & 0o007 == 0
        assert type(one.content).__name__ == "Secret"
    plain = [one for one in build(host).resources if isinstance(one, File) and not one.secret]
    for one in plain:
        assert not any(text in str(one.content) for text in texts)


def test_settings_of_the_inventory_reach_poser_conf_and_win(a_host: MakeHost) -> None:
    host = a_host(settings={"web.workers": "7", "site.note": "50% off %(here)s"})
    (conf,) = (
        one
        for one in build(host).resources
        if isinstance(one, File) and one.path == "/etc/poser/poser.conf"
    )
    lines = str(conf.content).splitlines()
    assert "workers = 7" in lines
    assert "note = 50% off %%(here)s" in lines
    assert lines.count("[web]") == 1


def test_a_machine_setting_that_nobody_reads_is_refused(a_host: MakeHost) -> None:
    with pytest.raises(ConfigError, match=r"no setting 'machine\.mail_rely'") as caught:
        build(a_host(settings={"machine.mail_rely": "x"}))
    assert "machine.mail_relay" in caught.value.hint
