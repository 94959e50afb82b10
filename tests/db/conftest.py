# SPDX-License-Identifier: Apache-2.0
"""A node with migrated databases, and `poser` typed on it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from poser.cli.app import run
from poser.db.settings import URLS

Poser = Callable[..., int]


@pytest.fixture
def engines(new_database: Callable[[str], Engine]) -> dict[str, Engine]:
    """Make each database of a node."""
    return {name: new_database(name) for name in URLS}


@pytest.fixture
def config(engines: dict[str, Engine], tmp_path: Path) -> Path:
    """Write the settings of the node."""
    lines = []
    for name, setting in URLS.items():
        url = engines[name].url.render_as_string(hide_password=False)
        lines.append(f"[{setting.name.partition('.')[0]}]\nurl = {url}\n")
    path = tmp_path / "poser.conf"
    path.write_text("".join(lines), encoding="utf-8")
    return path


@pytest.fixture
def poser(config: Path) -> Poser:
    """Give a function that runs `poser` with words behind it."""
    return lambda *words: run(("-c", str(config), *words))
