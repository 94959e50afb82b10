# SPDX-License-Identifier: Apache-2.0
"""Rows that change in place, drawn by rich; loaded only when there is something to show."""

import time
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from control.paint import paint_diff


class LiveRows:
    """One row for each machine: what it does and for how long. Not for several threads at once."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._console = Console(highlight=False, markup=False)
        self._texts: dict[str, str] = {}
        self._since: dict[str, float] = {}
        self._live = Live(console=self._console, refresh_per_second=8, transient=True)
        self._live.start()
        for machine, text in texts.items():
            self.update(machine, text)

    def update(self, machine: str, text: str) -> None:
        """Show `text` in the row of a machine; its clock starts anew with a new first word."""
        first = text.partition(":")[0]
        if self._texts.get(machine, "").partition(":")[0] != first:
            self._since[machine] = time.monotonic()
        self._texts[machine] = text
        self._live.update(self._table())

    def print_changed(self, machine: str, event: Mapping[str, Any]) -> None:
        """Print above the rows what was changed, why, and the difference if there is one."""
        line = Text.assemble(
            (f"{machine}  ", "bold"),
            (event["key"], "green"),
            (f"  {event.get('reason', '')}", "dim"),
            (f"  {event.get('seconds', 0):.1f} s", "dim"),
        )
        self._console.print(line, overflow="ellipsis", no_wrap=True)
        if event.get("diff"):
            self._console.print(Text.from_ansi(paint_diff(event["diff"])))

    def close(self) -> None:
        """Take the rows away; what was printed above them stays."""
        self._live.stop()

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 2))
        for machine, text in self._texts.items():
            since = self._since[machine]
            row = Spinner("dots", Text(f"{machine or 'lab'}  ", "bold"))
            table.add_row(row, Text(text, overflow="ellipsis", no_wrap=True), _Clock(since))
        return table


class _Clock:
    """The seconds since something began, drawn anew with every frame."""

    def __init__(self, since: float) -> None:
        self._since = since

    def __rich__(self) -> Text:
        return Text(f"{time.monotonic() - self._since:.0f} s", "dim")
