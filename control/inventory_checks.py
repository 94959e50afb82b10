# SPDX-License-Identifier: Apache-2.0
"""What an inventory file may say: each of its tables, key by key."""

import ipaddress
import platform
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from control.extensions import source
from control.nearest import did_you_mean
from control.paths import CHECKOUT
from control.toml_reader import Table, TomlReader
from poser.errors import ConfigError
from roles import names as role_names

TOP = ("domain", "settings", "extensions", "mirror", "lab", "sites", "machines")
MACHINE = (
    *("role", "address", "user", "port", "site", "processor", "settings", "examples"),
    *("extensions", "stores"),
)
MIRROR = ("uris", "security_uris", "suite", "components", "signed_by")
PROCESSORS = ("aarch64", "x86_64")
STORES_HINT = 'write the numbers of its shops, as in stores = ["1"]'
RESERVED = ("all", "authority", "people", "ssh")
"""Names a machine cannot have: a selector, and folders of the secrets, are called so."""

_MACHINE_NAME = re.compile(r"[a-z]([a-z0-9-]{0,30}[a-z0-9])?")
_DOMAIN = re.compile(r"(?i:[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*)")
_USER = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
_WORD = re.compile(r"\S+")
_STORE = re.compile(r"[^\s+;]+")
_URI = re.compile(r"(https?://|file:/)\S+")


def domain(reader: TomlReader) -> str:
    """Return the domain that the names of the machines end in; "" when there is none."""
    hint = 'write a domain, as domain = "shops.example"'
    return reader.word((), reader.values, "domain", _DOMAIN, hint)


def lab(reader: TomlReader) -> str | None:
    """Return the network of the lab ("" for any); None when the inventory has no lab."""
    if "lab" not in reader.values:
        return None
    network = reader.table((), reader.values, "lab", ("network",)).get("network", "")
    if network == "":
        return ""
    path, hint = ("lab", "network"), 'write a free private network, as network = "10.77.5.0/24"'
    try:
        parsed = ipaddress.IPv4Network(network)
    except ValueError as error:
        reader.wrong(path, f"the lab's network cannot be {network!r}: {error}", hint)
        return ""
    if not parsed.is_private or parsed.prefixlen != 24:  # noqa: PLR2004
        reader.wrong(path, f"the lab's network {network} is not a private one with /24", hint)
    return str(parsed)


def mirror(reader: TomlReader) -> dict[str, Any] | None:
    """Return the fields of the Debian mirror; None when the inventory names none."""
    if "mirror" not in reader.values:
        return None
    path = ("mirror",)
    table = reader.table((), reader.values, "mirror", MIRROR)
    hint = "write a list of addresses that start with http:// or https://"
    for key in ("uris", "security_uris"):
        if not table.get(key):
            reader.wrong(path, f"the mirror has no `{key}`", hint)
    found: dict[str, Any] = {
        key: reader.texts(path, table, key, _URI, hint) for key in ("uris", "security_uris")
    }
    if "components" in table:
        found["components"] = reader.texts(path, table, "components", _WORD, 'as in ["main"]')
    for key in ("suite", "signed_by"):
        if key in table:
            found[key] = reader.word(path, table, key, _WORD, "write one word")
    return found


def machines(reader: TomlReader, *, in_lab: bool) -> list[dict[str, Any]]:
    """Return the fields of every machine, in the order of the file."""
    if not reader.values.get("machines"):
        hint = 'add a table such as [machines.store-1] with role = "store"'
        reader.wrong(("machines",), "the inventory names no machine", hint)
        return []
    tables = reader.table((), reader.values, "machines")
    sites = _sites(reader)
    common = reader.settings((), reader.values)
    found = [_machine(reader, name, tables, sites=sites, in_lab=in_lab) for name in tables]
    for_all = _extensions(reader, (), reader.values)
    for machine in found:
        machine["extensions"] = tuple(dict.fromkeys((*for_all, *machine["extensions"])))
        of_site = (sites or {}).get(machine["site"], {})
        machine["settings"] = {**common, **of_site, **machine["settings"]}
    _addresses_differ(reader, found)
    _nodes_fit(reader, tables, found)
    return found


def _machine(
    reader: TomlReader,
    name: str,
    tables: Table,
    *,
    sites: Mapping[str, Mapping[str, str]] | None,
    in_lab: bool,
) -> dict[str, Any]:
    path = ("machines", name)
    _machine_name(reader, path, name)
    table = reader.table(("machines",), tables, name, MACHINE)
    site = reader.word(path, table, "site", _LABEL, "letters, digits, - and _")
    if site and sites is not None and site not in sites:
        hint = did_you_mean(site, sites, what="the sites are")
        reader.wrong((*path, "site"), f"machine {name}: there is no site {site!r}", hint)
    address = _address(reader, path, table, in_lab=in_lab)
    return {
        "name": name,
        "role": reader.choice(path, table, "role", role_names(), needed=True),
        "address": address,
        "user": reader.word(path, table, "user", _USER, "a user name of Linux") or "root",
        "port": reader.number(path, table, "port", 1, 65535, default=22),
        "site": site,
        "processor": reader.choice(path, table, "processor", PROCESSORS) or platform.machine(),
        "settings": reader.settings(path, table),
        "examples": _examples(reader, path, table),
        "extensions": _extensions(reader, path, table),
        "stores": reader.texts(path, table, "stores", _STORE, STORES_HINT),
        "in_lab": in_lab and "address" not in table,
        "line": reader.line(path),
    }


