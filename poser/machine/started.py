# SPDX-License-Identifier: Apache-2.0
"""What each service was started with: "needs a restart" as a fact that survives a cut-off run.

After a (re)start the kit keeps, per unit, a fingerprint of each file that the service read. Before
the kit changes such a file it forgets that fingerprint, so that a restart is due even if the
service was meanwhile restarted by hand with something else in the file.
"""

from __future__ import annotations

import json
import os

from poser.machine.digest import digest
from poser.machine.disk import Content

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from poser.machine.disk import Disk
    from poser.machine.facts import Changes, Fact, Facts

FOLDER = "/var/lib/poser-kit/started"
TABLE = "started"


def fingerprint(fact: Fact) -> str:
    """Return one word for what is at a path; equal words mean equal content."""
    if fact is None:
        return "absent"
    if fact["type"] == "link":
        return digest(b"link to " + fact["target"].encode())
    if fact["type"] != "file":
        return str(fact["type"])
    if fact.get("content") is None:
        return str(fact["sha256"])
    return digest(fact["content"].encode())


def place(path: str) -> str:
    """Return the absolute path of a file that is named in `restart_on` or `reload_on`."""
    return path if path.startswith("/") else f"/etc/systemd/system/{path}"


def stale(facts: Facts, unit: str, paths: Iterable[str]) -> list[str]:
    """Return those of the paths with whose present content the unit was not started.

    A path that is not there and of which nothing is known counts as never having been there.
    """
    record = facts.get(TABLE, unit)
    known = record["files"] if record else {}
    seen = {path: fingerprint(facts.get("path", path)) for path in paths}
    return [path for path, word in seen.items() if known.get(path, "absent") != word]


def remembered(facts: Facts, unit: str, paths: Iterable[str]) -> Changes:
    """Predict the record after a start with what is on disk."""
    record = facts.get(TABLE, unit)
    known = dict(record["files"]) if record else {}
    known |= {path: fingerprint(facts.get("path", path)) for path in paths}
    return {(TABLE, unit): {"files": known}}


def forgotten(facts: Facts, path: str) -> Changes:
    """Predict all records after this path was changed by the kit."""
    changes = {}
    for unit, record in facts.tables.get(TABLE, {}).items():
        if record and path in record["files"]:
            rest = {name: word for name, word in record["files"].items() if name != path}
            changes[TABLE, unit] = {"files": rest}
    return changes


def look(root: str, unit: str) -> Fact:
    """Return the record of one unit; None when there is none or it cannot be read."""
    try:
        with open(f"{root}{FOLDER}/{unit}", encoding="utf-8") as file:
            record = json.load(file)
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) and isinstance(record.get("files"), dict) else None


def remember(disk: Disk, unit: str, words: Mapping[str, str]) -> None:
    """Keep that the unit was started with these fingerprints, beside what is known of others."""
    known = (look(disk.root, unit) or {"files": {}})["files"]
    _write(disk, unit, {**known, **words})


def forget(disk: Disk, path: str) -> None:
    """Forget every fingerprint of a path that is about to change."""
    try:
        units = [name for name in os.listdir(disk.at(FOLDER)) if not name.startswith(".")]
    except FileNotFoundError:
        return
    for unit in sorted(units):
        record = look(disk.root, unit)
        if record and path in record["files"]:
            rest = {name: word for name, word in record["files"].items() if name != path}
            _write(disk, unit, rest)


def _write(disk: Disk, unit: str, words: Mapping[str, str]) -> None:
    text = json.dumps({"files": words}, sort_keys=True, indent=1) + "\n"
    disk.write(Content(path=f"{FOLDER}/{unit}", data=text.encode(), mode=0o600))
