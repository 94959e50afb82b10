# SPDX-License-Identifier: Apache-2.0
"""The live line of a run: how far, how fast; nothing where nobody looks."""

import io
import time

import pytest
from rich.console import Console

from poser.cli.progress import RunLines, watching_run
from poser.importing.watching import Progress, Step


def seen(*steps: Progress, pause_s: float = 0.0) -> str:
    """Show steps on a made-up terminal; returns everything that was drawn."""
    drawn = io.StringIO()
    console = Console(file=drawn, force_terminal=True, width=120, color_system=None)
    with RunLines(console) as lines:
        for step in steps:
            lines.show(step)
            time.sleep(pause_s)
            lines._bar.refresh()
    return drawn.getvalue()


def reading(done: int, records: int, model: str = "Product") -> Progress:
    return Progress(
        step=Step.READING, model=model, done=done, total=100, unit="bytes", records=records
    )


def test_it_shows_how_far_and_how_fast_it_is() -> None:
    drawn = seen(reading(0, 1), reading(50, 120_000), pause_s=1.1)
    assert "reading Product" in drawn
    assert " 50 %" in drawn
    last = drawn.rpartition("120,000 records, ")[2]
    assert 30_000 < int(last.partition("/s")[0].replace(",", "")) < 120_000


def test_each_step_has_its_line() -> None:
    drawn = seen(
        reading(100, 10), reading(0, 5, "Vendor"), Progress(step=Step.WRITING, model="Product")
    )
    assert drawn.index("reading Product") < drawn.index("reading Vendor")
    assert "writing Product" in drawn


def test_the_lines_go_when_it_is_over() -> None:
    assert seen(reading(1, 1)).endswith("\x1b[2K")


def test_without_a_terminal_nothing_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    with watching_run() as watch:
        watch(reading(1, 1))
    assert capsys.readouterr() == ("", "")
