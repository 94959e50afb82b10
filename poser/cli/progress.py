# SPDX-License-Identifier: Apache-2.0
"""A live line while a file is read or a run goes on, on a terminal; silence elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Self

from poser.importing.opening import Opened

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import TaskID

    from poser.importing.watching import Progress as Step
    from poser.importing.watching import Watch


@contextmanager
def watching() -> Iterator[Callable[[Opened], None]]:
    """Give a function to call with an open file now and then; it shows how far that is."""
    if not sys.stderr.isatty():
        yield lambda _file: None
        return
    from rich.console import Console  # noqa: PLC0415 - slow, and only for people
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        tasks = {}

        def show(file: Opened) -> None:
            if file.name not in tasks:
                tasks[file.name] = progress.add_task(file.name, total=file.size)
            progress.update(tasks[file.name], completed=file.read)

        yield show


@contextmanager
def watching_run(*, quiet: bool = False) -> "Iterator[Watch]":
    """Give what a run calls to say how far it is; it shows that with rate and time left."""
    if quiet or not sys.stderr.isatty():
        yield lambda _step: None
        return
    from rich.console import Console  # noqa: PLC0415 - slow, and only for people

    with RunLines(Console(stderr=True)) as lines:
        yield lines.show


class RunLines:
    """A live line for each step of a run: how far it is, how fast, and how long it will take."""

    def __init__(self, console: "Console") -> None:
        from rich.progress import (  # noqa: PLC0415
            BarColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %", justify="right"),
            TextColumn("{task.fields[said]}"),
            TimeRemainingColumn(elapsed_when_finished=True),
            console=console,
            transient=True,
        )
        self._tasks: dict[str, tuple[TaskID, float]] = {}

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def show(self, step: "Step") -> None:
        """Show how far a run is."""
        name = f"{step.step} {step.model}".strip()
        if name not in self._tasks:
            self._end_others()
            self._tasks[name] = (self._bar.add_task(name, total=None, said=""), monotonic())
        task, began = self._tasks[name]
        said = ""
        if step.records:
            took = monotonic() - began
            rate = f", {step.records / took:,.0f}/s" if took > 1 else ""
            said = f"{step.records:,} records{rate}"
        self._bar.update(task, completed=step.done, total=step.total, said=said)

    def _end_others(self) -> None:
        """Stop the clocks of what came before: one step follows the other."""
        for task, _ in self._tasks.values():
            self._bar.update(task, total=1, completed=1)
            self._bar.stop_task(task)
