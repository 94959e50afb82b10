# SPDX-License-Identifier: Apache-2.0
"""Small values: resources, secrets, memory shares, SCRAM verifiers, hints."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import socket
from base64 import b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poser.errors import ConfigError, PoserError, WireError
from poser.machine.explain import apt_words, port_holder, service_words
from poser.machine.memory import resolved
from poser.machine.resource import Secret, decode, encode, kinds
from poser.machine.resources.command import Command
from poser.machine.resources.file import File
from poser.machine.resources.nftables import Nftables
from poser.machine.resources.packages import Packages
from poser.machine.resources.service import Service
from poser.machine.scram import fits, verifier


def test_a_resource_is_its_fields() -> None:
    one, same = File(path="/a", content="x"), File(path="/a", content="x", mode=0o644)
    assert one == same
    assert hash(one) == hash(same)
    assert one != one.replace(mode=0o600)
    assert one.replace(mode=0o600).mode == 0o600
    assert "path='/a'" in repr(one)


def test_a_resource_cannot_be_changed() -> None:
    one = File(path="/a", content="x")
    with pytest.raises(AttributeError, match="frozen"):
        one.path = "/b"  # type: ignore[misc]
    with pytest.raises(AttributeError, match="frozen"):
        del one.path


def test_a_missing_or_unknown_field_is_named() -> None:
    with pytest.raises(TypeError, match="'content'"):
        File(path="/a")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="'colour'"):
        File(path="/a", content="", colour="red")  # type: ignore[call-arg]


def test_fields_that_have_their_default_do_not_travel() -> None:
    (coded,) = encode([File(path="/a", content="x", owner="root", mode=0o600)])
    assert coded == {"kind": "File", "path": "/a", "content": "x", "mode": 0o600}


def test_tuples_and_secrets_come_back_as_such() -> None:
    one = Command(name="a", run=("x", "y"), creates="/z", stdin=Secret("word"))
    (back,) = decode(encode([one]))
    assert back == one


def test_a_kind_that_does_not_exist_is_an_error_with_the_ones_that_do() -> None:
    with pytest.raises(WireError) as caught:
        decode([{"path": "/x"}])
    assert "Service" in caught.value.hint


def test_all_kinds_of_the_contract_are_found() -> None:
    assert set(kinds()) >= {
        "Absent", "AptSource", "Command", "Directory", "File", "Group", "Link", "Migrated",
        "Nftables", "Packages", "PgCluster", "PgDatabase", "PgHba", "PgRole", "PgSettings",
        "Release", "ReleaseLink", "Service", "Sysctl", "Unit", "User",
    }  # fmt: skip


def test_a_command_needs_exactly_one_guard() -> None:
    for guards in ({}, {"creates": "/x", "unless": ("true",)}, {"unless_sql": ("poser",)}):
        with pytest.raises(ConfigError, match="'once'"):
            Command(name="once", run=("true",), **guards)


def test_a_secret_shows_nothing_until_asked() -> None:
    secret = Secret("hunter2")
    for shown in (str(secret), repr(secret), f"{secret}", f"{secret!r:>10}", "%s" % secret):  # noqa: UP031
        assert "hunter2" not in shown
    assert repr(secret) == ""
    assert secret.reveal() == "hunter2"
    assert secret == Secret("hunter2")
    assert secret != Secret("hunter3")
    assert "hunter2" not in repr(File(path="/x", content=secret))


def test_keys_are_short_enough_to_read() -> None:
    names = tuple(f"package-{n}" for n in range(40))
    assert len(Packages(names=names).key) < 100
    assert Packages(names=("a", "b")).key == "packages a b"


def test_a_service_reads_units_by_name_and_files_by_path() -> None:
    one = Service(unit="x.service", restart_on=("x.service.d/10.conf", "/etc/x"))
    assert one.restarts == (
        "/etc/systemd/system/x.service",
        "/etc/systemd/system/x.service.d/10.conf",
        "/etc/x",
    )


def test_the_tables_of_a_ruleset_are_found() -> None:
    text = "#!/usr/sbin/nft -f\nflush ruleset\ntable inet poser {\n}\n  add table ip nat {\n}\n"
    assert Nftables(content=text).tables == ("inet poser", "ip nat")


@pytest.mark.parametrize(
    ("value", "mib", "text"),
    [
        ("memory/4", 4096, "1024MB"),
        ("memory/4 max 2048MB", 65536, "2048MB"),
        ("memory/4 min 64MB max 2048MB", 128, "64MB"),
        ("memory/4", 4099, "1024MB"),
        ("memory/256 max 32MB", 512, "2MB"),
        ("on", 4096, "on"),
    ],
)
def test_a_share_of_memory_is_worked_out(value: str, mib: int, text: str) -> None:
    assert resolved(value, mib) == text


@pytest.mark.parametrize("value", ["memory/", "memory/0", "memory/4 max 2GB", "memory/4MB"])
def test_a_share_that_makes_no_sense_is_an_error(value: str) -> None:
    with pytest.raises(ConfigError, match=value):
        resolved(value, 4096)


def test_a_verifier_proves_what_the_rfc_says() -> None:
    # The example of RFC 7677, section 3: user "user", password "pencil".
    salt = b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
    message = (
        b"n=user,r=rOprNGfwEbeRWgbNEkqO,"
        b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
        b"s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,"
        b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
    )
    proof = b64decode("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")
    stored, server = (b64decode(key) for key in verifier("pencil", salt).split("$")[2].split(":"))
    signature = hmac.digest(stored, message, "sha256")
    client_key = bytes(a ^ b for a, b in zip(proof, signature, strict=True))
    assert hashlib.sha256(client_key).digest() == stored
    expected = b64decode("6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")
    assert hmac.digest(server, message, "sha256") == expected


def test_only_the_right_password_fits() -> None:
    stored = verifier("pencil", os.urandom(16))
    assert fits("pencil", stored)
    assert not fits("pencils", stored)
    assert not fits("pencil", "")
    assert not fits("pencil", "md5deadbeef")


def test_a_password_that_would_need_preparation_is_refused() -> None:
    with pytest.raises(PoserError, match="ASCII"):
        verifier("käse", b"salt")


@given(st.text())
def test_no_complaint_of_apt_is_too_strange_to_read(said: str) -> None:
    assert isinstance(apt_words(said).hint, str)


@pytest.mark.parametrize(
    ("said", "unknown"),
    [
        ("E: Unable to locate package ngnix\n", ("ngnix",)),
        ("E: Package 'sl' has no installation candidate\n", ("sl",)),
        ("E: Unable to locate package a\nE: Unable to locate package b\n", ("a", "b")),
        ("E: Unable to fetch some archives\n", ()),
    ],
)
def test_packages_that_do_not_exist_are_named(said: str, unknown: tuple[str, ...]) -> None:
    assert apt_words(said).unknown == unknown


def test_a_mirror_that_fails_is_named() -> None:
    words = apt_words(
        "E: Failed to fetch http://mirror.example/debian/dists/trixie/InRelease  502  Bad Gateway"
    )
    assert "http://mirror.example/debian/dists/trixie/InRelease" in words.message
    assert "mirror" in words.hint


def test_a_full_disk_is_told_with_what_is_free() -> None:
    for said in (
        "dpkg: cannot copy to '/usr/x.dpkg-new': failed to write (No space left on device)",
        "E: You don't have enough free space in /var/cache/apt/archives/.",
        "write error: No space left on device",
    ):
        words = apt_words(said)
        assert re.fullmatch(r"the file system /\S* is full: \S+ MiB are free", words.message)
        assert "df -h" in words.hint


def test_a_taken_port_is_told_with_its_holder() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        log = f"[emerg] bind() to 0.0.0.0:{port} failed (98: Address already in use)"
        words = service_words(f"starting\nnginx: {log}\n")
        assert f"port {port} is taken by" in words.message
        assert f"(process {os.getpid()})" in words.message
        assert str(port) in words.hint
    assert port_holder(port) == ""


def test_a_fatal_line_of_a_log_becomes_the_message() -> None:
    log = "LOG: starting\n2026-01-01 FATAL:  could not create shared memory\nLOG: ended\n"
    assert service_words(log).message == "could not create shared memory"
    assert service_words("nothing special\n").message == ""
