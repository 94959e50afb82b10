# SPDX-License-Identifier: Apache-2.0
"""`poser doctor`: whether this node is well."""

import json
import sys
from collections.abc import Iterable, Mapping
from typing import IO, TYPE_CHECKING, Any

import click

from poser.cli.app import DIFFERS, Node, pass_node
from poser.cli.databases import as_json
from poser.cli.output import write_columns, write_json
from poser.errors import PoserError

if TYPE_CHECKING:
    from poser.doctor import Check, Finding

_COLORS = {"ok": "green", "warning": "yellow", "wrong": "red", "not known": "bright_black"}
_STATE_WIDTH = len("not known")


@click.command()
@click.argument("names", nargs=-1, metavar="[CHECK]...")
@click.option("--list", "only_list", is_flag=True, help="Show which checks there are.")
@as_json
@click.option(
    "--root-saw",
    type=click.File(encoding="utf-8"),
    hidden=True,  # /usr/local/bin/poser brings it
    help="What poser.machine.examine wrote.",
)
@pass_node
@click.pass_context
def command(
    context: click.Context,
    node: Node,
    names: tuple[str, ...],
    *,
    only_list: bool,
    as_json: bool,
    root_saw: IO[str] | None,
) -> None:
    """Look whether this node is as it should be; exits with 3 if anything is wrong.

    Each check ends as ok, warning, wrong or not known, with what to do next. Nothing is
    changed, and nobody is asked over a network. Some of it only root can see: without root
    those checks say so.

    \b
    Examples:
      sudo poser doctor
      poser doctor schema clock
      poser doctor --list
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.doctor import State, Subject, chosen, look  # noqa: PLC0415 - slow

    wanted = chosen(names)
    if only_list:
        _list(wanted, as_json=as_json)
        return
    subject = Subject(node=node, root_saw=_read(root_saw))
    width = max(len(check.name) for check in wanted)
    found: dict[str, Finding] = {}
    for check in wanted:
        with _saying(check.name, quiet=as_json):
            found[check.name] = look(check, subject)
        if not as_json:
            _write(check.name.ljust(width), found[check.name])
    states = [finding.state for finding in found.values()]
    if as_json:
        write_json([{"name": name, **_plain(finding)} for name, finding in found.items()])
    else:
        click.echo(_total(states))
    context.exit(DIFFERS if State.WRONG in states else 0)


def _read(root_saw: IO[str] | None) -> Mapping[str, Any] | None:
    """Read what root saw; nothing at all comes from a machine without the kit."""
    if root_saw is None:
        return None
    text = root_saw.read().strip()
    try:
        found = json.loads(text) if text else {}
    except ValueError as error:
        raise PoserError(f"what root saw is no JSON: {error}", hint="sudo poser doctor") from error
    return found if isinstance(found, dict) else {}


def _list(wanted: "Iterable[Check]", *, as_json: bool) -> None:
    if as_json:
        write_json([{"name": c.name, "means": c.means, "mend": c.mend} for c in wanted])
        return
    pairs = [((check.name, check.means), ("", f"mend: {check.mend}")) for check in wanted]
    write_columns([row for pair in pairs for row in pair])


class _saying:  # noqa: N801 - reads as a word
    """Shows on a terminal which check is at work, and takes that back."""

    def __init__(self, name: str, *, quiet: bool) -> None:
        self._words = "" if quiet or not sys.stderr.isatty() else f"looking at {name} ..."

    def __enter__(self) -> None:
        click.echo(self._words, nl=False, err=True)

    def __exit__(self, *_: object) -> None:
        if self._words:
            click.echo("\r" + " " * len(self._words) + "\r", nl=False, err=True)


def _write(name: str, finding: "Finding") -> None:
    """Write one line; click takes the color off where nobody looks."""
    state = click.style(finding.state.ljust(_STATE_WIDTH), fg=_COLORS[finding.state])
    click.echo(f"{name}  {state}  {finding.sentence}")
    before = " " * (len(name) + _STATE_WIDTH + 4)
    for line in finding.details:
        click.echo(f"{before}{line}")
    if finding.hint:
        click.echo(f"{before}hint: {finding.hint}")


def _plain(finding: "Finding") -> dict[str, object]:
    return {
        "state": finding.state,
        "sentence": finding.sentence,
        "details": list(finding.details),
        "hint": finding.hint,
    }


def _total(states: list[Any]) -> str:
    """Sum up: how many checks ended in which way."""
    if all(state == "ok" for state in states):
        return f"all is well: {len(states)} check{'s' if len(states) > 1 else ''}"
    counts = {state: states.count(state) for state in _COLORS}
    return ", ".join(f"{count} {state}" for state, count in counts.items() if count)
