# SPDX-License-Identifier: Apache-2.0
"""Settings: declared once beside their reader, written in INI files that can inherit.

A reader declares what it reads and calls the declaration to read it:

    WORKERS = Setting("web.workers", int, default=2, low=1, high=64, doc="Processes.")
    ...
    workers = WORKERS(config)

A file says `[web]` and `workers = 4`. A key that nothing declares is an error, so a
mistyped name cannot go unnoticed.
"""

from poser.config.load import DEFAULT_PATH, Config, load, problems
from poser.config.settings import Setting

__all__ = ["DEFAULT_PATH", "Config", "Setting", "load", "problems"]
