# SPDX-License-Identifier: Apache-2.0
"""Which checks there are, and how one is done."""

import importlib
import pkgutil
from collections.abc import Sequence
from difflib import get_close_matches

from poser.doctor.check import Check, Finding, not_known
from poser.doctor.subject import Subject, unanswered
from poser.errors import PoserError

PACKAGE = "poser.doctor.checks"


def checks() -> tuple[Check, ...]:
    """Find all checks, by the names of their modules."""
    path = importlib.import_module(PACKAGE).__path__
    names = sorted(found.name for found in pkgutil.iter_modules(path))
    return tuple(importlib.import_module(f"{PACKAGE}.{name}").CHECK for name in names)


def chosen(names: Sequence[str]) -> tuple[Check, ...]:
    """Return the checks of these names, or all; PoserError for a name that is none."""
    found = {check.name: check for check in checks()}
    for name in names:
        if name not in found:
            near = get_close_matches(name, found, n=1)
            raise PoserError(
                f"there is no check {name!r}",
                hint=f"did you mean {near[0]}?" if near else "poser doctor --list shows them",
            )
    return tuple(found[name] for name in dict.fromkeys(names)) or tuple(found.values())


def look(check: Check, subject: Subject) -> Finding:
    """Do one check; whatever goes wrong in it, the others are done as well."""
    try:
        return check.look(subject)
    except PoserError as error:
        return unanswered(error)
    except Exception as error:  # noqa: BLE001 - one check must not hide the others
        words = " ".join(str(getattr(error, "orig", None) or error).split())
        return not_known(f"the check itself failed: {type(error).__name__}: {words}")
