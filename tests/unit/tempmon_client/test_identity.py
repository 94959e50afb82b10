# SPDX-License-Identifier: Apache-2.0
"""A technician writes a file with any laptop: what was meant is read, what is wrong is told."""

import json
from pathlib import Path

import pytest

from tempmon_client.identity import (
    COMPLAINT,
    FILE,
    IMAGER_FILE,
    TAKEN,
    TEMPLATE,
    Identity,
    Unreadable,
    Wifi,
    parse,
    parse_imager,
    plain,
    take_over,
)

WRITTEN = """\
name = "north-cold-room"
server = "store-1.shops.example"
code = "abcd efgh"
[wifi]
ssid = "Shop"
password = "open sesame"
country = "de"
"""
MEANT = Identity(name="north-cold-room", server="https://store-1.shops.example", code="ABCD-EFGH")


def without_wifi(found: Identity) -> Identity:
    return Identity(name=found.name, server=found.server, code=found.code)


@pytest.mark.parametrize(
    "data",
    [
        WRITTEN.encode(),
        b"\xef\xbb\xbf" + WRITTEN.encode(),
        WRITTEN.replace("\n", "\r\n").encode(),
        WRITTEN.encode("utf-16"),
        WRITTEN.replace('"', "\u201d").encode(),
        WRITTEN.replace(" = ", "\u00a0= ").encode(),
    ],
    ids=["as it is", "mark", "windows", "utf-16", "curly quotes", "hard spaces"],
)
def test_what_editors_make_of_it_is_read_all_the_same(data: bytes) -> None:
    found = parse(plain(data))
    assert without_wifi(found) == MEANT
    assert found.wifi
    assert (found.wifi.ssid, found.wifi.country) == ("Shop", "DE")


def test_a_password_is_kept_as_wpa_hashes_it() -> None:
    # IEEE 802.11i, annex H.4.2, the first test vector.
    found = parse('[wifi]\nssid = "IEEE"\npassword = "password"\n').wifi
    assert found
    assert found.psk == "f42c6fc52df0ebef9ebb4b90b38a5f902e83fe1b135a70e23aed762e9710a12e"


def test_what_raspberry_pi_imager_writes_is_read() -> None:
    found = parse_imager(
        '[system]\nhostname = "Probe-7"\n[user]\nname = "x"\n'
        f'[wlan]\nssid = "Shop"\npassword = "{"a" * 64}"\n'
        "password_encrypted = true\nhidden = true\n"
    )
    assert found == Identity(name="probe-7", wifi=Wifi(ssid="Shop", psk="a" * 64, hidden=True))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("name = north", "a line looks like this"),
        ("name = 7", "name is to be a text in quotes"),
        ('name = "North Room"', "small letters"),
        ('nmae = "x"', "nmae is not known; known are name, server"),
        ('server = "http://store-1"', "server: 'http://store-1' is no address"),
        ('server = "https://"', "is no address"),
        ('code = "AB"', "does not look like ABCD-EFGH"),
        ('wifi = "Shop"', r"write \[wifi\] above"),
        ('[wifi]\nssid = "Shop"\npassword = "short"', "8 to 63"),
        ('[wifi]\npassword = "long enough"', "1 to 32 bytes"),
        ('[wifi]\nssid = "Shop"\nkey = "x"', r"\[wifi\] key is not known"),
    ],
)
def test_what_is_wrong_is_said_in_words(text: str, word: str) -> None:
    with pytest.raises(Unreadable, match=word):
        parse(text)


def test_it_is_taken_over_once_and_its_secrets_are_wiped(tmp_path: Path) -> None:
    boot, kept = tmp_path / "boot", tmp_path / "identity.json"
    boot.mkdir()
    (boot / FILE).write_text(WRITTEN)
    first = take_over(boot, kept)
    assert without_wifi(first) == MEANT
    left = (boot / FILE).read_text()
    assert left == TAKEN + TEMPLATE
    for secret in ("open sesame", "abcd efgh", "ABCD-EFGH"):
        assert secret not in left.replace('code = "ABCD-EFGH"', "")
    assert kept.stat().st_mode & 0o777 == 0o600
    assert "open sesame" not in kept.read_text()
    assert take_over(boot, kept) == first, "a second boot knows the same"
    (boot / FILE).write_text('name = "south"\n')
    assert take_over(boot, kept) == Identity(
        name="south", server=first.server, code=first.code, wifi=first.wifi
    )


@pytest.mark.parametrize("garbage", [b"\x00\xff\x80garbage", b"= = =", b"\xff\xfe\x00"])
def test_garbage_is_told_beside_it_and_changes_nothing(tmp_path: Path, garbage: bytes) -> None:
    kept = tmp_path / "identity.json"
    (tmp_path / IMAGER_FILE).write_text('[system]\nhostname = "probe-7"\n')
    (tmp_path / FILE).write_bytes(garbage)
    assert take_over(tmp_path, kept) == Identity(name="probe-7")
    told = (tmp_path / COMPLAINT).read_text()
    assert told.startswith("probe.toml: ")
    assert "Nothing of that file was taken over." in told
    assert (tmp_path / FILE).read_bytes() == garbage, "it can still be mended"
    (tmp_path / FILE).write_text('name = "mended"')
    assert take_over(tmp_path, kept).name == "mended"
    assert not (tmp_path / COMPLAINT).exists()


def test_the_template_says_nothing_by_itself(tmp_path: Path) -> None:
    assert parse(TEMPLATE) == Identity()
    assert parse(TEMPLATE.replace("\n# ", "\n").replace("# Who", "## Who"))
    (tmp_path / FILE).write_text(TEMPLATE)
    assert take_over(tmp_path, tmp_path / "kept") == Identity()
    assert (tmp_path / FILE).read_text() == TEMPLATE


def test_what_programs_get_holds_only_what_is_known(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('name = "north"')
    found = take_over(tmp_path, tmp_path / "kept").to_json()
    assert json.loads(json.dumps(found)) == {"name": "north"}
