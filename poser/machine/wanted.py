# SPDX-License-Identifier: Apache-2.0
"""What a machine was last told to be, kept on it, so that it can be held to that at any time.

Kept for root alone, and without secrets: of a secret file there is its SHA-256, which is
enough to tell whether the file still is that one; other secrets (a first password, the
password of a database role) are left out, so what they stand for is not compared.
"""

from __future__ import annotations

import json
import os

from poser.errors import WireError
from poser.machine.digest import digest
from poser.machine.resource import Secret, decode, encode
from poser.machine.resources.file import File
from poser.machine.wire import KIT_FOLDER

PATH = "/var/lib/poser-kit/wanted.json"
KIT = "/var/lib/poser-kit/current"
"""A link to the kit that the machine was last provisioned with."""

_OTHER = "(not what it should be)"
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from poser.machine.resource import Resource

    Job = dict[str, Any]


def keep(job: Job, resources: Sequence[Resource], root: str = "") -> None:
    """Keep the role's values of a job; nothing is written when they are there already."""
    values = str(job.get("values_sha256", ""))
    old = read(root)
    if old and values and old.get("values_sha256") == values:
        return
    kept = {
        "role": job.get("role", ""),
        "release": job.get("release", ""),
        "values_sha256": values,
        "resources": [_without_secrets(one) for one in resources],
    }
    _write(root + PATH, json.dumps(kept))


def amend(resources: Sequence[Resource], root: str = "") -> None:
    """Put resources in the place of those with the same key; all others stay as they are kept.

    WireError when one is not kept: only what a machine was told to be can be told anew.
    """
    kept = read(root)
    told = resources_of(kept, root) if kept else []
    places = {one.key: place for place, one in enumerate(told)}
    for resource in resources:
        if resource.key not in places:
            raise WireError(
                f"this machine was never told of {resource.key}", hint="provision it first"
            )
        kept["resources"][places[resource.key]] = _without_secrets(resource)
    _write(root + PATH, json.dumps(kept))


def keep_kit(folder: str) -> None:
    """Remember which kit did it: `poser doctor` looks with that one."""
    if folder.startswith(KIT_FOLDER) and os.path.realpath(KIT) != os.path.realpath(folder):
        os.symlink(folder, f"{KIT}.new")
        os.rename(f"{KIT}.new", KIT)


def read(root: str = "") -> Job:
    """Return what is kept; nothing, if that was lost or never written."""
    try:
        with open(root + PATH, encoding="utf-8") as file:
            found = json.load(file)
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def resources_of(kept: Job, root: str = "") -> list[Resource]:
    """Return the resources that are kept, secret files among them as far as can be told.

    A secret file that is what it should be is returned with the content that it has; of
    another one it is known only that it differs. WireError when another kit wrote them.
    """
    try:
        return decode([_known(one, root) for one in kept["resources"]])
    except (KeyError, TypeError) as error:
        raise WireError(f"{PATH} cannot be read: {error}") from error


def _without_secrets(resource: Resource) -> dict[str, Any]:
    secret = [name for name, value in resource.given.items() if isinstance(value, Secret)]
    coded = encode([resource])[0]
    rest = {name: value for name, value in coded.items() if name not in secret}
    if isinstance(resource, File) and resource.text.secret:
        rest["content"] = {"sha256": digest(resource.text.text.encode())}
        rest["secret"] = True
    return rest


def _known(coded: dict[str, Any], root: str) -> dict[str, Any]:
    """Put the content of a secret file in the place of its SHA-256, if it is that one."""
    content = coded.get("content")
    if not isinstance(content, dict):
        return coded
    try:
        with open(root + str(coded["path"]), "rb") as file:
            data = file.read()
        text = data.decode() if digest(data) == content["sha256"] else _OTHER
    except (OSError, UnicodeDecodeError):
        text = _OTHER
    return {**coded, "content": {"secret": text}}


def _write(path: str, text: str) -> None:
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    fd = os.open(f"{path}.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(fd, "w", encoding="utf-8") as file:
        file.write(text + "\n")
    os.rename(f"{path}.new", path)
