# SPDX-License-Identifier: Apache-2.0
"""`poser datasync status`: how far this node and its peers are in step."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from poser.cli.app import DIFFERS, Node, pass_node
from poser.cli.databases import as_json
from poser.cli.output import write_columns, write_json

if TYPE_CHECKING:
    from poser.datasync.statuses import PeerStatus

_HEADS = ("peer", "kind", "state", "behind", "lag", "parked", "given up", "conflicts", "seen (UTC)")


@click.command()
@click.option("--check", is_flag=True, help="End with 3 when somebody has to act.")
@click.option("--openmetrics", is_flag=True, help="Write what monitoring reads.")
@as_json
@pass_node
def command(node: Node, *, check: bool, openmetrics: bool, as_json: bool) -> int:
    """Show each peer: how far behind it is, and what of it waits or asks for a person.

    On the host these are all other nodes, on every other node it is the host.

    \b
    Examples:
      poser datasync status
      poser datasync status --json
      poser datasync status --check || echo somebody has to act
      poser datasync status --openmetrics > /var/lib/prometheus/node-exporter/poser.prom
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.datasync.settings import HOST_URL  # noqa: PLC0415 - slow
    from poser.datasync.statuses import own_queue, peers  # noqa: PLC0415
    from poser.db import transaction  # noqa: PLC0415

    engine = node.engine("poser", command="datasync status")
    with transaction(engine, read_only=True) as session:
        found, queue = peers(session), own_queue(session)
    if openmetrics:
        from poser.datasync.metrics import in_openmetrics  # noqa: PLC0415 - seldom needed

        click.echo(in_openmetrics(found, queue), nl=False)
    elif as_json:
        rows = [asdict(one) for one in found]
        for row in rows:
            for name in ("seen_at", "in_step_at"):
                row[name] = row[name].isoformat() if row[name] else None
        write_json({"peers": rows})
    elif not found:
        click.echo(_without_peers(is_dialling=bool(HOST_URL(node.config))))
    else:
        write_columns([_HEADS, *(_row(one) for one in found)])
        for one in found:
            if one.note:
                click.echo(f"{one.name}: {one.note}")
            if one.dropped:
                dropped = ", ".join(one.dropped)
                click.echo(f"{one.name} runs a newer release; not taken: {dropped}")
    return DIFFERS if check and any(one.needs_somebody for one in found) else 0


def _row(one: "PeerStatus") -> tuple[str, ...]:
    seen = one.seen_at.strftime("%Y-%m-%d %H:%M:%S") if one.seen_at else "never"
    lag = f"{one.lag_s:.0f} s" if one.behind else "-"
    counts = (str(count) if count else "-" for count in (one.parked, one.dead, one.conflicts_open))
    return (one.name, one.kind, one.state, str(one.behind), lag, *counts, seen)


def _without_peers(*, is_dialling: bool) -> str:
    if is_dialling:
        return "this node has not reached its host yet: journalctl -u poser-datasync says why"
    return "this node has no peers: it stands alone, or poser-datasync has not run yet"
