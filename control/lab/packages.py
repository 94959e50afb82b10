# SPDX-License-Identifier: Apache-2.0
"""Starts and ends the process that serves Debian packages to a lab (control.aptcache)."""

import json
import os
import signal
import socket
import time
import urllib.parse
from pathlib import Path

from control.lab.addresses import cache_address
from control.lab.book import LabFolder
from control.lab.locks import end_holder, holder
from control.lab.network import LabNetwork
from control.lab.programs import PYTHON, run, start_alone
from control.lab.values import LabSpec, Mirror
from poser.errors import ConfigError, PoserError

PORT = 3142
_START_S = 20.0


def proxy_address(network: LabNetwork) -> str:
    """Return the address that apt on a machine is given as its proxy."""
    return f"http://{cache_address(network.network)}:{PORT}"


def hosts_of(mirror: Mirror) -> dict[str, str]:
    """Return which hosts may be asked, each with the scheme that the mirror is reached by."""
    parts = [urllib.parse.urlsplit(uri) for uri in (*mirror.uris, *mirror.security_uris)]
    for part in parts:
        if part.scheme not in {"http", "https"} or not part.netloc:
            raise ConfigError(
                f"machines of the lab cannot reach the mirror {part.geturl()}",
                hint="name one with http:// or https:// in the inventory: [mirror] uris",
            )
    return {part.netloc: part.scheme for part in parts}


def ensure_cache(spec: LabSpec, mirror: Mirror, network: LabNetwork) -> None:
    """Start the cache of a lab, or start it anew when it was meant for other mirrors."""
    folder = LabFolder(path=spec.folder)
    given = {
        "lock": str(folder.proxy_lock),
        "lab": spec.id,
        "network": str(network.network),
        "port": PORT,
        "folder": str(spec.cache / "apt"),
        "hosts": hosts_of(mirror),
        "owner": list(spec.owner),
    }
    text = json.dumps(given, sort_keys=True)
    started_with = folder.path / "aptcache.json"
    if holder(folder.proxy_lock):
        is_meant = started_with.is_file() and started_with.read_text() == text
        # It may live on in a network namespace that was taken away from under it.
        if is_meant and _listens(network):
            return
        end_cache(spec)
    _make_folder(spec.cache / "apt", spec.owner)
    started_with.write_text(text)
    log = folder.path / "aptcache.log"
    log = folder.path / "aptcache.log"
    command = (*PYTHON, "-m", "control.aptcache")
    start_alone(command, given=started_with, log=log, environment=_proxies_of_this_computer())
    _wait_until_it_listens(network, log)


def end_cache(spec: LabSpec) -> None:
    """End the cache of a lab; downloads that are under way are thrown away."""
    lock = LabFolder(path=spec.folder).proxy_lock
    if not end_holder(lock, signal.SIGTERM, wait_s=5):
        end_holder(lock, signal.SIGKILL, wait_s=5)


def _wait_until_it_listens(network: LabNetwork, log: Path) -> None:
    deadline = time.monotonic() + _START_S
    while not _listens(network):
        if time.monotonic() > deadline:
            words = "\n  ".join(log.read_text(errors="replace").splitlines()[-5:])
            raise PoserError(
                f"the lab's package cache did not start at {proxy_address(network)}:\n  {words}",
                hint=f"{log} has all it said",
            )
        time.sleep(0.02)


def _listens(network: LabNetwork) -> bool:
    try:
        socket.create_connection((str(cache_address(network.network)), PORT), timeout=1).close()
    except OSError:
        return False
    return True


def _make_folder(folder: Path, owner: tuple[int, int]) -> None:
    """Make `folder` and give it, and parents that were made for it, to the person."""
    made = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for each in made:
        os.chown(each, *owner)


def _proxies_of_this_computer() -> dict[str, str]:
    """Return the proxies through which this computer's own apt reaches its mirror."""
    text = run("apt-config", "dump", "Acquire::http::Proxy", "Acquire::https::Proxy")
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, _, value = line.rstrip(";").partition(" ")
        address = value.strip('"')
        if address and address != "DIRECT":
            found["https_proxy" if "https" in name else "http_proxy"] = address
    return found
