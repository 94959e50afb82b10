# SPDX-License-Identifier: Apache-2.0
"""The page of all settings is what the declarations say."""

from pathlib import Path

from poser.config import Setting
from poser.config.declared import declarations
from poser.config.page import page
from poser.config.settings import DECLARED

PAGE = Path(__file__).resolve().parents[3] / "docs/settings.md"


def test_the_page_is_up_to_date() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert written == page(declarations()), "python -m poser.config.page > docs/settings.md"


def test_a_row_says_all_that_was_declared() -> None:
    setting = Setting("test.x", int, default=3, low=1, high=9, doc="How many | of them.")
    try:
        (row,) = [line for line in page([setting]).splitlines() if "test.x" in line]
    finally:
        del DECLARED["test.x"]
    assert row == (
        "| `test.x` | How many &#124; of them. | whole number, 1 to 9 | `3` |"
        " files, environment, database | restart |"
    )
