# SPDX-License-Identifier: Apache-2.0
"""What a technician writes onto the boot partition with any laptop: who this probe is to be.

`probe.toml` is our own file, `rpi-preseed.toml` what Raspberry Pi Imager writes. Editors of
laptops add marks and curly quotes: those are put right. What was read is kept on the data
partition, and the file is left without its secrets: anybody can read that partition.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tempmon_client.files import keep

FILE = "probe.toml"
IMAGER_FILE = "rpi-preseed.toml"
COMPLAINT = "probe-error.txt"
TEMPLATE = """\
# Who this probe is to be. Take the # away in front of what you need, and put the card in.

# name = "north-cold-room"                 # a name that you find on the pages
# server = "https://store-1.shops.example" # the node that takes its readings
# code = "ABCD-EFGH"                       # from the page Devices: it is let in at once

# [wifi]
# ssid = "Shop"
# password = "at least eight characters"
# country = "DE"
"""
TAKEN = "# What was written here has been taken over; write it anew to change it.\n\n"
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_CODE = re.compile(r"[A-Z0-9]{4}(-?[A-Z0-9]{4}){1,3}")
_QUOTES = str.maketrans("\u201c\u201d\u201e\u00ab\u00bb\u2018\u2019", '"""""\'\'')
_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u200b": ""})


class Unreadable(ValueError):  # noqa: N818 - what happened
    """What was written cannot be used; the words say what, where, and what is expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wifi:
    """A wireless network; `psk` is the hashed password in hexadecimal digits, "" without one."""

    ssid: str
    psk: str = ""
    country: str = ""
    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a technician said; what is empty was not said."""

    name: str = ""
    server: str = ""
    code: str = ""
    wifi: Wifi | None = None

    def with_later(self, later: "Identity") -> "Identity":
        """Return this with what was said later."""
        said = {name: value for name in self.__slots__ if (value := getattr(later, name))}
        return replace(self, **said)

    def to_json(self) -> dict[str, Any]:
        """Give it for programs: without what is not known."""
        return {name: value for name, value in asdict(self).items() if value}

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> "Identity":
        """Read what `to_json` gave."""
        wifi = said.get("wifi")
        known = {name: str(said.get(name, "")) for name in ("name", "server", "code")}
        return cls(**known, wifi=Wifi(**wifi) if wifi else None)


def take_over(boot: Path, kept: Path) -> Identity:
    """Read what was written on the boot partition, keep it, and wipe its secrets there.

    What cannot be used is told in a file beside it, and what was known before stays.
    """
    known = read_kept(kept)
    complaints = []
    for name, parse in _FILES.items():
        file = boot / name
        try:
            if not file.is_file() or (text := plain(file.read_bytes())).startswith(TAKEN):
                continue
            later = parse(text)
        except (OSError, Unreadable) as error:
            complaints.append(f"{name}: {error}")
            continue
        known = known.with_later(later)
        if later != Identity():
            keep(kept, json.dumps(known.to_json()), mode=0o600)
            keep(file, TAKEN + TEMPLATE)
    _complain(boot / COMPLAINT, complaints)
    return known


def read_kept(kept: Path) -> Identity:
    """Return what was read before; nothing when there is nothing."""
    try:
        return Identity.from_json(json.loads(kept.read_text()))
    except (OSError, ValueError, TypeError):
        return Identity()


def plain(data: bytes) -> str:
    """Return a text as it was meant, whatever an editor made of it."""
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable("it is no plain text: save it as text (UTF-8)") from error
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_QUOTES).translate(_SPACES)


def parse(text: str) -> Identity:
    """Read `probe.toml`; raises Unreadable with what is wrong and what is expected."""
    said = _toml(text)
    _only(said, "", ("name", "server", "code", "wifi"))
    wifi = said.get("wifi")
    if wifi is not None and not isinstance(wifi, dict):
        raise Unreadable("wifi is a part of its own: write [wifi] above ssid and password")
    if wifi:
        _only(wifi, "[wifi] ", ("ssid", "password", "country", "hidden"))
    return Identity(
        name=_name(_text(said, "name")),
        server=_server(_text(said, "server")),
        code=_code(_text(said, "code")),
        wifi=_wifi(wifi) if wifi else None,
    )


def parse_imager(text: str) -> Identity:
    """Read what Raspberry Pi Imager writes; what concerns no probe is left alone."""
    said = _toml(text)
    system, wlan = said.get("system", {}), said.get("wlan", {})
    if not isinstance(system, dict) or not isinstance(wlan, dict):
        raise Unreadable("[system] and [wlan] are parts of their own")
    return Identity(
        name=_name(_text(system, "hostname").lower()),
        wifi=_wifi(wlan, is_hashed=wlan.get("password_encrypted") is True) if wlan else None,
    )


_FILES: dict[str, Callable[[str], Identity]] = {IMAGER_FILE: parse_imager, FILE: parse}


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Unreadable(f'{error}; a line looks like this: name = "north-cold-room"') from error


def _only(said: Mapping[str, object], where: str, known: tuple[str, ...]) -> None:
    for name in said:
        if name not in known:
            raise Unreadable(f"{where}{name} is not known; known are {', '.join(known)}")


def _text(said: Mapping[str, object], name: str) -> str:
    found = said.get(name, "")
    if not isinstance(found, str):
        raise Unreadable(f'{name} is to be a text in quotes, as in {name} = "..."')
    return found.strip()


def _name(name: str) -> str:
    if name and not _NAME.fullmatch(name):
        raise Unreadable(f"name: {name!r} has more than small letters, digits and hyphens")
    return name


def _server(server: str) -> str:
    if not server:
        return ""
    url = server if "//" in server else f"https://{server}"
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        raise Unreadable(f"server: {server!r} is no address, as in https://store-1.shops.example")
    return url.rstrip("/")


def _code(code: str) -> str:
    upper = code.upper().replace(" ", "-")
    if upper and not _CODE.fullmatch(upper):
        raise Unreadable(f"code: {code!r} does not look like ABCD-EFGH from the page Devices")
    return upper


def _wifi(said: Mapping[str, object], *, is_hashed: bool = False) -> Wifi:
    ssid, password = _text(said, "ssid"), _text(said, "password")
    if not 1 <= len(ssid.encode()) <= 32:  # noqa: PLR2004 - IEEE 802.11
        raise Unreadable("[wifi] ssid: the name of the network has 1 to 32 bytes")
    if password and not is_hashed and not re.fullmatch(r"[ -~]{8,63}", password):
        raise Unreadable("[wifi] password: it has 8 to 63 plain characters")
    hashed = password if is_hashed or not password else _psk(ssid, password)
    hidden, country = said.get("hidden", False), _text(said, "country").upper()
    return Wifi(ssid=ssid, psk=hashed, country=country, hidden=hidden is True)


def _psk(ssid: str, password: str) -> str:
    """Hash a password as WPA does (IEEE 802.11i, PBKDF2), so that it is kept nowhere itself."""
    return hashlib.pbkdf2_hmac("sha1", password.encode(), ssid.encode(), 4096, 32).hex()


def _complain(file: Path, complaints: list[str]) -> None:
    try:
        if complaints:
            keep(file, "\r\n".join((*complaints, "Nothing of that file was taken over.", "")))
        else:
            file.unlink(missing_ok=True)
    except OSError:  # the partition cannot be written: whoever asks is told all the same
        return
