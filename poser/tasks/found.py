# SPDX-License-Identifier: Apache-2.0
"""Which kinds of work there are: `WORK` of each module in `poser/tasks/kinds/`."""

import importlib
import pkgutil
from collections.abc import Mapping

from poser.errors import PoserError
from poser.tasks.work import Do

KINDS = "poser.tasks.kinds"


def kinds() -> Mapping[str, Do]:
    """List what can be done, by the name of its kind. Raises PoserError for a name twice."""
    found: dict[str, Do] = {}
    folder = importlib.import_module(KINDS)
    for name in sorted(one.name for one in pkgutil.iter_modules(folder.__path__)):
        module = importlib.import_module(f"{KINDS}.{name}")
        for kind, do in module.WORK.items():
            if found.setdefault(kind, do) is not do:
                raise PoserError(f"two modules of {KINDS} do tasks of the kind {kind!r}")
    return found
