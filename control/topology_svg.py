# SPDX-License-Identifier: Apache-2.0
"""Draws a topology as SVG: the host on the left, the nodes that dial it on the right."""

from collections.abc import Iterator
from html import escape

from control.status import Status
from control.topology import Health, Line, Topology

_WIDTH, _BOX, _HEIGHT, _ROW, _MARGIN = 860, 250, 62, 86, 28
_RIGHT = _WIDTH - _MARGIN - _BOX
_STYLE = """
  svg { --paper: #ffffff; --box: #f4f6f8; --edge: #c3ccd6; --ink: #1b2530; --dim: #5b6875;
        --well: #16794a; --warning: #8f5b00; --wrong: #b3261e; --unknown: #6b7783; }
  @media (prefers-color-scheme: dark) {
    svg { --paper: #14191f; --box: #1e262e; --edge: #3c4853; --ink: #e8edf2; --dim: #a3b0bc;
          --well: #5ed39b; --warning: #f0b95b; --wrong: #ff8f86; --unknown: #9aa7b3; } }
  .paper { fill: var(--paper); } .box { fill: var(--box); stroke: var(--edge); }
  text { font: 14px system-ui, sans-serif; fill: var(--ink); }
  .name { font-weight: 600; font-size: 15px; } .dim { fill: var(--dim); font-size: 13px; }
  path { fill: none; stroke-width: 2; }
  .unknown path { stroke-dasharray: 5 5; } .wrong path { stroke-dasharray: 2 4; }
"""


def svg(found: Topology) -> str:
    """Return the drawing; it follows the reader's choice of light or dark."""
    left = [each for each in found.machines if found.line_of(each.name) is None]
    right = [each for each in found.machines if found.line_of(each.name)]
    height = 2 * _MARGIN + _ROW * max(len(left), len(right)) - (_ROW - _HEIGHT)
    size = f'viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title">',
            f'<title id="title">{escape(_title(found))}</title>',
            f"<style>{_STYLE}{_colours()}</style>",
            f'<rect class="paper" width="{_WIDTH}" height="{height}"/>',
            *_column(found, left, right, height),
            "</svg>\n",
        ]
    )


def _title(found: Topology) -> str:
    up = sum(each.up for each in found.machines)
    well = sum(line.health is Health.WELL for line in found.lines)
    return f"{up} of {len(found.machines)} machines up, {well} of {len(found.lines)} lines in step"


def _colours() -> str:
    return "".join(
        f"  .{one} path {{ stroke: var(--{one}); }} .{one} .says, .{one}.says"
        f" {{ fill: var(--{one}); }}\n"
        for one in Health
    )


def _column(
    found: Topology, left: list[Status], right: list[Status], height: float
) -> Iterator[str]:
    """Yield lines first, so that boxes lie on them."""
    tops_left, tops_right = _tops(len(left), height), _tops(len(right), height)
    for each, top in zip(right, tops_right, strict=True):
        line = found.line_of(each.name)
        if line:
            yield from _line(line, tops_left[0] + _HEIGHT / 2, top + _HEIGHT / 2)
    for each, top in zip(left, tops_left, strict=True):
        yield from _box(found, each, _MARGIN, top)
    for each, top in zip(right, tops_right, strict=True):
        yield from _box(found, each, _RIGHT, top)


def _tops(count: int, height: float) -> list[float]:
    """Return where boxes begin that stand in the middle of the height."""
    first = (height - _ROW * count + (_ROW - _HEIGHT)) / 2
    return [first + _ROW * place for place in range(count)]


def _line(line: Line, begins: float, ends: float) -> Iterator[str]:
    """Yield a line from the host to a node, and its state above its end."""
    start, end = _MARGIN + _BOX, _RIGHT
    bend = start + 70
    yield f'<g class="{line.health}">'
    yield (
        f'<path d="M{start} {begins:g} C{bend} {begins:g} {start + 20} {ends:g}'
        f' {bend + 20} {ends:g} H{end}"/>'
    )
    why = f"<title>{escape(line.why)}</title>" if line.why else ""
    yield (
        f'<text class="says" x="{end - 12}" y="{ends - 8:g}" text-anchor="end">'
        f"{why}{escape(line.says)}</text></g>"
    )


def _box(found: Topology, each: Status, x: float, y: float) -> Iterator[str]:
    stores = found.stores.get(each.name, ())
    kind = f"{each.role} {'+'.join(stores)}" if stores else each.role
    state, health = ("up", Health.WELL) if each.up else ("down", Health.WRONG)
    yield f'<g transform="translate({x:g} {y:g})">'
    yield f'<rect class="box" width="{_BOX}" height="{_HEIGHT}" rx="8"/>'
    yield f'<text class="name" x="14" y="26">{escape(each.name)}</text>'
    yield f'<text class="dim" x="14" y="47">{escape(kind)} · {escape(each.address or "-")}</text>'
    yield (
        f'<text class="says {health}" x="{_BOX - 14}" y="26" text-anchor="end">{state}</text></g>'
    )
