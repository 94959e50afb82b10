# SPDX-License-Identifier: Apache-2.0
"""The portal starts only where customers' passwords and the links of their mails are safe."""

from pathlib import Path

import pytest

from poser.config import load
from poser.errors import ConfigError
from poser.services import PORTAL
from web.portal import settings


def secure(**named: str) -> bool:
    environment = {f"POSER_PORTAL_{name.upper()}": value for name, value in named.items()}
    return settings.is_secure(load([], environment=environment))


def test_customers_come_by_https_or_on_loopback_for_a_trial() -> None:
    assert secure(public_url="https://my.example") is True
    assert secure(public_url="http://127.0.0.1:8090", bind="127.0.0.1:8090") is False


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ({}, "portal.public_url is not set"),
        ({"public_url": "http://my.example"}, "portal.public_url: 'http://my.example' is no https"),
        ({"public_url": "http://127.0.0.1:8090"}, "portal.public_url"),
        ({"public_url": "my.example"}, "portal.public_url"),
    ],
)
def test_any_other_address_is_refused(named: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        secure(**named)


def test_without_a_good_secret_it_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    with pytest.raises(ConfigError, match="the portal app has no secret") as caught:
        settings.secret(load([], environment={}))
    assert "portal.secret_file" in caught.value.hint
    (tmp_path / "portal-secret").touch(mode=0o600)
    (tmp_path / "portal-secret").write_text("short")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    with pytest.raises(ConfigError, match="the portal app's secret is too short"):
        settings.secret(load([], environment={}))


def test_the_service_gets_the_credential_that_the_portal_reads() -> None:
    assert PORTAL.credentials == (settings.CREDENTIAL,)
    assert settings.BIND.default == f"unix:/run/{PORTAL.runtime_directory}/portal.sock"
