# SPDX-License-Identifier: Apache-2.0
"""Groups of commands whose further words are the keys of handlers, Poser's and extensions'.

Listing them imports none: a handler is loaded when its word is typed, and says then which
options it takes.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

import click

from poser.cli.app import Node
from poser.cli.folders import Folder
from poser.cli.output import write_columns, write_json
from poser.errors import PoserError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from poser.extensions.packages import Extension
    from poser.importing.found import Found


def write_handlers(handlers: "Mapping[str, Found]", *, as_json: bool) -> None:
    """List handlers with their titles; those of extensions say whose they are."""
    if as_json:
        write_json(
            [
                {"key": one.key, "title": one.title, "of": str(one.extension or "poser")}
                for one in handlers.values()
            ]
        )
        return
    write_columns(
        [
            (one.key, one.title + (f" ({one.extension})" if one.extension else ""))
            for one in handlers.values()
        ]
    )


def node_of(context: click.Context) -> Node:
    """Give the node of a command, with the tables of its extensions: handlers may name them."""
    from poser.extensions.models import load_models  # noqa: PLC0415 - slow

    node = context.find_object(Node)
    assert node is not None  # noqa: S101 - the first word made it
    load_models(node.extensions)
    return node


class HandlerCommand(click.Command):
    """The command of one handler.

    `described` gives its help and its parameters when it is named; `run` gets what was typed.
    """

    def __init__(
        self,
        found: "Found",
        described: "Callable[[Found], tuple[str, Sequence[click.Parameter]]]",
        run: "Callable[[click.Context, Found, Mapping[str, Any]], None]",
    ) -> None:
        super().__init__(found.key, short_help=found.title)
        self._found = found
        self._described = described
        self._run = run

    def make_context(self, *words: Any, **extra: Any) -> click.Context:  # noqa: ANN401 - click's signature
        """Load the handler, then go on as any other command."""
        self.help, parameters = self._described(self._found)
        self.params = list(parameters)
        return super().make_context(*words, **extra)

    def invoke(self, ctx: click.Context) -> None:
        """Run it with what was typed."""
        self._run(ctx, self._found, ctx.params)


class Handlers(Folder):
    """The commands of a package, and one for each handler that `listed` finds.

    `made` makes the command of a handler. Poser's own words work whatever extensions do.
    """

    def __init__(
        self,
        *words: Any,  # noqa: ANN401 - click's signature
        listed: "Callable[[Sequence[Extension]], Mapping[str, Found]]",
        made: "Callable[[Found], click.Command]",
        **options: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*words, **options)
        self._listed = listed
        self._made = made

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands and the handlers, sorted."""
        return sorted({*super().list_commands(ctx), *self._keys(ctx).keys})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of a command, or make the command of a handler."""
        if cmd_name in super().list_commands(ctx):
            return super().get_command(ctx, cmd_name)
        known = self._keys(ctx)
        if cmd_name in known.keys:
            return self._made(known.keys[cmd_name])
        if known.trouble:
            raise known.trouble  # it may be an extension's
        return None

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Say so where handlers of extensions cannot be found."""
        if trouble := self._keys(ctx).trouble:
            formatter.write_paragraph()
            formatter.write_text(f"Handlers of extensions are missing here: {trouble}")

    def _keys(self, ctx: click.Context) -> "_Keys":
        """Find the handlers, once for each run of the command line."""
        name = f"{type(self).__qualname__} {self.name} {self.package}"
        meta: dict[str, Any] = ctx.meta
        if name not in meta:
            meta[name] = self._found(ctx)
        found: _Keys = meta[name]
        return found

    def _found(self, ctx: click.Context) -> "_Keys":
        node = ctx.find_object(Node)
        try:
            keys = self._listed(node.extensions_if_any if node else ())
        except PoserError as error:
            return _Keys(self._listed(()), error)
        own = super().list_commands(ctx)
        hidden = [one for key, one in keys.items() if key in own and one.extension]
        if not hidden:
            return _Keys(keys, None)
        trouble = PoserError(
            f"{hidden[0].place}: the key {hidden[0].key!r} is a word of {ctx.command_path}",
            hint="give the handler another key",
        )
        return _Keys(keys, trouble)


class _Keys(NamedTuple):
    """The handlers by key, and why those of extensions are not among them."""

    keys: "Mapping[str, Found]"
    trouble: PoserError | None
