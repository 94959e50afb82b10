# SPDX-License-Identifier: Apache-2.0
"""`poser config check`: whether every setting is right, wherever it is written."""

import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import click

from poser.cli.app import DIFFERS, Node, pass_node
from poser.cli.commands.config._rows import rows
from poser.cli.databases import as_json
from poser.cli.output import write_json
from poser.config import Config, Origin
from poser.config.secret_files import PREFIX
from poser.errors import ConfigError, PoserError


@click.command()
@click.option("--files", "only_files", is_flag=True, help="Leave the database alone.")
@as_json
@pass_node
@click.pass_context
def command(context: click.Context, node: Node, *, only_files: bool, as_json: bool) -> None:
    """Read all settings and say what is wrong with them.

    Exits with 1 for something wrong in a file or the environment, because programs do not
    start with it. Exits with 3 for a row of the database that is wrong: programs go on
    without it, with what is next in order, and say so in their logs.

    \b
    Examples:
      poser config check
      poser -c ./my.conf config check --files
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.config import problems  # noqa: PLC0415 - imports what declares settings

    config = node.config
    wrong = problems(config)
    wrong_rows = [] if only_files else list(_wrong_rows(node))
    open_secrets = list(_open_secrets(config))
    if as_json:
        _write(wrong, wrong_rows, open_secrets)
    else:
        for one in wrong_rows:
            click.echo(f"error: {one.message}\nhint: {one.hint}", err=True)
        for words in open_secrets:
            click.echo(f"warning: {words}", err=True)
        for one in wrong[1:]:
            click.echo(f"error: {one.message}", err=True)
    if wrong:
        raise PoserError(wrong[0].message, hint=wrong[0].hint)
    if wrong_rows:
        context.exit(DIFFERS)
    if not as_json:
        files = ", ".join(str(path) for path in config.paths)
        click.echo(f"{files}: {len(config.entries)} settings, all right")


def _wrong_rows(node: Node) -> Iterator[ConfigError]:
    from poser.config.declared import declaration  # noqa: PLC0415 - imports much
    from poser.config.view import wrong_row  # noqa: PLC0415

    for row in rows(node, command="config check"):
        wrong = wrong_row(row, declaration(row.name, node.config.extensions))
        if wrong is not None:
            yield wrong


def _open_secrets(config: Config) -> Iterator[str]:
    """Warn of secrets in files that everyone may read; an address without a password is none."""
    from poser.config.declared import declarations  # noqa: PLC0415 - imports much

    for setting in declarations(config.extensions):
        for entry in config.entries.get(setting.name, ()):
            is_open = entry.origin is Origin.FILE and _everyone_reads(entry.place)
            if setting.secret and is_open and _is_secret(entry.value):
                yield (
                    f"{entry.place}: {setting.name} is a secret in a file that everyone can read;"
                    f" chmod o-r the file, or write `{PREFIX}PATH` of one that only the service"
                    " can read"
                )


def _everyone_reads(place: str) -> bool:
    return bool(Path(place.rpartition(":")[0]).stat().st_mode & stat.S_IROTH)


def _is_secret(value: str) -> bool:
    if value.startswith(PREFIX):
        return False
    if "://" in value:
        try:
            return urlsplit(value).password is not None or "password" in urlsplit(value).query
        except ValueError:
            return True
    return bool(value)


def _write(
    wrong: list[ConfigError], wrong_rows: list[ConfigError], open_secrets: list[str]
) -> None:
    write_json(
        {
            "errors": [{"message": one.message, "hint": one.hint} for one in wrong],
            "rows": [{"message": one.message, "hint": one.hint} for one in wrong_rows],
            "warnings": open_secrets,
        }
    )
