# SPDX-License-Identifier: Apache-2.0
"""A live line while a file is read, on a terminal; silence elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from poser.importing.opening import Opened


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
