# SPDX-License-Identifier: Apache-2.0
"""Settings that are kept in the database: read at no cost, changed for all at once.

Three ways to go by the rows of the table `settings`, all through the same declarations:

- a command asks once, when it reads the first setting that a row may decide:
  `config.ask(lambda: rows_once(engine))`, which `poser.cli.app.Node` does for all;
- a service follows them: `Live`, started after the fork of each process;
- nothing is attached: files and environment alone.

`set_row` and `unset_row` write; who did it is kept by the history of the table.
"""

from poser.settings.live import Live
from poser.settings.rows import read_rows, rows_once
from poser.settings.writing import Change, set_row, unset_row

__all__ = ["Change", "Live", "read_rows", "rows_once", "set_row", "unset_row"]
