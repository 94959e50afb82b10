# SPDX-License-Identifier: Apache-2.0
"""The internal authority: what it signs holds, and is renewed in time."""

import ssl
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from control import ca
from control.secrets import Secrets
from poser.errors import ConfigError

NAMES = ("store-1.shops.example", "store-1", "192.0.2.11")
NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def secrets(tmp_path: Path) -> Secrets:
    return Secrets(tmp_path / "secrets")


@pytest.fixture
def no_cryptography(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let any use of the slow library fail."""
    monkeypatch.delattr("control.certificates", raising=False)
    monkeypatch.setitem(sys.modules, "control.certificates", None)


def issue(secrets: Secrets, now: datetime = NOW, names: tuple[str, ...] = NAMES) -> str:
    return ca.server_certificate(secrets, "store-1", names, now).certificate_pem


def test_a_certificate_holds_for_the_names_and_is_signed_by_the_authority(
    secrets: Secrets,
) -> None:
    made = ca.server_certificate(secrets, "store-1", NAMES, NOW)
    certificate = x509.load_pem_x509_certificate(made.certificate_pem.encode())
    authority = x509.load_pem_x509_certificate(made.authority_pem.encode())
    certificate.verify_directly_issued_by(authority)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["store-1.shops.example", "store-1"]
    assert [str(each) for each in names.get_values_for_type(x509.IPAddress)] == ["192.0.2.11"]
    lasts = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    assert lasts <= timedelta(days=398)


def test_python_accepts_the_certificate_on_a_real_connection(
    secrets: Secrets, tmp_path: Path
) -> None:
    made = ca.server_certificate(secrets, "store-1", NAMES)
    chain = tmp_path / "chain.pem"
    chain.write_text(made.certificate_pem + made.key_pem.reveal())
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(chain)
    client = ssl.create_default_context(cadata=made.authority_pem)
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    served = server.wrap_bio(to_server, to_client, server_side=True)
    asked = client.wrap_bio(to_client, to_server, server_hostname="store-1.shops.example")
    done = set()
    for _ in range(6):
        for side in (asked, served):
            try:
                side.do_handshake()
                done.add(side)
            except ssl.SSLWantReadError:
                pass
    assert done == {asked, served}
    assert asked.version() == "TLSv1.3"


def test_nothing_is_parsed_or_made_while_all_is_well(
    secrets: Secrets, request: pytest.FixtureRequest
) -> None:
    first = issue(secrets)
    request.getfixturevalue("no_cryptography")
    assert issue(secrets, NOW + timedelta(days=300)) == first


def test_a_certificate_that_ends_soon_is_renewed(secrets: Secrets) -> None:
    first = issue(secrets)
    assert issue(secrets, NOW + timedelta(days=366)) == first
    renewed = issue(secrets, NOW + timedelta(days=368))
    assert renewed != first
    assert issue(secrets, NOW + timedelta(days=369)) == renewed


def test_other_names_or_damage_make_a_new_certificate(secrets: Secrets) -> None:
    first = issue(secrets)
    second = issue(secrets, names=(*NAMES, "192.0.2.12"))
    assert second != first
    secrets.replace("store-1/tls.key", "damaged")
    third = ca.server_certificate(secrets, "store-1", (*NAMES, "192.0.2.12"), NOW)
    assert third.certificate_pem != second
    assert third.key_pem.reveal().startswith("-----BEGIN PRIVATE KEY-----")
    secrets.replace("store-1/tls.json", "{damaged")
    assert issue(secrets, names=(*NAMES, "192.0.2.12")) != third.certificate_pem


def test_a_new_authority_signs_all_machines_anew(secrets: Secrets) -> None:
    first = issue(secrets)
    for file in (secrets.folder / "authority").iterdir():
        file.unlink()
    assert issue(secrets) != first


def test_an_authority_that_was_cut_off_while_it_was_made_is_completed(secrets: Secrets) -> None:
    pem = ca.authority_pem(secrets, NOW)
    (secrets.folder / "authority" / "root.json").unlink()
    assert ca.authority_pem(secrets, NOW) == pem
    (secrets.folder / "authority" / "root.json").unlink()
    (secrets.folder / "authority" / "root.pem").unlink()
    key = (secrets.folder / "authority" / "root.key").read_text()
    assert ca.authority_pem(secrets, NOW) != pem
    assert (secrets.folder / "authority" / "root.key").read_text() == key


def test_a_lost_key_of_the_authority_is_one_clear_error(secrets: Secrets) -> None:
    ca.authority_pem(secrets, NOW)
    (secrets.folder / "authority" / "root.key").unlink()
    with pytest.raises(ConfigError, match=r"root\.key is lost"):
        issue(secrets)


def test_an_authority_that_ends_is_for_people_to_change(secrets: Secrets) -> None:
    ca.authority_pem(secrets, NOW)
    with pytest.raises(ConfigError, match="authority of this inventory ends on 2046-11-17"):
        ca.authority_pem(secrets, NOW + timedelta(days=20 * 365 - 29))