def _machine_name(reader: TomlReader, path: tuple[str, ...], name: str) -> None:
    hint = "small letters, digits and -, at most 32, a letter first: store-1"
    if not _MACHINE_NAME.fullmatch(name):
        reader.wrong(path, f"a machine cannot be called {name!r}", hint)
    elif name in RESERVED:
        reader.wrong(path, f"a machine cannot be called {name!r}, that word is taken", hint)


def _address(reader: TomlReader, path: tuple[str, ...], table: Table, *, in_lab: bool) -> str:
    if "address" not in table:
        if not in_lab:
            hint = 'write address = "192.0.2.10"; only machines of a [lab] need none'
            reader.wrong(path, f"machine {path[-1]} has no `address`", hint)
        return ""
    value = table["address"]
    if isinstance(value, str) and _is_address(value):
        return value
    hint = "write an IP address or a host name, without user and port"
    reader.wrong((*path, "address"), f"machine {path[-1]}: address cannot be {value!r}", hint)
    return ""


def _is_address(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return bool(_DOMAIN.fullmatch(value)) and not value.replace(".", "").isdigit()
    return True


def _examples(reader: TomlReader, path: tuple[str, ...], table: Table) -> tuple[Path, ...]:
    """Return the example files; a path is below the folder of fabfile.py, or absolute."""
    hint = "examples are POSLog files, with paths below the folder that fabfile.py is in"
    values = reader.texts(path, table, "examples", _WORD, hint)
    for value in values:
        if not (CHECKOUT / value).is_file():
            reader.wrong((*path, "examples"), f"machine {path[-1]}: no file {value!r}", hint)
    return tuple(CHECKOUT / value for value in values)


def _extensions(reader: TomlReader, path: tuple[str, ...], table: Table) -> tuple[Path, ...]:
    """Return the folders of extensions; a path is below the folder of fabfile.py, or absolute."""
    hint = 'extensions are folders below the one that fabfile.py is in, as in ["examples/coop"]'
    found = []
    for value in reader.texts(path, table, "extensions", _WORD, hint):
        try:
            found.append(source(CHECKOUT / value).folder)
        except ConfigError as error:
            whose = f"machine {path[-1]}: " if path else ""
            reader.wrong((*path, "extensions"), f"{whose}{error.message}", error.hint)
    return tuple(found)


def _addresses_differ(reader: TomlReader, found: Sequence[Mapping[str, Any]]) -> None:
    seen: dict[tuple[str, int], str] = {}
    for machine in found:
        name = machine["name"]
        other = seen.setdefault((machine["address"], machine["port"]), name)
        if machine["address"] and other != name:
            text = f"machines {other} and {name} have the same address and port"
            reader.wrong(("machines", name, "address"), text, "change one of them")


def _nodes_fit(reader: TomlReader, tables: Table, found: Sequence[Mapping[str, Any]]) -> None:
    """Check what machines are to each other: one host, and stores that say which shops they are."""
    hosts = [machine["name"] for machine in found if machine["role"] == "host"]
    for name in hosts[1:]:
        text = f"machine {name} is a second host, {hosts[0]} is the first"
        reader.wrong(("machines", name, "role"), text, "all nodes dial one host")
    for machine in found:
        name, role = machine["name"], machine["role"]
        path = ("machines", name)
        if role == "store" and hosts and not tables[name].get("stores"):
            text = f"machine {name} has no `stores`: {hosts[0]} must know whose rows it gets"
            reader.wrong(path, text, STORES_HINT)
        if role != "store" and machine["stores"]:
            hint = 'leave it out, or write role = "store"'
            reader.wrong((*path, "stores"), f"machine {name} is no store but has `stores`", hint)
        if role == "cloud" and not hosts:
            text = f"machine {name} is a cloud node, and there is no host that it could dial"
            reader.wrong(path, text, 'add a machine with role = "host"')


def _sites(reader: TomlReader) -> dict[str, dict[str, str]] | None:
    """Return the settings of each site; None when the inventory does not list its sites."""
    if "sites" not in reader.values:
        return None
    tables = reader.table((), reader.values, "sites")
    found: dict[str, dict[str, str]] = {}
    for name in tables:
        if not _LABEL.fullmatch(name):
            reader.wrong(("sites", name), f"a site cannot be called {name!r}", "as in north-1")
        table = reader.table(("sites",), tables, name, ("settings",))
        found[name] = reader.settings(("sites", name), table)
    return found
