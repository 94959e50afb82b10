# SPDX-License-Identifier: Apache-2.0
"""Makes X.509 certificates; slow to import, so only loaded when one has to be made."""

import ipaddress
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_ROOT_NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Poser internal authority")])
_CLOCKS_MAY_DIFFER = timedelta(hours=1)


def new_key() -> str:
    """Return a new P-256 private key as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def root(key_pem: str, now: datetime, days: int) -> str:
    """Return a self-signed certificate for an authority, which makes no others, as PEM."""
    key = _load(key_pem)
    certificate = (
        _builder(_ROOT_NAME, _ROOT_NAME, key, now, days)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    return _pem(certificate)


def server(
    authority_of: tuple[str, str], key_pem: str, names: Sequence[str], now: datetime, days: int
) -> str:
    """Return a certificate for a server that is called `names` (host names, IP addresses).

    `authority_of` are certificate and key of the authority that signs it.
    """
    key = _load(key_pem)
    builder = _for_machine(authority_of[0], key, names[0], now, days).add_extension(
        x509.SubjectAlternativeName([_name(each) for each in names]), critical=False
    )
    return _signed(builder, authority_of[1], ExtendedKeyUsageOID.SERVER_AUTH)


def client(authority_of: tuple[str, str], key_pem: str, name: str, now: datetime, days: int) -> str:
    """Return a certificate by which a node shows that it is `name` when it dials another."""
    builder = _for_machine(authority_of[0], _load(key_pem), name, now, days)
    return _signed(builder, authority_of[1], ExtendedKeyUsageOID.CLIENT_AUTH)


def _for_machine(
    authority_pem: str, key: ec.EllipticCurvePrivateKey, name: str, now: datetime, days: int
) -> x509.CertificateBuilder:
    authority = x509.load_pem_x509_certificate(authority_pem.encode())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
    return _builder(subject, authority.subject, key, now, days)


def _signed(
    builder: x509.CertificateBuilder, authority_key_pem: str, usage: x509.ObjectIdentifier
) -> str:
    key = _load(authority_key_pem)
    certificate = (
        builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    return _pem(certificate)


def revoked(
    authority_of: tuple[str, str],
    serials: Mapping[int, datetime],
    number: int,
    now: datetime,
    days: int,
) -> str:
    """Return the list of certificates that hold no more, as PEM.

    `serials` says since when (aware UTC). The list is the `number`th of its authority and is good
    for so many days.
    Source: RFC 5280, section 5
    """
    authority = x509.load_pem_x509_certificate(authority_of[0].encode())
    key = _load(authority_of[1])
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.subject)
        .last_update(now - _CLOCKS_MAY_DIFFER)
        .next_update(now + timedelta(days=days))
        .add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False
        )
    )
    for serial, since in sorted(serials.items()):
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(since)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def serial(pem: str) -> int:
    """Return the serial number of a certificate."""
    return x509.load_pem_x509_certificate(pem.encode()).serial_number


def end(pem: str) -> datetime:
    """Return when a certificate ends, aware UTC."""
    return x509.load_pem_x509_certificate(pem.encode()).not_valid_after_utc


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    now: datetime,
    days: int,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_MAY_DIFFER)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _key_usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _load(pem: str) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("the authority signs with keys on an elliptic curve only")
    return key


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
