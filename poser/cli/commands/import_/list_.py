# SPDX-License-Identifier: Apache-2.0
"""`poser import list`: which handlers there are, and what one of them brings."""

from typing import TYPE_CHECKING

import click

from poser.cli.app import Node, pass_node
from poser.cli.databases import as_json
from poser.cli.handlers import write_handlers
from poser.cli.output import write_columns, write_json

if TYPE_CHECKING:
    from poser.importing.handler import ImportHandler
    from poser.importing.importer import Importer

_DOES = ("creates", "updates", "deletes")


@click.command()
@click.argument("key", required=False)
@as_json
@pass_node
def command(node: Node, key: str | None, *, as_json: bool) -> None:
    """List the import handlers of this node, or what the one with KEY brings.

    With KEY: its models in the order in which their rows are made, what a run does unless
    it is told otherwise, and how each field is got.

    \b
    Examples:
      poser import list
      poser import list csv
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.importing.found import found, handler  # noqa: PLC0415

    if key:
        _write_one(handler(key, node.extensions_if_any), as_json=as_json)
        return
    write_handlers(found(node.extensions_if_any), as_json=as_json)


def _write_one(handler: "type[ImportHandler]", *, as_json: bool) -> None:
    models = [_described(one) for one in handler.importers]
    if as_json:
        write_json({"key": handler.key, "where": handler.where, "models": models})
        return
    click.echo(f"{handler.key}: {(handler.__doc__ or '').strip().partition(chr(10))[0]}")
    click.echo(f"--from: {handler.where}")
    for option in handler.options:
        default = f" (otherwise {option.default})" if option.default else ""
        click.echo(f"--{option.name}: {option.help}{default}")
    if not models:
        click.echo("models: as they are named, with the fields that the source has")
    for importer, one in zip(handler.importers, models, strict=True):
        does = ", ".join(name for name in _DOES if one[name])
        click.echo(f"\n{one['model']}: {(importer.__doc__ or '').strip().partition(chr(10))[0]}")
        click.echo(f"  from {one['source']}, by {', '.join(importer.key)}; {does or 'only looks'}")
        write_columns([(f"    {field}", how) for field, how in _fields(importer)])


def _described(importer: "type[Importer]") -> dict[str, object]:
    return {
        "model": importer.model.__name__,
        "source": importer.source or importer.model.__tablename__,
        "key": list(importer.key),
        "fields": dict(_fields(importer)),
        **{name: getattr(importer, name) for name in _DOES},
    }


def _fields(importer: "type[Importer]") -> "list[tuple[str, str]]":
    from poser.importing.explaining import how  # noqa: PLC0415

    return [(field.name, how(field)) for field in importer.fields]
