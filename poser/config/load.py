# SPDX-License-Identifier: Apache-2.0
"""Reading the settings of this process, and saying what is wrong with them."""

import difflib
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import Any

from poser.config.declared import declaration, declarations, declared_names
from poser.config.entries import Entry, Origin, Row
from poser.config.environment import from_environment, variable
from poser.config.files import PARENTS, grouped, read_inheriting
from poser.config.settings import DECLARED, Setting
from poser.config.view import Rows, View, by_name
from poser.errors import ConfigError

DEFAULT_PATH = Path("/etc/poser/poser.conf")

# What a machine is; the role's machine file says it. Readers are the web app and the doctor.
NODE = Setting(
    "poser.node", str, default="", doc="Name of this machine in the inventory.", file_only=True
)
ROLE = Setting(
    "poser.role", str, default="", doc="Role of this machine, such as store.", file_only=True
)
RELEASE = Setting(
    "poser.release", str, default="", doc="Release that this machine should run.", file_only=True
)

_EXTENSIONS = "poser.extensions"  # declared in poser.extensions, which stands above this package


class Config:
    """What environment and files say, and the rows of the database; settings read it.

    `entries` are all that was said, by name, what wins first; `paths` the files that were
    asked for. Both never change. `view` adds the rows and is replaced when those change:
    by `take` with the rows themselves, or by `ask` with a function that is called for
    them once, when the first setting is read that they decide.
    """

    __slots__ = ("_written", "entries", "paths", "view")

    def __init__(
        self,
        *,
        entries: Mapping[str, tuple[Entry, ...]] | None = None,
        paths: Sequence[Path] = (),
    ) -> None:
        self.entries = entries or {}
        self.paths = tuple(paths)
        self._written: dict[Setting[Any], Any] = {}
        self.view = View(self.entries, self.paths, self._written)

    @property
    def rows(self) -> Rows:
        """The rows of the database that hold now."""
        return self.view.rows()

    @property
    def extensions(self) -> tuple[str, ...]:
        """Name the packages that add to Poser on this node; their settings are known, too."""
        entry = self.get(_EXTENSIONS)
        return tuple(re.findall(r"[^,\s]+", entry.value)) if entry else ()

    def get(self, name: str) -> Entry | None:
        """Return what wins in environment and files, or None if nothing there says it."""
        found = self.entries.get(name)
        return found[0] if found else None

    def take(self, rows: Iterable[Row]) -> None:
        """Go by these rows from now on."""
        self.view = View(self.entries, self.paths, self._written, rows=by_name(rows))

    def ask(self, source: Callable[[], Iterable[Row]]) -> None:
        """Ask `source` for the rows when a setting needs them, once."""
        self.view = View(self.entries, self.paths, self._written, source=source)


def load(
    paths: Sequence[Path] | None = None, *, environment: Mapping[str, str] | None = None
) -> Config:
    """Read environment and settings files; an earlier file wins over a later one.

    Without `paths`, those in the environment's POSER_CONFIG (separated by colons), or
    /etc/poser/poser.conf. Raises ConfigError for a file that is missing, cannot be read,
    or has a key that no program declares, and for such a variable.
    """
    environment = os.environ if environment is None else environment
    config = read(paths, environment=environment)
    known = declared_names(_installed(config))
    if unknown := [said[0] for name, said in config.entries.items() if name not in known]:
        raise _unknown(unknown, known)
    variables = from_environment(environment, known - set(PARENTS))
    files = (one for each in config.entries.values() for one in each if one.origin is Origin.FILE)
    return Config(entries=grouped(chain(variables, files)), paths=config.paths)


def read(
    paths: Sequence[Path] | None = None, *, environment: Mapping[str, str] | None = None
) -> Config:
    """Read files as `load` does without judging their keys; of variables, only the extensions'.

    This is how the command line finds out, at once, which extensions add commands.
    """
    environment = os.environ if environment is None else environment
    chosen = tuple(_from_variable(environment) if paths is None else paths)
    word = variable(_EXTENSIONS)
    named = {word: environment[word]} if word in environment else {}
    entries = chain(from_environment(named, [_EXTENSIONS]), read_inheriting(chosen))
    return Config(entries=grouped(entries), paths=chosen)


def problems(config: Config) -> list[ConfigError]:
    """List every declared setting whose value in a file or the environment is wrong."""
    found = []
    for setting in declarations(config.extensions):
        for entry in config.entries.get(setting.name, ()):
            try:
                setting.parse(entry)
            except ConfigError as error:
                found.append(error)
    return found


def check_written(config: Config) -> None:
    """Parse what files and environment say about the settings that this process declares.

    For services at their start: a setting that is read while they run must not fail then.
    Raises ConfigError for the first that is wrong.
    """
    for name in config.entries:
        if name in DECLARED:
            DECLARED[name].parse(config.entries[name][0])


def find_declaration(config: Config, name: str) -> Setting[Any]:
    """Return the declaration of a setting, imported where needed.

    Raises ConfigError with the nearest name for one that nothing declares.
    """
    found = declaration(name, config.extensions)
    if found is None:
        raise no_such_setting("", name, declared_names(config.extensions))
    return found


def no_such_setting(place: str, name: str, known: Iterable[str]) -> ConfigError:
    """Make the error for a name that nothing declares, with the nearest one that is."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return ConfigError(
        f"{place}: there is no setting {name}" if place else f"there is no setting {name}",
        hint=f"did you mean {near[0]}?" if near else "`poser config list` names them all",
    )


def _unknown(unknown: Sequence[Entry], known: Iterable[str]) -> ConfigError:
    """Make the error for keys that nothing declares: about the first, naming the others."""
    error = no_such_setting(unknown[0].place, unknown[0].key, known)
    if others := ", ".join(f"{entry.key} ({entry.place})" for entry in unknown[1:]):
        error.hint += f" Nor is there {others}"
    return error


def _from_variable(environment: Mapping[str, str]) -> list[Path]:
    named = environment.get("POSER_CONFIG", "")
    return [Path(name) for name in named.split(":") if name] or [DEFAULT_PATH]


def _installed(config: Config) -> tuple[str, ...]:
    """Name the extensions. Raises ConfigError for one that is not there to be asked."""
    for name in config.extensions:
        if not name.isidentifier() or find_spec(name) is None:
            entry = config.entries[_EXTENSIONS][0]
            raise ConfigError(
                f"{entry.place}: extension {name} is not installed",
                hint="install it beside Poser, or take it out of [poser] extensions",
            )
    return config.extensions
