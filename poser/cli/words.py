# SPDX-License-Identifier: Apache-2.0
"""The first words behind `poser`: its own, and those of the extensions of this node."""

import os
from collections.abc import Mapping
from functools import cached_property
from typing import cast

import click

from poser.cli.folders import Folder
from poser.config.load import DEFAULT_PATH, read
from poser.errors import ConfigError
from poser.extensions.commands import commands
from poser.extensions.configured import extensions
from poser.extensions.modules import imported
from poser.extensions.packages import Extension


class Words(Folder):
    """Poser's own commands, and those that extensions bring.

    Poser's own run whatever the settings say, so that `poser config check` can tell what
    is wrong with them. Without settings that can be read there are no others.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands, sorted."""
        return sorted({*super().list_commands(ctx), *_Extended.of(ctx, self).words})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of a command."""
        if cmd_name in super().list_commands(ctx):
            return super().get_command(ctx, cmd_name)
        extended = _Extended.of(ctx, self)
        if cmd_name in extended.words:
            return cast("click.Command", imported(*extended.words[cmd_name]).command)
        if extended.trouble:
            raise extended.trouble  # it may be an extension's
        return None

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Say so where the settings name extensions that cannot be found."""
        trouble = _Extended.of(ctx, self).trouble
        if trouble:
            formatter.write_paragraph()
            formatter.write_text(f"Commands of extensions are missing here: {trouble}")


class _Extended:
    """What the extensions of this node add to one run of the command line."""

    def __init__(self, ctx: click.Context, own: Folder) -> None:
        self._paths = ctx.params.get("paths") or None
        self._own = own
        self.trouble: ConfigError | None = None

    @classmethod
    def of(cls, ctx: click.Context, own: Folder) -> "_Extended":
        """Return it, read once for each run."""
        meta: dict[str, object] = ctx.meta
        return cast("_Extended", meta.setdefault(cls.__qualname__, cls(ctx, own)))

    @cached_property
    def words(self) -> Mapping[str, tuple[Extension, str]]:
        """The words, with the module of each; none where there is no node at all."""
        if not self._paths and not os.environ.get("POSER_CONFIG") and not is_node():
            return {}
        try:
            found = extensions(read(self._paths))
        except ConfigError as error:
            self.trouble = error
            return {}
        return commands(found, self._own.modules)


def is_node() -> bool:
    """Tell whether this machine has settings; also when this user may not look at them."""
    try:
        return DEFAULT_PATH.exists()
    except PermissionError:
        return True
