# SPDX-License-Identifier: Apache-2.0
"""Reading the settings files of this process, and saying what is wrong with them."""

import difflib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from poser.config.declared import declarations, declared_names
from poser.config.files import Entry, read_inheriting
from poser.config.settings import Setting
from poser.errors import ConfigError

DEFAULT_PATH = Path("/etc/poser/poser.conf")

# What a machine is; the role's machine file says it. Readers are the web app and the doctor.
NODE = Setting("poser.node", str, default="", doc="Name of this machine in the inventory.")
ROLE = Setting("poser.role", str, default="", doc="Role of this machine, such as store.")
RELEASE = Setting("poser.release", str, default="", doc="Release that this machine should run.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What the files say, frozen; settings read themselves out of it."""

    entries: dict[str, tuple[Entry, ...]]
    paths: tuple[Path, ...] = ()

    def get(self, name: str) -> Entry | None:
        """Return the entry that wins for a setting, or None if no file has it."""
        found = self.entries.get(name)
        return found[0] if found else None


def load(paths: Sequence[Path] | None = None) -> Config:
    """Read settings files; an earlier file wins over a later one.

    Without `paths`, those in the environment's POSER_CONFIG (separated by colons), or
    /etc/poser/poser.conf. Raises ConfigError for a file that is missing, cannot be read,
    or has a key that no program declares.
    """
    chosen = tuple(paths if paths is not None else _from_environment())
    entries: dict[str, tuple[Entry, ...]] = {}
    for path in chosen:
        for entry in read_inheriting(path):
            entries[entry.key] = (*entries.get(entry.key, ()), entry)
    config = Config(entries=entries, paths=chosen)
    for problem in _unknown(config):
        raise problem
    return config


def problems(config: Config) -> list[ConfigError]:
    """List every declared setting whose value in a file is wrong."""
    found = []
    for setting in declarations():
        for entry in config.entries.get(setting.name, ()):
            try:
                setting.parse(entry)
            except ConfigError as error:
                found.append(error)
    return found


def _from_environment() -> list[Path]:
    named = os.environ.get("POSER_CONFIG", "")
    return [Path(name) for name in named.split(":") if name] or [DEFAULT_PATH]


def _unknown(config: Config) -> Iterator[ConfigError]:
    known = declared_names()
    for name, entries in config.entries.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
            yield ConfigError(
                f"{entries[0].place}: there is no setting {name}",
                hint=f"did you mean {near[0]}?" if near else "`poser config list` names them all",
            )
