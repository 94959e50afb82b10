# SPDX-License-Identifier: Apache-2.0
"""Certificates of nodes, and the list of those that hold no more, as openssl sees them."""

import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from control import ca, revocation
from control.secrets import Secrets
from poser.errors import ConfigError

NOW = datetime.now(UTC)


@pytest.fixture
def secrets(tmp_path: Path) -> Secrets:
    return Secrets(tmp_path / "secrets")


def issue(secrets: Secrets, *, anew: bool = False, now: datetime = NOW) -> str:
    return ca.node_certificate(secrets, "store-2", now, anew=anew).certificate_pem


def verified(secrets: Secrets, pem: str, *, at: datetime = NOW, purpose: str = "sslclient") -> str:
    """Return "" when openssl takes the certificate, with the list in force, else why not."""
    folder = secrets.folder
    (folder / "asked.pem").write_text(pem)
    done = subprocess.run(
        [
            *("openssl", "verify", "-x509_strict", "-purpose", purpose, "-crl_check"),
            *("-attime", str(int(at.timestamp())), "-CAfile", str(folder / "authority/root.pem")),
            *("-CRLfile", str(folder / "authority/revoked.pem"), str(folder / "asked.pem")),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else done.stderr + done.stdout


def crl(secrets: Secrets, now: datetime = NOW) -> x509.CertificateRevocationList:
    return x509.load_pem_x509_crl(revocation.revoked_pem(secrets, now).encode())


def number(found: x509.CertificateRevocationList) -> int:
    return found.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def test_a_node_is_known_by_its_name_and_serves_nobody(secrets: Secrets) -> None:
    pem = issue(secrets)
    found = x509.load_pem_x509_certificate(pem.encode())
    (name,) = found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert name.value == "store-2"
    usage = found.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    revocation.revoked_pem(secrets, NOW)
    assert verified(secrets, pem) == ""
    assert "purpose" in verified(secrets, pem, purpose="sslserver")


def test_a_server_is_no_node(secrets: Secrets) -> None:
    pem = ca.server_certificate(secrets, "store-2", ("store-2",), NOW).certificate_pem
    revocation.revoked_pem(secrets, NOW)
    assert "purpose" in verified(secrets, pem)


def test_a_certificate_is_kept_until_a_new_one_is_wanted(secrets: Secrets) -> None:
    first = issue(secrets)
    assert issue(secrets) == first
    assert issue(secrets, anew=True) != first
    renewed = issue(secrets, now=NOW + timedelta(days=368))
    assert renewed != issue(secrets, anew=True)


def test_the_key_is_the_secret_that_the_service_asks_for(secrets: Secrets) -> None:
    made = ca.node_certificate(secrets, "store-2", NOW)
    assert secrets.of_machine("store-2")["node-key"].reveal() == made.key_pem.reveal().strip()


def test_what_is_revoked_is_refused_and_a_new_one_is_taken(secrets: Secrets) -> None:
    pem = issue(secrets)
    assert revocation.revoke(secrets, "store-2", pem, NOW)
    assert "revoked" in verified(secrets, pem)
    assert revocation.revoked_since(secrets, pem) == NOW.isoformat()
    assert verified(secrets, issue(secrets, anew=True)) == ""
    assert not revocation.revoke(secrets, "store-2", pem, NOW), "it was revoked twice"


def test_lists_are_numbered_and_change_only_when_they_must(secrets: Secrets) -> None:
    first = revocation.revoked_pem(secrets, NOW)
    assert revocation.revoked_pem(secrets, NOW + timedelta(days=397)) == first
    assert number(crl(secrets)) == 1
    revocation.revoke(secrets, "store-2", issue(secrets), NOW)
    assert number(crl(secrets)) == 2


def test_a_list_outlives_every_certificate_that_it_may_be_asked_about(secrets: Secrets) -> None:
    revocation.revoked_pem(secrets, NOW)
    later = NOW + timedelta(days=409)
    revocation.revoke(secrets, "store-1", issue(secrets), NOW)
    found = crl(secrets, later)
    assert number(found) == 3, "it was not signed anew in time"
    assert found.get_revoked_certificate_by_serial_number(
        x509.load_pem_x509_certificate(issue(secrets).encode()).serial_number
    ), "who was revoked is forgotten"
    ends = x509.load_pem_x509_certificate(issue(secrets, now=later).encode()).not_valid_after_utc
    assert found.next_update_utc is not None
    assert found.next_update_utc >= ends


def test_a_new_authority_signs_the_list_anew(secrets: Secrets) -> None:
    first = revocation.revoked_pem(secrets, NOW)
    for name in ("root.pem", "root.key", "root.json"):
        (secrets.folder / "authority" / name).unlink()
    assert revocation.revoked_pem(secrets, NOW) != first


def test_a_lost_list_is_signed_again_with_all_who_are_on_it(secrets: Secrets) -> None:
    pem = issue(secrets)
    revocation.revoke(secrets, "store-2", pem, NOW)
    (secrets.folder / "authority" / "revoked.pem").unlink()
    revocation.revoked_pem(secrets, NOW)
    assert "revoked" in verified(secrets, pem)


@pytest.mark.parametrize("text", ["{", "[]", json.dumps({"revoked": {"1": "store-2"}})])
def test_a_note_that_is_broken_forgets_nobody(secrets: Secrets, text: str) -> None:
    revocation.revoke(secrets, "store-2", issue(secrets), NOW)
    secrets.replace("authority/revoked.json", text)
    with pytest.raises(ConfigError, match=r"revoked\.json cannot be read") as raised:
        revocation.revoked_pem(secrets, NOW)
    assert "backup" in raised.value.hint
