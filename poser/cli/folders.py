# SPDX-License-Identifier: Apache-2.0
"""Groups of commands that are found by listing a folder, so that nothing keeps a second list.

A module of the folder, or a folder in it, is one word of the command line; its click command
is called `command`. A word that Python keeps for itself has an underscore behind it
(`import_.py`), and an underscore inside is typed as a hyphen.
"""

import pkgutil
from functools import cached_property
from importlib import import_module
from typing import Any, cast

import click


class Folder(click.Group):
    """The commands of one package, imported when they are named; none without a package.

    @click.group(cls=Folder, package=__name__)
    def command() -> None: ...
    """

    def __init__(self, *words: Any, package: str, **options: Any) -> None:  # noqa: ANN401
        super().__init__(*words, **options)
        self.package = package

    @cached_property
    def modules(self) -> dict[str, str]:
        """The full names of the modules, by the word that is typed for each."""
        if not self.package:
            return {}
        path = import_module(self.package).__path__
        return {word(found.name): f"{self.package}.{found.name}" for found in _listed(path)}

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Name the commands, sorted."""
        return sorted({*self.modules, *self.commands})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of a command."""
        if cmd_name not in self.list_commands(ctx):
            return None
        if cmd_name in self.commands:
            return self.commands[cmd_name]
        return cast("click.Command", import_module(self.modules[cmd_name]).command)


def word(module: str) -> str:
    """Return what people type for a module."""
    return module.rstrip("_").replace("_", "-")


def _listed(path: Any) -> list[pkgutil.ModuleInfo]:  # noqa: ANN401 - a namespace path has no type
    return [found for found in pkgutil.iter_modules(path) if not found.name.startswith("_")]
