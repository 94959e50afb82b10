# SPDX-License-Identifier: Apache-2.0
"""What a kind of work gets and gives: the task, the node's databases, and how far it is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from poser.config import Config
from poser.extensions.packages import Extension
from poser.model.tasks import TaskStatus

Tell = Callable[[Mapping[str, object]], None]
"""Is called with how far the work is; raises KeyboardInterrupt when it is to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One task as whoever does it sees it; files lie in the folder that the process is in."""

    params: Mapping[str, Any]
    engines: Mapping[str, Engine]
    config: Config
    extensions: Sequence[Extension] = ()
    files: Mapping[str, Path] = field(default_factory=dict)
    tell: Tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """What came of a task, in a sentence, and the page that shows more of it."""

    message: str
    path: str = ""
    hint: str = ""
    status: TaskStatus = TaskStatus.DONE


Do = Callable[[Work], Came]
