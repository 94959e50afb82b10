# SPDX-License-Identifier: Apache-2.0
"""The database refuses connections from outside the machine, and most from inside."""

import socket

import pytest
from testinfra.host import Host as Observed

from control.verify import Subject

PROMISE = "the database refuses connections from outside the machine"
PORT = 5432


@pytest.mark.promise(PROMISE)
def test_no_connection_is_taken_from_outside(subject: Subject) -> None:
    with pytest.raises(OSError, match=r"refused|timed out|unreachable"):
        socket.create_connection((subject.host.address, PORT), timeout=2)


@pytest.mark.promise(PROMISE)
def test_it_listens_on_the_loopback_addresses_only(host: Observed) -> None:
    where = [one for one in host.socket.get_listening_sockets() if one.endswith(f":{PORT}")]
    assert where
    assert all(one.startswith(("tcp://127.0.0.1:", "tcp://::1:")) for one in where)


@pytest.mark.promise(PROMISE)
@pytest.mark.parametrize(
    ("who", "how"),
    [
        ("poser", "host=localhost user=poser dbname=poser sslmode=disable"),
        ("poser", "host=localhost user=poser dbname=poser sslmode=require"),
        ("poser", "host=localhost user=postgres dbname=postgres sslmode=require"),
        ("nobody", "user=poser dbname=poser"),
        ("nobody", "user=nobody dbname=poser"),
        ("poser", "user=postgres dbname=postgres"),
    ],
)
def test_inside_too_nobody_gets_in_on_a_name_alone(host: Observed, who: str, how: str) -> None:
    answer = host.run("runuser -u %s -- psql -Xwqc 'select 1' %s", who, how)
    assert answer.rc == 2, answer.stdout  # psql: the connection failed
    assert "FATAL" in answer.stderr or "fe_sendauth: no password supplied" in answer.stderr


@pytest.mark.promise(PROMISE)
@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("ssl", "on"),
        ("password_encryption", "scram-sha-256"),
        ("ssl_min_protocol_version", "TLSv1.3"),
    ],
)
def test_what_goes_over_tcp_is_encrypted_by_rule(host: Observed, setting: str, value: str) -> None:
    command = "runuser -u postgres -- psql -XAtqc %s"
    assert host.check_output(command, f"show {setting}") == value


@pytest.mark.promise(PROMISE)
def test_the_server_shows_the_certificate_of_the_machine(host: Observed, subject: Subject) -> None:
    # -verify_return_error ends the handshake when the chain or the name does not fit.
    said = host.run(
        "echo | openssl s_client -starttls postgres -connect localhost:5432 -verify_return_error"
        " -verify_hostname %s -CAfile /etc/ssl/certs/poser-authority.pem",
        subject.host.fqdn,
    )
    assert "Verify return code: 0 (ok)" in said.stdout, said.stderr
