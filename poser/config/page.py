# SPDX-License-Identifier: Apache-2.0
"""The page of all settings, written from their declarations: `python -m poser.config.page`."""

import sys
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from poser.config.declared import declarations
from poser.config.describing import where_it_may_stand
from poser.config.settings import Setting

HEAD = """\
# Settings

<!-- Written by `python -m poser.config.page > docs/settings.md` from the declarations in the
     source; a test holds this page against them. Change the declarations. -->

What wins, how files inherit and how to change a setting is in
[the how-to](howto/settings.md). The environment variable of a setting is its name in capitals
with POSER in front: `web.workers` is `POSER_WEB_WORKERS`. On a node, `poser config list` says
what each one is, and `poser config explain KEY` why.
"""


def page(settings: Iterable[Setting[Any]]) -> str:
    """Write the page: a table for each section."""
    ordered = sorted(settings, key=lambda setting: setting.name)
    sections = groupby(ordered, key=lambda setting: setting.name.partition(".")[0])
    return HEAD + "".join(_section(name, found) for name, found in sections)


def _section(name: str, settings: Iterable[Setting[Any]]) -> str:
    rows = "\n".join(_row(setting) for setting in settings)
    return f"""
## {name}

| setting | what it is for | type | default | may stand in | after a change |
|---|---|---|---|---|---|
{rows}
"""


def _row(setting: Setting[Any]) -> str:
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in _cells(setting))} |"


def _cells(setting: Setting[Any]) -> Iterator[str]:
    yield f"`{setting.name}`"
    yield setting.doc
    yield ", ".join(word for word in (setting.kind.name, setting.bounds) if word)
    default = setting.value_of_default()
    if default is None:
        yield "none: must be written"
    else:
        text = setting.kind.text(default)
        yield f"`{text}`" if text else "empty"
    yield where_it_may_stand(setting)
    yield "restart" if setting.restart else "at once"


if __name__ == "__main__":
    sys.stdout.write(page(declarations()))
