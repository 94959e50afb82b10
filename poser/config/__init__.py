# SPDX-License-Identifier: Apache-2.0
"""Settings: declared once beside their reader, read from environment, files and database.

A reader declares what it reads and calls the declaration to read it:

    WORKERS = Setting("web.workers", int, default=2, low=1, high=64, doc="Processes.")
    NEW_GRID = Flag("web.new_grid", doc="Show the new grid of products.")
    ...
    workers = WORKERS(config)
    if NEW_GRID(config, user_roles=visitor.user_roles): ...

A file says `[web]` and `workers = 4`, the environment POSER_WEB_WORKERS=4, and
`poser config set web.workers 4` the database. A key that nothing declares is an error,
so a mistyped name cannot go unnoticed. What wins is in poser.config.view.

A service calls `check_written` once at its start and follows the rows with
`poser.settings.Live`; a setting is read when it is needed, never while a module is
imported. A new declaration belongs into docs/settings.md: `python -m poser.config.page`.
"""

from poser.config.entries import Entry, Origin, Row
from poser.config.load import DEFAULT_PATH, Config, check_written, load, problems
from poser.config.settings import Flag, Setting

__all__ = [
    "DEFAULT_PATH",
    "Config",
    "Entry",
    "Flag",
    "Origin",
    "Row",
    "Setting",
    "check_written",
    "load",
    "problems",
]
