# SPDX-License-Identifier: Apache-2.0
"""Long work that people start in the web app: a queue, and the service that does it.

`ask` writes a task down in the transaction of whoever asks; the service `poser-tasks` takes
it and does it in a process of its own, as the user who asked. A kind of work is a function in
a module of `poser/tasks/kinds/`. See docs/decisions/0029-tasks.md.
"""

from poser.tasks.asking import CHANGES, WAITING, Piece, ask, cancel

__all__ = ["CHANGES", "WAITING", "Piece", "ask", "cancel"]
