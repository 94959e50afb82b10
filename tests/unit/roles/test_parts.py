# SPDX-License-Identifier: Apache-2.0
"""The texts that parts write follow the machine's settings."""

from collections.abc import Callable

import pytest

from poser.machine.resources.file import File
from roles import build
from roles.parts.mail import SOCKET, main_cf
from roles.parts.sites import web_app_text
from roles.values import Host

MakeHost = Callable[..., Host]


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines()]


def test_mail_is_taken_from_the_machine_itself_only(a_host: MakeHost) -> None:
    found = lines(main_cf(a_host()))
    assert "inet_interfaces = loopback-only" in found
    assert "mynetworks = 127.0.0.0/8 [::1]/128" in found
    assert "smtp_tls_security_level = may" in found


def test_a_relay_is_always_spoken_to_in_secret(a_host: MakeHost) -> None:
    found = lines(main_cf(a_host(settings={"machine.mail_relay": "[mail.example]:587"})))
    assert "relayhost = [mail.example]:587" in found
    assert "smtp_tls_security_level = encrypt" in found


def test_whoever_reads_roots_mail_is_an_alias(a_host: MakeHost) -> None:
    found = lines(main_cf(a_host(settings={"machine.mail_to": "boss@shop.example"})))
    assert "alias_maps = inline:{ { postmaster = root }, { root = boss@shop.example } }" in found


def test_poser_hands_mail_over_where_postfix_takes_it(a_host: MakeHost) -> None:
    role = build(a_host())
    (conf,) = [
        one
        for one in role.resources
        if isinstance(one, File) and one.path == "/etc/poser/poser.conf"
    ]
    assert f"server = unix:{SOCKET}" in lines(str(conf.content))
    assert f"from = Poser on {a_host().name} <poser@{a_host().fqdn}>" in lines(str(conf.content))


def test_plain_http_answers_nothing_but_where_to_go(a_host: MakeHost) -> None:
    plain, secure = web_app_text(a_host()).split("listen 443 ssl default_server")
    assert "return 308 https://$host$request_uri;" in lines(plain)
    assert not any(line.startswith("proxy_pass") for line in lines(plain))
    assert "proxy_pass http://poser_web;" in lines(secure)


@pytest.mark.parametrize("key", ["machine.web_open_to", "machine.ssh_open_to"])
def test_ports_are_open_to_whom_the_inventory_says(a_host: MakeHost, key: str) -> None:
    role = build(a_host(settings={key: "10.9.0.0/24"}))
    narrowed = {port.number for port in role.ports if port.open_to == "10.9.0.0/24"}
    assert narrowed == ({80, 443} if "web" in key else {22})


def test_time_servers_are_written_only_when_they_are_named(a_host: MakeHost) -> None:
    def written(host: Host) -> list[str]:
        return [
            str(one.content)
            for one in build(host).resources
            if isinstance(one, File) and "timesyncd" in one.path
        ]

    assert written(a_host()) == []
    (text,) = written(a_host(settings={"machine.time_servers": "10.9.0.1 10.9.0.2"}))
    assert "NTP=10.9.0.1 10.9.0.2" in lines(text)
